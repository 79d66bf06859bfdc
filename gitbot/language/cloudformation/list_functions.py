"""Writes the functions of a template that make lists, or take something of them, as expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gitbot.language.choices import quoted_text
from gitbot.language.cloudformation.coercing import LIST, Wanted
from gitbot.language.cloudformation.writer import Writer, function_of
from gitbot.language.nodes import Node, kind_name

_TEXTS: Final = Wanted(schema={"type": "array", "items": {"type": "string"}}, root={})
_INDEX: Final = Wanted(schema={"type": "integer"}, root={})
_ZONES: Final = "aws_zones"
_ASKED: Final[Mapping[str, Any]] = {
    "type": "AWS::EC2::AvailabilityZone",
    "filter": {"State": "available", "ZoneType": "availability-zone"},
    "pick": "all",
}


def list_of(writer: Writer, name: str, values: Node) -> str:
    """The CEL text of the list that a function works on."""
    if not values.is_list and function_of(values) is None:
        raise writer.refuse(
            "bad-template",
            values,
            f"{name} wants a list here; this is {kind_name(values.value)}.",
            "Write a list, or a function that gives one, such as Fn::Split.",
        )
    return writer.cel(values, _TEXTS)


def called_on(text: str) -> str:
    """The CEL text, so that a method can be called on it."""
    return text if re.fullmatch(r"[\w.]+|\[[^\[\]]*\]", text) else f"({text})"


def select(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Select``."""
    index, values = writer.arguments("Fn::Select", argument, 2, 2)
    found = called_on(list_of(writer, "Fn::Select", values))
    return f"${{{found}[{writer.cel(index, _INDEX)}]}}", "string"


def split(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Split``."""
    delimiter, text = writer.arguments("Fn::Split", argument, 2, 2)
    between = quoted_text(writer.plain("Fn::Split", delimiter))
    return f"${{split({writer.cel(text)}, {between})}}", "list"


def cidr(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Cidr``."""
    block, count, bits = writer.arguments("Fn::Cidr", argument, 3, 3)
    numbers = f"{writer.cel(count, _INDEX)}, {writer.cel(bits, _INDEX)}"
    return f"${{subnets({writer.cel(block)}, {numbers})}}", "list"


def zones(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::GetAZs`` of the stack's own region: a lookup."""
    region = function_of(argument)
    own = argument.value in ("", None) or (
        region is not None and (region[0], region[1].value) == ("Ref", "AWS::Region")
    )
    if not own:
        raise writer.refuse(
            "template-unsupported",
            argument,
            "Fn::GetAZs: gitbot looks up the zones of the stack's own region only.",
            'Write !GetAZs "".',
        )
    writer.names.look_up(_ZONES, _ASKED, argument)
    return f"${{lookups.{_ZONES}.ZoneName}}", "list"


def length(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Length``."""
    return f"${{size({writer.cel(argument, LIST)})}}", "number"
