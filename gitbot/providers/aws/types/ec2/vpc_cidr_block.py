"""AWS::EC2::VPCCidrBlock as a table. Shell.

VpcId, CidrBlock, AmazonProvidedIpv6CidrBlock, Ipv6CidrBlockNetworkBorderGroup: replace. Its identifier is
``vpc-cidr-assoc-…|vpc-…``. Attributes: Id, Ipv6AddressAttribute, IpSource. A VPC can have one of these with a block
of Amazon's, since nothing tells two apart. Blocks of pools (Ipv6Pool, IPAM) are not handled.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.schema import Parent
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import (
    EC2,
    PART_OF_VPC,
    Ec2Listing,
    with_canonical_networks,
)

_AMAZON = "AmazonProvidedIpv6CidrBlock"
_GROUP = "Ipv6CidrBlockNetworkBorderGroup"
_BLOCKS = ("CidrBlock", _AMAZON)


def _associations(vpc: Described) -> Iterator[Described]:
    """The blocks of a VPC, without the one that it was made with."""
    for kind in ("CidrBlock", "Ipv6CidrBlock"):
        for one in vpc.get(f"{kind}AssociationSet", ()):
            if one[kind] != vpc["CidrBlock"]:
                yield {**one, "VpcId": vpc["VpcId"], "State": one[f"{kind}State"]}


def _block(one: Described) -> Properties:
    return {
        **shown("VpcId", "CidrBlock", "Ipv6AddressAttribute", "IpSource")(one),
        "Id": one["AssociationId"],
        _AMAZON: True if one.get("Ipv6Pool") == "Amazon" else None,
        _GROUP: one.get("NetworkBorderGroup"),
    }


def _failure(one: Described) -> str:
    if one["State"]["State"] not in ("failing", "failed"):
        return ""
    return str(one["State"].get("StatusMessage") or "EC2 gives no reason")


def _made(answer: Described) -> str:
    kinds = ("CidrBlockAssociation", "Ipv6CidrBlockAssociation")
    [association] = [answer[kind]["AssociationId"] for kind in kinds if answer.get(kind)]
    return f"{association}|{answer['VpcId']}"


_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "/": {"allOf": [{"requiredXor": list(_BLOCKS)}]},
    "/CidrBlock": {**PART_OF_VPC, "blockAdded": True},
    f"/{_AMAZON}": {"enum": [True]},
}

_VPC = Parent(
    type="AWS::EC2::VPC",
    reference="VpcId",
    gives=frozenset({"CidrBlockAssociations", "Ipv6CidrBlocks"}),
)

VPC_CIDR_BLOCK = native_type(
    Table(
        name="AWS::EC2::VPCCidrBlock",
        noun="block of a VPC",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_vpcs", "Vpcs"),
            by="vpc-id",
            key=("vpc-id", "VpcId"),
            each=_associations,
            value=lambda remote_id: remote_id.partition("|")[2],
        ),
        identifier=lambda one: f"{one['AssociationId']}|{one['VpcId']}",
        shows=_block,
        create=Create(
            call="associate_vpc_cidr_block",
            sends=("VpcId", *_BLOCKS, _GROUP),
            gives=lambda answer, _: _made(answer),
        ),
        exists=lambda one: not one["State"]["State"].startswith("disassociat"),
        ready=lambda one: bool(one["State"]["State"] == "associated"),
        failed=_failure,
        delete=Delete(call="disassociate_vpc_cidr_block", parameters=shown("AssociationId")),
        natural_key=("VpcId", *_BLOCKS),
        parent=_VPC,
        normalise=with_canonical_networks,
        filled=(_GROUP,),
        refine=refining(_LIMITS),
    )
)
