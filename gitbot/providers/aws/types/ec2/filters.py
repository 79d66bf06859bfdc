"""Write the filters of EC2's describing calls, and compare objects with them again. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gitbot.providers.aws.table import Described
from gitbot.providers.aws.tagging import tag_map

FILTER_VALUES = 200
"""How many values one filter may have."""


def chunks(items: Iterable[str]) -> Iterator[list[str]]:
    """The distinct items, sorted, in lists that one filter may have."""
    some = sorted(set(items))
    for start in range(0, len(some), FILTER_VALUES):
        yield some[start : start + FILTER_VALUES]


def literal(value: str) -> str:
    r"""The filter value that matches only ``value``: a filter gives ``*``, ``?`` and ``\`` a meaning.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
    """
    return re.sub(r"([*?\\])", r"\\\1", value)


def passes(described: Described, filter_: Mapping[str, Any]) -> bool:
    """Whether the object has one of the filter's values."""
    name, values = str(filter_["Name"]), filter_["Values"]
    if name.startswith("tag:"):
        return tag_map(described.get("Tags")).get(name.removeprefix("tag:")) in values
    return any(value in values for value in FILTERED[name](described))


def _at(name: str) -> Callable[[Described], Iterable[str]]:
    """The value of a key of the description."""
    return lambda described: [described.get(name, "")]


def _in(name: str, key: str) -> Callable[[Described], Iterable[str]]:
    """The values of a key in a list of the description, or at its top for one element of it."""
    return lambda described: [
        described.get(key, ""),
        *(each.get(key, "") for each in described.get(name, ())),
    ]


def _named_by_rules(list_: str) -> Callable[[Described], Iterable[str]]:
    """The groups that the rules in a list of a group's description name."""
    return lambda described: [
        pair.get("GroupId", "")
        for rule in described.get(list_, ())
        for pair in rule.get("UserIdGroupPairs", ())
    ]


def _is_default(described: Described) -> Iterable[str]:
    return [str(described.get("IsDefault", False)).lower()]


FILTERED: Mapping[str, Callable[[Described], Iterable[str]]] = {
    "allocation-id": _at("AllocationId"),
    "association.route-table-association-id": _at("RouteTableAssociationId"),
    "association.subnet-id": _in("Associations", "SubnetId"),
    "association-id": _at("AssociationId"),
    "attachment.instance-id": _in("Attachments", "InstanceId"),
    "attachment.vpc-id": _in("Attachments", "VpcId"),
    "default": _is_default,
    "dhcp-options-id": _at("DhcpOptionsId"),
    "egress.ip-permission.group-id": _named_by_rules("IpPermissionsEgress"),
    "group-id": _in("Groups", "GroupId"),
    "group-name": _at("GroupName"),
    "instance-id": _at("InstanceId"),
    "flow-log-id": _at("FlowLogId"),
    "internet-gateway-id": _at("InternetGatewayId"),
    "ip-permission.group-id": _named_by_rules("IpPermissions"),
    "is-default": _is_default,
    "key-name": _at("KeyName"),
    "launch-template-name": _at("LaunchTemplateName"),
    "nat-gateway-id": _at("NatGatewayId"),
    "network-acl-id": _at("NetworkAclId"),
    "network-interface-id": _at("NetworkInterfaceId"),
    "route-table-id": _at("RouteTableId"),
    "security-group-rule-id": _at("SecurityGroupRuleId"),
    "snapshot-id": _at("SnapshotId"),
    "subnet-id": _at("SubnetId"),
    "volume-id": _at("VolumeId"),
    "vpc-endpoint-id": _at("VpcEndpointId"),
    "vpc-id": _at("VpcId"),
}
"""The values of an object that each filter in use compares with."""
