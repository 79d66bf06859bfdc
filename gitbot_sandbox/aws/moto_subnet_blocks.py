"""Make moto's subnets take and refuse blocks of IPv6 addresses as EC2 does. Shell.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

from functools import wraps
from ipaddress import IPv6Network
from typing import Any

from moto.ec2.exceptions import (
    EC2ClientError,
    InvalidSubnetConflictError,
    InvalidSubnetIdError,
    InvalidSubnetRangeError,
)
from moto.ec2.models import EC2Backend
from moto.ec2.models.subnets import Subnet

from gitbot_sandbox.aws.moto_patch import wrap

_SIZES = range(44, 65, 4)


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "create_subnet", _made_within)
    wrap(EC2Backend, "associate_subnet_cidr_block", _one_within)
    wrap(Subnet, "ipv6_cidr_block_association_set", _in_one_map)


def _made_within(original: Any) -> Any:
    """Defect: a subnet is made with any block, also one of another network."""

    @wraps(original)
    def create_subnet(
        self: Any,
        vpc_id: str,
        cidr_block: str,
        ipv6_cidr_block: Any = None,
        *args: Any,
        **more: Any,
    ) -> Any:
        if ipv6_cidr_block:
            ipv6_cidr_block = _checked(self, vpc_id, ipv6_cidr_block)
        return original(self, vpc_id, cidr_block, ipv6_cidr_block, *args, **more)

    return create_subnet


def _one_within(original: Any) -> Any:
    """Defect: a subnet takes any block, and several."""

    @wraps(original)
    def associate_subnet_cidr_block(self: Any, subnet_id: str, ipv6_cidr_block: str) -> Any:
        subnet = self.get_subnet(subnet_id)
        if subnet is None:
            raise InvalidSubnetIdError(subnet_id)
        if subnet.ipv6_cidr_block_association_set:
            raise EC2ClientError(
                "InvalidParameterValue", f"The subnet '{subnet_id}' has an IPv6 CIDR block already"
            )
        return original(self, subnet_id, _checked(self, subnet.vpc_id, ipv6_cidr_block))

    return associate_subnet_cidr_block


def _checked(backend: Any, vpc_id: str, block: str) -> str:
    """The block in its canonical form, if it is free and a part of a block of the network."""
    wanted = IPv6Network(block, strict=False)
    those = [
        IPv6Network(one["cidr_block"])
        for one in backend.get_vpc(vpc_id).get_cidr_block_association_set(ipv6=True)
        if one["cidr_block_state"]["state"] == "associated"
    ]
    if wanted.prefixlen not in _SIZES or not any(wanted.subnet_of(one) for one in those):
        raise InvalidSubnetRangeError(block)
    for subnet in backend.describe_subnets(filters={"vpc-id": vpc_id}):
        taken = (one["ipv6CidrBlock"] for one in subnet.ipv6_cidr_block_association_set)
        if any(wanted.overlaps(IPv6Network(one)) for one in taken):
            raise InvalidSubnetConflictError(block)
    return str(wanted)


def _in_one_map(original: Any) -> Any:
    """Defect: the state of a block stands in a map inside of the map of the state."""

    def ipv6_cidr_block_association_set(self: Any) -> list[dict[str, Any]]:
        return [
            {**one, "ipv6CidrBlockState": one["ipv6CidrBlockState"]["state"]}
            for one in original.fget(self)
        ]

    return property(ipv6_cidr_block_association_set)
