"""AWS::EC2::NetworkInterface as a table. Shell.

SubnetId, PrivateIpAddress, PrivateIpAddresses, InterfaceType: replace. Description, GroupSet, SourceDestCheck,
SecondaryPrivateIpAddressCount, Tags: changed in place. Attributes: Id, VpcId, PrimaryPrivateIpAddress, SecondaryPrivateIpAddresses, PrimaryIpv6Address.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags
from gitbot.providers.aws.types.ec2.users import users_of_interface

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


_COUNT = "SecondaryPrivateIpAddressCount"
_FIXED = ("SubnetId", "PrivateIpAddress", "PrivateIpAddresses", "InterfaceType")


def _with_tags(interface: Described) -> Iterator[Described]:
    """EC2 calls the tags of an interface otherwise than those of anything else."""
    yield {**interface, "Tags": interface.get("TagSet", ())}


_LISTING = Ec2Listing(
    *("describe_network_interfaces", "NetworkInterfaces"),
    by="network-interface-id",
    each=_with_tags,
    index=Index("ec2:network-interface"),
)


def _interface(interface: Described) -> Properties:
    names = ("SubnetId", "PrivateIpAddress", "InterfaceType", "Description", "SourceDestCheck")
    secondary = _secondary(interface)
    return {
        **shown(*names, "VpcId", Id="NetworkInterfaceId")(interface),
        "GroupSet": [group["GroupId"] for group in interface.get("Groups", ())],
        "PrimaryPrivateIpAddress": interface.get("PrivateIpAddress"),
        "PrimaryIpv6Address": interface.get("Ipv6Address"),
        "PrivateIpAddresses": [
            {"PrivateIpAddress": one["PrivateIpAddress"], "Primary": bool(one.get("Primary"))}
            for one in interface.get("PrivateIpAddresses", ())
        ],
        "SecondaryPrivateIpAddresses": secondary,
        "SecondaryPrivateIpAddressCount": len(secondary),
    }


def _secondary(interface: Described) -> list[str]:
    addresses = interface.get("PrivateIpAddresses", ())
    return [str(one["PrivateIpAddress"]) for one in addresses if not one.get("Primary")]


def _creating(operation: Operation) -> Mapping[str, Any]:
    given = operation.properties
    groups = {"Groups": given["GroupSet"]} if given.get("GroupSet") else {}
    return {**shown(*_FIXED, "Description", _COUNT)(given), **groups}


def _modified(name: str, parameter: str, removal: Removal | None, *, plain: bool) -> Surface:
    """An attribute, which the call takes as it is or in a map. Each call takes one attribute."""

    def write(aws: Connection, interface: str, value: Any) -> None:
        change = {parameter: value if plain else {"Value": value}}
        call = "modify_network_interface_attribute"
        aws.call("ec2", call, NetworkInterfaceId=interface, **change)

    return Surface(property=name, write=write, removal=removal)


def _write_count(aws: Connection, interface: str, value: Any) -> None:
    """Assign as many addresses as are missing, or take the last ones off."""
    [described] = _LISTING.by_id(aws, [interface])
    there, wanted = _secondary(described), int(value or 0)
    if more := max(0, wanted - len(there)):
        call = "assign_private_ip_addresses"
        aws.call("ec2", call, NetworkInterfaceId=interface, **{_COUNT: more})
    if less := there[wanted:]:
        call = "unassign_private_ip_addresses"
        aws.call("ec2", call, NetworkInterfaceId=interface, PrivateIpAddresses=less)


_SURFACES = (
    _modified("Description", "Description", Removal(default="", says="it has none"), plain=False),
    _modified("GroupSet", "Groups", None, plain=True),
    _modified(
        "SourceDestCheck",
        "SourceDestCheck",
        Removal(default=True, says="traffic that is not its own is dropped"),
        plain=False,
    ),
    Surface(
        property=_COUNT,
        write=_write_count,
        removal=Removal(default=0, says="it has its primary address alone"),
    ),
)
_CALLS = (
    *("assign_private_ip_addresses", "unassign_private_ip_addresses"),
    "modify_network_interface_attribute",
)

NETWORK_INTERFACE = native_type(
    Table(
        name="AWS::EC2::NetworkInterface",
        follows={"SecondaryPrivateIpAddresses": (_COUNT,)},
        noun="network interface",
        dialect=EC2,
        listing=_LISTING,
        identifier=lambda one: str(one["NetworkInterfaceId"]),
        shows=_interface,
        addresses=shown("NetworkInterfaceId"),
        create=Create(
            call="create_network_interface",
            sends=(*_FIXED, "Description", "GroupSet", _COUNT),
            parameters=_creating,
            gives=lambda answer, _: answer["NetworkInterface"]["NetworkInterfaceId"],
            token="ClientToken",
        ),
        ready=lambda one: one["Status"] in ("available", "in-use"),
        delete=Delete(call="delete_network_interface", users=users_of_interface),
        tags=Ec2Tags("network-interface", "NetworkInterfaceId"),
        surfaces=_SURFACES,
        calls=_CALLS,
        filled=("PrivateIpAddress", "InterfaceType"),
        exclusive=("PrivateIpAddress",),
        refine=refining({"/GroupSet": {"minItems": 1}}),
    )
)
