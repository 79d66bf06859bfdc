"""Writes the rules of security groups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.terraform.filling import META, Filler, shaped
from gitbot.language.terraform.reading import Block
from gitbot.language.terraform.values import Cel, cel_of, grouped

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


def rules_of(filler: Filler, block: Block, direction: str, itself: Any) -> Iterator[Any]:
    """A rule for each address and group that the block names. ``itself`` is what its ``self`` means.

    For each list that is not written out it is an expression that gives a list of rules.
    """
    rule: dict[str, Any] = {}
    found: list[_Target] = []
    for key, attribute in block.attributes.items():
        what = f"{block.kind}.{key}"
        written, value = filler.try_value(block, what, attribute)
        if key in META or not written or value in (None, []):
            continue
        if key in _NAMES:
            rule[_NAMES[key]] = shaped(_NAMES[key], value)
            continue
        targets = _targets(direction, key, value, itself)
        if targets is None:
            filler.lose(block, attribute.line, f"{what} has no counterpart that is known here")
        found += targets or ()
    if rule.get("IpProtocol") in ("-1", "all"):
        rule = {key: one for key, one in rule.items() if key not in ("FromPort", "ToPort")}
        rule["IpProtocol"] = "-1"
    for one in found:
        if one.listed:
            whole = cel_of({**rule, one.name: Cel("one")})
            yield Cel(f"{grouped(cel_of(one.value))}.map(one, {whole})")
        else:
            yield {**rule, one.name: one.value}


@dataclass(frozen=True, slots=True)
class _Target:
    """The property that says who may come in or out. ``listed``: the value is an expression that gives a list."""

    name: str
    value: Any
    listed: bool = False


def _targets(direction: str, key: str, value: Any, itself: Any) -> list[_Target] | None:
    """Those that an argument names; None where that has no counterpart."""
    group, list_ = _OTHERS[direction]
    many = {**_ADDRESSES, "security_groups": group, "prefix_list_ids": list_}
    if key == "source_security_group_id":
        return [_Target(group, value)]
    if key == "self" and isinstance(value, bool) and (itself or not value):
        return [_Target(group, itself)] if value else []
    if key not in many:
        return None
    if isinstance(value, list):
        return [_Target(many[key], one) for one in value]
    return [_Target(many[key], value, True)] if isinstance(value, Cel) else None


def joined_rules(rules: Iterable[Any]) -> Any:
    """The rules as one list, each once; as one expression where some come from lists that are not written out.

    Raises:
        LostError: they cannot be one list.
    """
    plain: list[Any] = []
    others: list[Cel] = []
    for one in rules:
        there = others if isinstance(one, Cel) else plain
        if one not in there:
            there.append(one)
    if not others:
        return plain
    first = [cel_of(plain)] if plain else []
    return Cel(" + ".join([*first, *(one.text for one in others)]))
