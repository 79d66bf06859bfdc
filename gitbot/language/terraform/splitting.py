"""Writes resources of Terraform that are several in a spec, such as a table with its routes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.terraform.filling import Filler
from gitbot.language.terraform.importing import Identify, by_attributes
from gitbot.language.terraform.reading import Block
from gitbot.language.terraform.rules import TYPES, joined_rules, rules_of
from gitbot.language.terraform.tables import DISK, ROUTE
from gitbot.language.terraform.values import Cel

_DESTINATIONS: Final = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
_IN_STATE: Final = ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A resource beside the one that has its name: how its key ends, and what it is."""

    ends: str
    type: str
    properties: dict[str, Any] = field(repr=False)
    identify: Identify


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What is left of a block, its type and properties where those are known already, and the others.

    ``identify`` replaces what the table says of the identifier. ``ignores`` are pointers of properties that
    are set once.
    """

    block: Block
    type: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    identify: Identify | None = None
    ignores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The resource itself: how others refer to it, whether it may do so, and the name of its root disk."""

    name: str
    names_itself: bool
    root_disk: str | None


def split(block: Block, own: Own, filler: Filler) -> Split:
    """The parts of the block, whose resource is ``own``."""
    make = _KINDS.get(block.labels[0])
    return Split(block=block) if make is None else make(block, own, filler)


def _nobody(_: Mapping[str, Any]) -> str | None:
    return None


def _gateway(block: Block, own: Own, filler: Filler) -> Split:
    vpc = block.attributes.get("vpc_id")
    if vpc is None:
        return Split(block=block)
    rest = {key: one for key, one in block.attributes.items() if key != "vpc_id"}
    written, value = filler.try_value(block, "aws_internet_gateway.vpc_id", vpc)
    attachment = Extra(
        ends="attachment",
        type="AWS::EC2::VPCGatewayAttachment",
        properties={"VpcId": value, "InternetGatewayId": Cel(f"{own.name}.InternetGatewayId")},
        identify=by_attributes("IGW|{vpc_id}"),
    )
    return Split(
        block=replace(block, attributes=rest),
        extras=(attachment,) if written and value is not None else (),
    )


def _group(block: Block, own: Own, filler: Filler) -> Split:
    """The rules in the block. Without any that let something out, the group lets nothing out."""
    itself = Cel(f"{own.name}.GroupId") if own.names_itself else None
    found: dict[str, Any] = {}
    for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
        rules = [
            rule
            for one in block.inner(direction)
            for rule in rules_of(filler, one, direction, itself)
        ]
        if itself is not None and any(isinstance(one, Cel) for one in rules):
            alone = [one for one in rules if isinstance(one, Cel) or itself not in one.values()]
            if alone != rules:
                what = f"{direction}.self stands beside a list that is not written out"
                filler.lose(block, block.line, what)
            rules = alone
        if rules:
            found[name] = joined_rules(rules)
    rest = tuple(one for one in block.blocks if one.kind not in TYPES)
    if "egress" in block.attributes or any(block.inner("egress")):
        return Split(block=replace(block, blocks=rest), properties=found)
    found["SecurityGroupEgress"] = []
    return Split(
        block=replace(block, blocks=rest), properties=found, ignores=("/SecurityGroupEgress",)
    )


def _machine(block: Block, own: Own, filler: Filler) -> Split:
    rest = tuple(one for one in block.blocks if one.kind != "root_block_device")
    disks = []
    for one in block.inner("root_block_device"):
        made: dict[str, Any] = {}
        filler.fill(made, DISK, one, "root_block_device")
        disks.append({"DeviceName": own.root_disk or "/dev/sda1", "Ebs": made})
        if not own.root_disk:
            what = "/dev/sda1 is Ubuntu's; Amazon Linux has /dev/xvda"
            filler.lose(one, one.line, f"root_block_device has no name of the disk: {what}")
    found = {"BlockDeviceMappings": disks} if disks else {}
    return Split(block=replace(block, blocks=rest), properties=found)


