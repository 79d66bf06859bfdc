"""AWS::EC2::VPC and InternetGateway as tables. Shell.

AWS::EC2::VPC: CidrBlock, InstanceTenancy: replace. EnableDnsSupport, EnableDnsHostnames (each costs
a call to read, where it is declared), Tags: changed in place. Attributes: VpcId, DefaultSecurityGroup,
DefaultNetworkAcl, CidrBlockAssociations, Ipv6CidrBlocks.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html

AWS::EC2::InternetGateway: Tags. Attributes: InternetGatewayId.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Join, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import (
    EC2,
    VPC_SIZES,
    Ec2Listing,
    Ec2Tags,
    ipv6_blocks,
    is_available,
    requiring,
    with_canonical_networks,
)
from gitbot.providers.aws.types.ec2.users import users_of_vpc

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


# --- VPC -----------------------------------------------------------------------------------------


def _dns(name: str, parameter: str, default: bool, says: str) -> Surface:
    def read(aws: Connection, vpc: str) -> Any:
        answer = aws.call("ec2", "describe_vpc_attribute", VpcId=vpc, Attribute=parameter)
        return answer[name]["Value"]

    def write(aws: Connection, vpc: str, value: Any) -> None:
        aws.call("ec2", "modify_vpc_attribute", VpcId=vpc, **{name: {"Value": value}})

    removal = Removal(default=default, says=says)
    return Surface(property=name, read=read, write=write, removal=removal)


def _vpc(vpc: Described) -> Properties:
    blocks = vpc.get("CidrBlockAssociationSet", ())
    return {
        **shown("VpcId", "CidrBlock", "InstanceTenancy")(vpc),
        "CidrBlockAssociations": [one["AssociationId"] for one in blocks],
        "Ipv6CidrBlocks": [one["Ipv6CidrBlock"] for one in ipv6_blocks(vpc)],
    }


_GROUPS = Ec2Listing(
    *("describe_security_groups", "SecurityGroups"), by="vpc-id", only=("group-name", "default")
)
_ACLS = Ec2Listing(*("describe_network_acls", "NetworkAcls"), by="vpc-id", only=("default", "true"))


def _default_group(group: Described) -> Iterator[tuple[str, Properties]]:
    yield group["VpcId"], {"DefaultSecurityGroup": group["GroupId"]}


def _default_acl(acl: Described) -> Iterator[tuple[str, Properties]]:
    yield acl["VpcId"], {"DefaultNetworkAcl": acl["NetworkAclId"]}


VPC = native_type(
    Table(
        name="AWS::EC2::VPC",
        noun="VPC",
        dialect=EC2,
        listing=Ec2Listing("describe_vpcs", "Vpcs", by="vpc-id", index=Index("ec2:vpc")),
        identifier=itemgetter("VpcId"),
        shows=_vpc,
        joins=(
            Join(calls=_GROUPS.by_id, gives=_default_group),
            Join(calls=_ACLS.by_id, gives=_default_acl),
        ),
        create=Create(
            call="create_vpc",
            sends=("CidrBlock", "InstanceTenancy"),
            gives=lambda answer, _: answer["Vpc"]["VpcId"],
        ),
        ready=is_available,
        delete=Delete(call="delete_vpc", parameters=shown("VpcId"), users=users_of_vpc),
        tags=Ec2Tags("vpc", "VpcId"),
        surfaces=(
            _dns("EnableDnsSupport", "enableDnsSupport", True, "AWS's DNS server answers"),
            _dns(
                "EnableDnsHostnames", "enableDnsHostnames", False, "no public DNS names are given"
            ),
        ),
        calls=("modify_vpc_attribute",),
        normalise=with_canonical_networks,
        refine=together(requiring("CidrBlock"), refining({"CidrBlock": VPC_SIZES})),
    )
)

# --- internet gateway ----------------------------------------------------------------------------

INTERNET_GATEWAY = native_type(
    Table(
        name="AWS::EC2::InternetGateway",
        noun="internet gateway",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_internet_gateways", "InternetGateways", "internet-gateway-id"),
            index=Index("ec2:internet-gateway"),
        ),
        identifier=itemgetter("InternetGatewayId"),
        shows=shown("InternetGatewayId"),
        create=Create(
            call="create_internet_gateway",
            sends=(),
            gives=lambda answer, _: answer["InternetGateway"]["InternetGatewayId"],
        ),
        delete=Delete(
            call="delete_internet_gateway",
            parameters=lambda one: {"InternetGatewayId": one["InternetGatewayId"]},
        ),
        tags=Ec2Tags("internet-gateway", "InternetGatewayId"),
    )
)
