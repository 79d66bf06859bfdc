"""Fills properties of resources from arguments and blocks. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.terraform.expressions import Cel, LostError, Writer, cel_of, grouped
from gitbot.language.terraform.reading import Attribute, Block, data_of, word
from gitbot.language.terraform.tables import DOCUMENTS, ENCODED, LISTS, Field, Inner

META: Final = frozenset({"count", "for_each", "depends_on", "provider"})
"""Arguments that every resource takes."""
_UNKNOWN: Final = " has no counterpart that is known here"
_MISSING: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What is not in the spec, with its place."""

    file: str
    line: int
    detail: str


@dataclass(slots=True, kw_only=True)
class Filler:
    """Fills maps of properties, and keeps what could not be carried over in ``lost``."""

    writer: Writer
    lost: list[Lost] = field(default_factory=list)

    def lose(self, block: Block, line: int, detail: str) -> None:
        """Keep that something in the block is not carried over."""
        self.lost.append(Lost(file=block.file, line=line, detail=detail))

    def try_value(self, block: Block, what: str, attribute: Attribute) -> tuple[bool, Any]:
        """Whether the argument can be written, and its value."""
        try:
            return True, self.writer.value(attribute.value)
        except LostError as error:
            self.lose(block, attribute.line, f"{what}: {error}")
            return False, None

    def fill(
        self, into: dict[str, Any], fields: Mapping[str, Field], block: Block, name: str
    ) -> None:
        """Put everything of the block into the map. ``name`` is what problems call the block."""
        whole = fields.get("*")
        if isinstance(whole, Inner):
            own = {k: v for k, v in block.attributes.items() if k in whole.fields}
            rest = {k: v for k, v in block.attributes.items() if k not in whole.fields}
            if own:
                self._put(into, whole, replace(block, attributes=own, blocks=()), name)
            block = replace(block, attributes=rest)
        for key, attribute in block.attributes.items():
            if key not in META:
                self._argument(into, fields, block, f"{name}.{key}", attribute)
        if name == "aws_security_group" and not any(block.inner("egress")):
            what = (
                "it lets nothing out in Terraform, and everything here: write SecurityGroupEgress"
            )
            self.lose(block, block.line, f"{'.'.join(block.labels)} has no egress: {what}")
        for below in block.blocks:
            known, make = fields.get(below.kind), _BLOCKS.get((below.kind, name))
            if make is not None:
                make(self, into, below)
            elif isinstance(known, Inner):
                self._put(into, known, below, f"{name}.{below.kind}")
            elif below.kind != "lifecycle":
                self.lose(below, below.line, f"{name}.{below.kind}{_UNKNOWN}")

    def _argument(
        self,
        into: dict[str, Any],
        fields: Mapping[str, Field],
        block: Block,
        what: str,
        attribute: Attribute,
    ) -> None:
        target = fields.get(what.rpartition(".")[2], _MISSING)
        if target is _MISSING:
            self.lose(block, attribute.line, f"{what}{_UNKNOWN}")
        elif isinstance(target, Inner):
            self.lose(block, attribute.line, f"{what} is written as an argument, not as a block")
        elif isinstance(target, str):
            self._set(into, target, block, what, attribute)

    def _put(self, into: dict[str, Any], inner: Inner, block: Block, name: str) -> None:
        made: dict[str, Any] = into if inner.name == "" else {}
        self.fill(made, inner.fields, block, name)
        if inner.name:
            holder, last = _holder(into, inner.name)
            if inner.many:
                holder.setdefault(last, []).append(made)
            else:
                holder[last] = made

    def _set(
        self, into: dict[str, Any], target: str, block: Block, what: str, attribute: Attribute
    ) -> None:
        holder, last = _holder(into, target)
        if last in DOCUMENTS:
            written, value = self._document(block, what, attribute)
        else:
            written, value = self.try_value(block, what, attribute)
        if written and value is not None:
            holder[last] = shaped(last, value) if what not in ENCODED else encoded(value)

    def _document(self, block: Block, what: str, attribute: Attribute) -> tuple[bool, Any]:
        """The map that a text of JSON holds, or that jsonencode() makes a text of."""
        tree = attribute.value
        while data_of(tree) == "expr_term" and len(tree.children) == 1:
            tree = tree.children[0]
        if data_of(tree) == "function_call" and word(tree.children[0]) == "jsonencode":
            arguments = next(one for one in tree.children if data_of(one) == "arguments")
            inner = next(one for one in arguments.children if data_of(one))
            return self.try_value(block, what, Attribute(value=inner, line=attribute.line))
        written, value = self.try_value(block, what, attribute)
        try:
            found = json.loads(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if written and not isinstance(found, dict):
            self.lose(block, attribute.line, f"{what} is neither JSON nor made by jsonencode()")
        return isinstance(found, dict), found


def encoded(value: Any) -> Cel:
    """The text in base64."""
    return Cel(f"base64({cel_of(value)})")


def shaped(name: str, value: Any) -> Any:
    """The value as the property wants it."""
    if name == "Tags":
        if isinstance(value, dict):
            return [{"Key": key, "Value": one} for key, one in value.items()]
        of = grouped(cel_of(value))
        return Cel(f'{of}.map(key, {{"Key": key, "Value": {of}[key]}})')
    return [value] if name in LISTS else value


def _holder(into: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *parents, last = path.split("/")
    for parent in parents:
        into = into.setdefault(parent, {})
    return into, last


def _rules(property_: str, source: str) -> Callable[[Filler, dict[str, Any], Block], None]:
    """The rules of a security group: one for each address and group that a block names."""

    def add(filler: Filler, into: dict[str, Any], block: Block) -> None:
        rule: dict[str, Any] = {}
        names = {"protocol": "IpProtocol", "from_port": "FromPort", "to_port": "ToPort"}
        targets = {
            "cidr_blocks": "CidrIp",
            "ipv6_cidr_blocks": "CidrIpv6",
            "security_groups": source,
        }
        found: list[dict[str, Any]] = []
        for key, attribute in block.attributes.items():
            written, value = filler.try_value(block, f"{block.kind}.{key}", attribute)
            if not written:
                continue
            if key in names:
                rule[names[key]] = value
            elif key == "description":
                rule["Description"] = value
            elif key in targets and isinstance(value, list):
                found += [{targets[key]: one} for one in value]
            else:
                filler.lose(
                    block, attribute.line, f"{block.kind}.{key} is not a list that is written out"
                )
        if rule.get("IpProtocol") in ("-1", -1):
            rule = {key: one for key, one in rule.items() if key not in ("FromPort", "ToPort")}
            rule["IpProtocol"] = "-1"
        into.setdefault(property_, []).extend({**rule, **one} for one in found)

    return add


def _root_disk(filler: Filler, into: dict[str, Any], block: Block) -> None:
    from gitbot.language.terraform.tables import ROWS

    disks = ROWS["aws_instance"].fields["ebs_block_device"]
    assert isinstance(disks, Inner)
    inner = disks.fields["*"]
    assert isinstance(inner, Inner)
    made: dict[str, Any] = {}
    filler.fill(made, inner.fields, block, "root_block_device")
    into.setdefault("BlockDeviceMappings", []).append({"DeviceName": "/dev/sda1", "Ebs": made})
    filler.lose(
        block,
        block.line,
        "root_block_device has no name of the disk: /dev/sda1 is Ubuntu's; Amazon Linux has /dev/xvda",
    )


_BLOCKS: Final[Mapping[tuple[str, str], Callable[[Filler, dict[str, Any], Block], None]]] = {
    ("ingress", "aws_security_group"): _rules("SecurityGroupIngress", "SourceSecurityGroupId"),
    ("egress", "aws_security_group"): _rules("SecurityGroupEgress", "DestinationSecurityGroupId"),
    ("root_block_device", "aws_instance"): _root_disk,
}
