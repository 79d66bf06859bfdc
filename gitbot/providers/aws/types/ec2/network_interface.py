"""AWS::EC2::NetworkInterface as a table. Shell.

SubnetId, PrivateIpAddress, InterfaceType: replace. Description, GroupSet, SourceDestCheck, Tags: changed in
place. Attributes: Id, VpcId, PrimaryPrivateIpAddress, SecondaryPrivateIpAddresses, PrimaryIpv6Address.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags
from gitbot.providers.aws.types.ec2.users import users_of_interface

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def _with_tags(interface: Described) -> Iterator[Described]:
    """EC2 calls the tags of an interface otherwise than those of anything else."""
    yield {**interface, "Tags": interface.get("TagSet", ())}


def _interface(interface: Described) -> Properties:
    addresses = interface.get("PrivateIpAddresses", ())
    names = ("SubnetId", "PrivateIpAddress", "InterfaceType", "Description", "SourceDestCheck")
    return {
        **shown(*names, "VpcId", Id="NetworkInterfaceId")(interface),
        "GroupSet": [group["GroupId"] for group in interface.get("Groups", ())],
        "PrimaryPrivateIpAddress": interface.get("PrivateIpAddress"),
        "PrimaryIpv6Address": interface.get("Ipv6Address"),
        "SecondaryPrivateIpAddresses": [
            one["PrivateIpAddress"] for one in addresses if not one.get("Primary")
        ],
    }


def _creating(operation: Operation) -> Mapping[str, Any]:
    given = operation.properties
    groups = {"Groups": given["GroupSet"]} if given.get("GroupSet") else {}
    return {
        **shown("SubnetId", "PrivateIpAddress", "InterfaceType", "Description")(given),
        **groups,
    }


def _modified(name: str, parameter: str, removal: Removal | None, *, plain: bool) -> Surface:
    """An attribute, which the call takes as it is or in a map. Each call takes one attribute."""

    def write(aws: Connection, interface: str, value: Any) -> None:
        change = {parameter: value if plain else {"Value": value}}
        call = "modify_network_interface_attribute"
        aws.call("ec2", call, NetworkInterfaceId=interface, **change)

    return Surface(property=name, write=write, removal=removal)


_SURFACES = (
    _modified("Description", "Description", Removal(default="", says="it has none"), plain=False),
    _modified("GroupSet", "Groups", None, plain=True),
    _modified(
        "SourceDestCheck",
        "SourceDestCheck",
        Removal(default=True, says="traffic that is not its own is dropped"),
        plain=False,
    ),
)

NETWORK_INTERFACE = native_type(
    Table(
        name="AWS::EC2::NetworkInterface",
        noun="network interface",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_network_interfaces", "NetworkInterfaces"),
            by="network-interface-id",
            each=_with_tags,
            index=Index("ec2:network-interface"),
        ),
        identifier=lambda one: str(one["NetworkInterfaceId"]),
        shows=_interface,
        addresses=shown("NetworkInterfaceId"),
        create=Create(
            call="create_network_interface",
            sends=("SubnetId", "PrivateIpAddress", "InterfaceType", "Description", "GroupSet"),
            parameters=_creating,
            gives=lambda answer, _: answer["NetworkInterface"]["NetworkInterfaceId"],
            token="ClientToken",
        ),
        ready=lambda one: one["Status"] in ("available", "in-use"),
        delete=Delete(call="delete_network_interface", users=users_of_interface),
        tags=Ec2Tags("network-interface", "NetworkInterfaceId"),
        surfaces=_SURFACES,
        calls=("modify_network_interface_attribute",),
        filled=("PrivateIpAddress", "InterfaceType"),
        exclusive=("PrivateIpAddress",),
    )
)
