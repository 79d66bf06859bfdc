"""Writes ``Ref`` and ``Fn::GetAtt`` of a template as expressions. Pure."""

from __future__ import annotations

from gitbot.language.choices import UnwritableError
from gitbot.language.cloudformation.names import Reference
from gitbot.language.cloudformation.writer import Writer
from gitbot.language.nodes import Node


def ref(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Ref``."""
    return spelled(writer.names.ref(writer.plain("Ref", argument), argument))


def get_att(writer: Writer, argument: Node) -> tuple[str, str]:
    """``Fn::GetAtt``, as a list or as a text with a dot."""
    if isinstance(argument.value, str):
        name, _, attribute = argument.value.partition(".")
    else:
        first, *rest = writer.arguments("Fn::GetAtt", argument, 2, 3)
        name = writer.plain("Fn::GetAtt", first)
        attribute = ".".join(writer.plain("Fn::GetAtt", one) for one in rest)
    return spelled(writer.names.attribute(name, attribute, argument))


def spelled(found: Reference | None) -> tuple[str, str]:
    """The template of a reference, and the kind of its value.

    Raises:
        UnwritableError: there is none; it has a problem of its own.
    """
    if found is None:
        raise UnwritableError
    return f"${{{found.cel}}}", found.kind
