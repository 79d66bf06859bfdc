"""Make moto's VPCs take and refuse further blocks of addresses as EC2 does. Shell.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
"""

from __future__ import annotations

from functools import wraps
from ipaddress import ip_network
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidVPCRangeError
from moto.ec2.models import EC2Backend
from moto.ec2.responses.vpcs import VPCs

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "associate_vpc_cidr_block", _free)
    wrap(VPCs, "associate_vpc_cidr_block", _with_its_group)
    wrap(EC2Backend, "disassociate_vpc_cidr_block", _unused)


def _free(original: Any) -> Any:
    """Defects: a block of any size is taken, and one that the VPC has already."""

    @wraps(original)
    def associate_vpc_cidr_block(self: Any, vpc_id: str, cidr_block: Any, amazon: Any) -> Any:
        if cidr_block is None:
            return original(self, vpc_id, cidr_block, amazon)
        wanted = ip_network(cidr_block, strict=False)
        if not 16 <= wanted.prefixlen <= 28:
            raise InvalidVPCRangeError(cidr_block)
        for one in self.get_vpc(vpc_id).get_cidr_block_association_set():
            state = one["cidr_block_state"]["state"]
            if state != "disassociated" and wanted.overlaps(ip_network(one["cidr_block"])):
                raise EC2ClientError(
                    "CidrConflict", f"The CIDR '{cidr_block}' conflicts with another one of the VPC"
                )
        return original(self, vpc_id, str(wanted), amazon)

    return associate_vpc_cidr_block


def _with_its_group(original: Any) -> Any:
    """Defect: a block of Amazon's has no network border group."""

    @wraps(original)
    def associate_vpc_cidr_block(self: Any) -> Any:
        answer = original(self)
        made = answer.result.get("Ipv6CidrBlockAssociation")
        if made is not None:
            asked = self._get_param("Ipv6CidrBlockNetworkBorderGroup")
            made["NetworkBorderGroup"] = asked or self.region
            vpc = self.ec2_backend.get_vpc(self._get_param("VpcId"))
            kept = vpc._cidr_block_association_set[made["AssociationId"]]
            kept["network_border_group"] = made["NetworkBorderGroup"]
        return answer

    return associate_vpc_cidr_block


def _unused(original: Any) -> Any:
    """Defects: a block with subnets is let go, and one that is gone counts as one that is there."""

    @wraps(original)
    def disassociate_vpc_cidr_block(self: Any, association_id: str) -> Any:
        for vpc in self.vpcs.values():
            one = vpc._cidr_block_association_set.get(association_id)
            if one is None or one["cidr_block_state"]["state"] == "disassociated":
                continue
            block = ip_network(one["cidr_block"])
            subnets = self.describe_subnets(filters={"vpc-id": vpc.id})
            if any(block.overlaps(each) for subnet in subnets for each in _blocks_of(subnet)):
                raise EC2ClientError(
                    "InvalidCidrBlock.InUse",
                    f"The vpc {vpc.id} currently has a subnet within CIDR block {block}",
                )
            return original(self, association_id)
        raise EC2ClientError(
            "InvalidVpcCidrBlockAssociationID.NotFound",
            f"The vpc CIDR block association ID '{association_id}' does not exist",
        )

    return disassociate_vpc_cidr_block


def _blocks_of(subnet: Any) -> list[Any]:
    """The networks that the subnet has."""
    more = subnet.ipv6_cidr_block_association_set
    return [
        ip_network(one) for one in (subnet.cidr_block, *(each["ipv6CidrBlock"] for each in more))
    ]