def _table(block: Block, own: Own, filler: Filler) -> Split:
    routes = list(block.inner("route"))
    rest = tuple(one for one in block.blocks if one.kind != "route")
    extras = []
    for one in routes:
        properties: dict[str, Any] = {"RouteTableId": Cel(f"{own.name}.RouteTableId")}
        filler.fill(properties, ROUTE, one, "aws_route_table.route")
        extras.append(
            Extra(
                ends="route",
                type="AWS::EC2::Route",
                properties=properties,
                identify=_route_of_table(properties, alone=len(routes) == 1),
            )
        )
    return Split(block=replace(block, blocks=rest), extras=tuple(extras))


def _route_of_table(properties: Mapping[str, Any], *, alone: bool) -> Identify:
    """Finds the route by its destination, which the spec writes out or the state has alone."""
    told = next((properties[one] for one in _DESTINATIONS if one in properties), None)

    def identify(attributes: Mapping[str, Any]) -> str | None:
        table, there = attributes.get("id"), attributes.get("route")
        if isinstance(told, str):
            return f"{table}|{told}" if isinstance(table, str) else None
        first = there[0] if alone and isinstance(there, list) and len(there) == 1 else {}
        found = next((first[one] for one in _IN_STATE if first.get(one)), None)
        return f"{table}|{found}" if found else None

    return identify


def _route(block: Block, own: Own, filler: Filler) -> Split:
    def identify(attributes: Mapping[str, Any]) -> str | None:
        names = ("destination_cidr_block", "destination_ipv6_cidr_block", _IN_STATE[-1])
        found = next((attributes[one] for one in names if attributes.get(one)), None)
        table = attributes.get("route_table_id")
        return f"{table}|{found}" if table and found else None

    return Split(block=block, identify=identify)


def _rule(block: Block, own: Own, filler: Filler) -> Split:
    """A rule is a resource for each address that it names."""
    given = dict(block.attributes)
    direction, group = given.pop("type", None), given.pop("security_group_id", None)
    empty = replace(
        block, attributes={k: v for k, v in given.items() if k in ("for_each", "count")}
    )
    _, way = filler.try_value(block, "type", direction) if direction else (False, None)
    _, owner = filler.try_value(block, "security_group_id", group) if group else (False, None)
    if way not in TYPES or owner is None:
        filler.lose(
            block, block.line, f"{'.'.join(block.labels)} has no type or group that is known"
        )
        return Split(block=empty, type="")
    rest = replace(block, attributes=given, kind=block.labels[0])
    every = list(rules_of(filler, rest, way, owner))
    rules = [{"GroupId": owner, **one} for one in every if not isinstance(one, Cel)]
    if len(rules) < len(every):
        what = "names a list that is not written out, and each of its addresses is a rule"
        filler.lose(block, block.line, f"{'.'.join(block.labels)} {what}")
    elif not rules:
        filler.lose(block, block.line, f"{'.'.join(block.labels)} names no address and no group")
    if not rules:
        return Split(block=empty, type="")
    identify = by_attributes("{security_group_rule_id}") if len(rules) == 1 else _nobody
    return Split(
        block=empty,
        type=TYPES[way],
        properties=rules[0],
        identify=identify,
        extras=tuple(
            Extra(ends="also", type=TYPES[way], properties=one, identify=_nobody)
            for one in rules[1:]
        ),
    )


_KINDS: Final[Mapping[str, Callable[[Block, Own, Filler], Split]]] = {
    "aws_instance": _machine,
    "aws_internet_gateway": _gateway,
    "aws_route_table": _table,
    "aws_route": _route,
    "aws_security_group": _group,
    "aws_security_group_rule": _rule,
}


def wait_for_gateways(resources: Mapping[str, Any]) -> None:
    """Let each route to an internet gateway wait until that is attached."""
    attachments = {
        _base(one["properties"].get("InternetGatewayId")): key
        for key, one in resources.items()
        if one.get("type") == "AWS::EC2::VPCGatewayAttachment"
    }
    for one in resources.values():
        if one.get("type") == "AWS::EC2::Route":
            attached = attachments.get(_base(one["properties"].get("GatewayId")))
            if attached is not None:
                needed = one.setdefault("lifecycle", {}).setdefault("dependsOn", [])
                needed += [attached] if attached not in needed else []


def _base(value: Any) -> str:
    return value.text.partition(".")[0].partition("[")[0] if isinstance(value, Cel) else ""
