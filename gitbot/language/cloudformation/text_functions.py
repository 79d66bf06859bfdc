"""Writes the functions of a template that make texts as expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gitbot.language.choices import quoted_text
from gitbot.language.cloudformation.coercing import ANYTHING, TEXT, converted, escaped
from gitbot.language.cloudformation.list_functions import called_on, list_of
from gitbot.language.cloudformation.references import spelled
from gitbot.language.cloudformation.writer import Writer, function_of
from gitbot.language.nodes import Node

_PLACE: Final = re.compile(r"\$\{([^{}]*)\}")


def sub(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Sub``, with values of its own or without."""
    pattern, own = argument, Node({}, argument.mark)
    if isinstance(argument.value, list):
        pattern, own = writer.arguments("Fn::Sub", argument, 2, 2)
    text = writer.plain("Fn::Sub", pattern)
    values = own.value if isinstance(own.value, dict) else {}
    made, at = "", 0
    for found in _PLACE.finditer(text):
        made += escaped(text[at : found.start()])
        made = writer.bounded(_beside(made, _place(writer, found[1], values, pattern)), pattern)
        at = found.end()
    return made + escaped(text[at:]), "string"


def _beside(text: str, other: str) -> str:
    """One scalar behind the other: a ``$`` before an expression would escape it."""
    bare = text.rstrip("$")
    if len(bare) == len(text) or not other.startswith("${"):
        return text + other
    return f'{bare}${{"{text[len(bare) :]}"}}{other}'


def _place(writer: Writer, name: str, values: Mapping[str, Node], node: Node) -> str:
    """What stands in a text for ``${name}``."""
    if name.startswith("!"):
        return escaped(f"${{{name[1:]}}}")
    name = name.strip()
    if name in values:
        return writer.text(values[name])
    resource, dot, attribute = name.partition(".")
    if dot:
        return spelled(writer.names.attribute(resource, attribute, node))[0]
    return converted(*spelled(writer.names.ref(name, node)), TEXT)


def join(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Join``."""
    delimiter, values = writer.arguments("Fn::Join", argument, 2, 2)
    between = writer.plain("Fn::Join", delimiter)
    if isinstance(values.value, list) and not any(_is_choice(one) for one in values.value):
        made = ""
        for number, one in enumerate(values.value):
            made += escaped(between) if number else ""
            made = writer.bounded(_beside(made, writer.text(one)), one)
        return made, "string"
    return (
        f"${{{called_on(list_of(writer, 'Fn::Join', values))}.join({quoted_text(between)})}}",
        "string",
    )


def _is_choice(node: Node) -> bool:
    call = function_of(node)
    return call is not None and (call[0] == "Fn::If" or call[1].value == "AWS::NoValue")


def base64(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::Base64``."""
    return f"${{base64({writer.cel(argument)})}}", "string"


def json_string(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::ToJsonString``."""
    return f"${{json({writer.cel(argument, ANYTHING)})}}", "string"
