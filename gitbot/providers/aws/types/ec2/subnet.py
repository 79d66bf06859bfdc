"""AWS::EC2::Subnet as a table. Shell.

VpcId, CidrBlock, AvailabilityZone, AvailabilityZoneId: replace. Ipv6CidrBlock (one, a part of the VPC's),
AssignIpv6AddressOnCreation, MapPublicIpOnLaunch, Tags: changed in place. Attributes: SubnetId,
NetworkAclAssociationId, Ipv6CidrBlocks.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Join,
    Properties,
    Table,
    Update,
    shown,
)
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import (
    EC2,
    PART_OF_VPC,
    Ec2Listing,
    Ec2Tags,
    canonical,
    ipv6_blocks,
    is_available,
    requiring,
    with_canonical_networks,
)
from gitbot.providers.aws.types.ec2.users import users_of_subnet

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_BLOCK = "Ipv6CidrBlock"
_ASSIGN = "AssignIpv6AddressOnCreation"
_SETTLED = frozenset({"associated", "disassociated"})
_ACLS = Ec2Listing("describe_network_acls", "NetworkAcls", by="association.subnet-id")


def _map_public_ip(aws: Connection, subnet: str, value: Any) -> None:
    on = {"Value": bool(value)}
    aws.call("ec2", "modify_subnet_attribute", SubnetId=subnet, MapPublicIpOnLaunch=on)


_PUBLIC_IP = Surface(
    property="MapPublicIpOnLaunch",
    write=_map_public_ip,
    removal=Removal(default=False, says="new instances get no public address"),
)


def _assigns_none(wanted: Properties, subnet: Described) -> Mapping[str, Any]:
    return {} if wanted[_ASSIGN] else _assigning(subnet, on=False)


def _assigns(wanted: Properties, subnet: Described) -> Mapping[str, Any]:
    return _assigning(subnet, on=True) if wanted[_ASSIGN] else {}


def _assigning(subnet: Described, *, on: bool) -> Mapping[str, Any]:
    if bool(subnet.get(_ASSIGN)) == on:
        return {}
    return {"SubnetId": subnet["SubnetId"], _ASSIGN: {"Value": on}}


def _gives_back(wanted: Properties, subnet: Described) -> Mapping[str, Any]:
    """The block that is not wanted: a subnet has one at a time."""
    for one in ipv6_blocks(subnet):
        if one[_BLOCK] != canonical(wanted[_BLOCK]):
            return {"AssociationId": one["AssociationId"]}
    return {}


def _gets(wanted: Properties, subnet: Described) -> Mapping[str, Any]:
    if wanted[_BLOCK] is None or ipv6_blocks(subnet):
        return {}
    return {"SubnetId": subnet["SubnetId"], _BLOCK: wanted[_BLOCK]}


def _is_ready(subnet: Described) -> bool:
    return is_available(subnet) and not _in_flux(subnet) and not _failed(subnet)


def _in_flux(subnet: Described) -> bool:
    return any(state["State"].endswith("ing") for state in _states(subnet))


def _failed(subnet: Described) -> str:
    told = (one for one in _states(subnet) if one["State"] == "failed")
    return "; ".join(str(one.get("StatusMessage") or "EC2 gives no reason") for one in told)


def _states(subnet: Described) -> Iterable[Described]:
    return (one["Ipv6CidrBlockState"] for one in subnet.get("Ipv6CidrBlockAssociationSet", ()))


def _subnet(subnet: Described) -> Properties:
    names = ("SubnetId", "VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId")
    named = shown(*names, "MapPublicIpOnLaunch", _ASSIGN, "BlockPublicAccessStates")(subnet)
    blocks = [one[_BLOCK] for one in ipv6_blocks(subnet)]
    return {**named, _BLOCK: next(iter(blocks), None), "Ipv6CidrBlocks": blocks}


def _acl_associations(acl: Described) -> Iterable[tuple[str, Properties]]:
    for one in acl.get("Associations", ()):
        yield one["SubnetId"], {"NetworkAclAssociationId": one["NetworkAclAssociationId"]}


_RESETS = {
    _BLOCK: Removal(default=None, says="the subnet has no IPv6 addresses"),
    _ASSIGN: Removal(default=False, says="new interfaces get no IPv6 address by themselves"),
}
_MODIFY = "modify_subnet_attribute"
_UPDATES = (
    Update(call=_MODIFY, sends=(_ASSIGN,), parameters=_assigns_none),
    Update(call="disassociate_subnet_cidr_block", sends=(_BLOCK,), parameters=_gives_back),
    Update(call="associate_subnet_cidr_block", sends=(_BLOCK,), parameters=_gets),
    Update(call=_MODIFY, sends=(_ASSIGN,), parameters=_assigns),
)
_REFINE = together(
    requiring("CidrBlock"),
    refining({"CidrBlock": PART_OF_VPC, _BLOCK: {"format": "ipv6-network"}}),
)

_LISTING = Ec2Listing(
    *("describe_subnets", "Subnets"),
    by="subnet-id",
    key=("vpc-id", "VpcId"),
    index=Index("ec2:subnet"),
)
_CREATE = Create(
    call="create_subnet",
    sends=("VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", _BLOCK),
    gives=lambda answer, _: answer["Subnet"]["SubnetId"],
    taken=frozenset({"InvalidSubnet.Conflict"}),
)

SUBNET = native_type(
    Table(
        name="AWS::EC2::Subnet",
        noun="subnet",
        dialect=EC2,
        listing=_LISTING,
        identifier=itemgetter("SubnetId"),
        shows=_subnet,
        joins=(Join(calls=_ACLS.by_id, gives=_acl_associations),),
        create=_CREATE,
        ready=_is_ready,
        failed=_failed,
        delete=Delete(call="delete_subnet", parameters=shown("SubnetId"), users=users_of_subnet),
        tags=Ec2Tags("subnet", "SubnetId"),
        updates=_UPDATES,
        resets=_RESETS,
        surfaces=(_PUBLIC_IP,),
        calls=(_MODIFY,),
        natural_key=("VpcId", "CidrBlock"),
        filled=("AvailabilityZone", "AvailabilityZoneId"),
        follows={"Ipv6CidrBlocks": (_BLOCK,)},
        normalise=with_canonical_networks,
        refine=_REFINE,
    )
)
