"""Writes ``Fn::FindInMap`` of a template as an expression. Pure."""

from __future__ import annotations

from gitbot.language.choices import quoted_text
from gitbot.language.cloudformation.coercing import ANYTHING
from gitbot.language.cloudformation.writer import Writer, function_of
from gitbot.language.nodes import Node
from gitbot.language.problems import quoted


def find_in_map(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::FindInMap``, with a default or without."""
    mapping, first, second, *more = writer.arguments("Fn::FindInMap", argument, 3, 4)
    key, inner = writer.cel(first), writer.cel(second)
    map_, kind = _mapping(writer, mapping, second)
    found = f"{map_}[{key}][{inner}]"
    if not more:
        return f"${{{found}}}", kind
    default = more[0].get("DefaultValue")
    if default is None:
        raise writer.refuse(
            "bad-template",
            more[0],
            "The fourth argument of Fn::FindInMap is a map with DefaultValue.",
            "Write {DefaultValue: …}.",
        )
    there = f"{key} in {map_} && {inner} in {map_}[{key}]"
    return f"${{{there} ? {found} : {writer.cel(default, ANYTHING)}}}", ""


def _mapping(writer: Writer, mapping: Node, second: Node) -> tuple[str, str]:
    """The CEL text of a mapping, and the kind of its values; its name may be a function."""
    known = writer.names.mappings
    if function_of(mapping) is not None:
        every = ", ".join(f"{quoted_text(name)}: locals.{one.local}" for name, one in known.items())
        return f"{{{every}}}[{writer.cel(mapping)}]", ""
    name = writer.plain("Fn::FindInMap", mapping)
    if name not in known:
        raise writer.refuse(
            "unknown-name",
            mapping,
            f"The template has no mapping {quoted(name)}.",
            "Declare it below Mappings.",
        )
    kind = known[name].kind_of(second.text if function_of(second) is None else None)
    return f"locals.{known[name].local}", kind
