"""AWS::EC2::EIP as a table. Shell.

Domain, NetworkBorderGroup, PublicIpv4Pool, Address: replace. InstanceId, Tags: changed
in place. Attributes: PublicIp, AllocationId. Its identifier is ``203.0.113.5|eipalloc-…``.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags
from gitbot.providers.aws.types.ec2.users import users_of_address

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def _address_id(address: Described) -> str:
    return f"{address['PublicIp']}|{address['AllocationId']}"


def _allocation(remote_id: str) -> str:
    return remote_id.partition("|")[2]


_BY_ALLOCATION = Ec2Listing(*("describe_addresses", "Addresses"), by="allocation-id", paged=False)


def _whole(aws: Connection, allocations: Iterable[str]) -> Mapping[str, str]:
    """The identifiers of the addresses that exist, by their allocations: ARNs have only these."""
    found = _BY_ALLOCATION.by_id(aws, allocations)
    return {one["AllocationId"]: _address_id(one) for one in found}


_ADDRESSES = replace(_BY_ALLOCATION, value=_allocation, index=Index("ec2:elastic-ip", whole=_whole))


def _give_to(aws: Connection, remote_id: str, instance: Any) -> None:
    """Give the address to the instance; for None, take it off the one that has it."""
    if instance is not None:
        aws.call(
            *("ec2", "associate_address"),
            AllocationId=_allocation(remote_id),
            InstanceId=instance,
            AllowReassociation=True,
        )
        return
    for address in _ADDRESSES.by_id(aws, [remote_id]):
        if address.get("InstanceId"):
            aws.call("ec2", "disassociate_address", AssociationId=address["AssociationId"])


def _address(address: Described) -> Properties:
    names = ("PublicIp", "AllocationId", "NetworkBorderGroup", "PublicIpv4Pool")
    given = {"InstanceId": address.get("InstanceId") or None, "Address": address["PublicIp"]}
    return {**shown(*names)(address), "Domain": "vpc", **given}


def _in_vpc(properties: Properties) -> Properties:
    """With the only domain that there is, as AWS writes it."""
    return {**properties, "Domain": "vpc"} if "Domain" in properties else properties


def _allocating(operation: Operation) -> Properties:
    names = ("NetworkBorderGroup", "PublicIpv4Pool", "Address")
    return {"Domain": "vpc", **shown(*names)(operation.properties)}


_INSTANCE = Surface(
    property="InstanceId",
    write=_give_to,
    removal=Removal(default=None, says="the address is taken off the instance"),
)

EIP = native_type(
    Table(
        name="AWS::EC2::EIP",
        noun="elastic address",
        dialect=EC2,
        listing=_ADDRESSES,
        identifier=_address_id,
        shows=_address,
        create=Create(
            call="allocate_address",
            sends=("Domain", "NetworkBorderGroup", "PublicIpv4Pool", "Address"),
            parameters=_allocating,
            gives=lambda answer, _: _address_id(answer),
        ),
        delete=Delete(
            call="release_address",
            parameters=shown("AllocationId"),
            clears=("InstanceId",),
            users=users_of_address,
        ),
        tags=Ec2Tags("elastic-ip", "AllocationId"),
        surfaces=(_INSTANCE,),
        calls=("associate_address", "disassociate_address"),
        normalise=_in_vpc,
        refine=refining(
            {"/Domain": {"enumCaseInsensitive": ["vpc"]}, "/InstanceId": {"minLength": 1}}
        ),
    )
)
