"""Writes the rules of security groups. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitbot.language.terraform.filling import META, Filler, shaped
from gitbot.language.terraform.reading import Block

_NAMES: Final = {
    "protocol": "IpProtocol",
    "from_port": "FromPort",
    "to_port": "ToPort",
    "description": "Description",
}
_ADDRESSES: Final = {"cidr_blocks": "CidrIp", "ipv6_cidr_blocks": "CidrIpv6"}
_OTHERS: Final = {
    "ingress": ("SourceSecurityGroupId", "SourcePrefixListId"),
    "egress": ("DestinationSecurityGroupId", "DestinationPrefixListId"),
}
TYPES: Final = {
    "ingress": "AWS::EC2::SecurityGroupIngress",
    "egress": "AWS::EC2::SecurityGroupEgress",
}


def rules_of(filler: Filler, block: Block, direction: str, itself: Any) -> Iterator[dict[str, Any]]:
    """A rule for each address and group that the block names. ``itself`` is what its ``self`` means."""
    rule: dict[str, Any] = {}
    group, list_ = _OTHERS[direction]
    many = {**_ADDRESSES, "security_groups": group, "prefix_list_ids": list_}
    found: list[dict[str, Any]] = []
    for key, attribute in block.attributes.items():
        what = f"{block.kind}.{key}"
        written, value = filler.try_value(block, what, attribute)
        if key in META or not written or value in (None, []):
            continue
        if key in _NAMES:
            rule[_NAMES[key]] = shaped(_NAMES[key], value)
        elif key == "source_security_group_id":
            found.append({group: value})
        elif key == "self" and value is False:
            continue
        elif key == "self" and value is True and itself:
            found.append({group: itself})
        elif key in many and isinstance(value, list):
            found += [{many[key]: one} for one in value]
        elif key in many or key == "self":
            filler.lose(block, attribute.line, f"{what} is not a list that is written out")
        else:
            filler.lose(block, attribute.line, f"{what} has no counterpart that is known here")
    if rule.get("IpProtocol") in ("-1", "all"):
        rule = {key: one for key, one in rule.items() if key not in ("FromPort", "ToPort")}
        rule["IpProtocol"] = "-1"
    return ({**rule, **one} for one in found)
