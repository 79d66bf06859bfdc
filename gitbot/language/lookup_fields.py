"""The fields of lookups, in stacks and modules and in an environment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gitbot.language.field_shapes import Anything, Field, ListOf, MapOf, Record, Text
from gitbot.model.lookups import LookupRule, Pick

ALWAYS: Final = "always"

LOOKUP: Final = Record(
    fields={
        "type": Field(
            shape=Text(longest=200), required=True, doc="What is looked up: AWS::EC2::Image."
        ),
        "identifier": Field(
            shape=Anything(), doc="The object's identifier; expressions are evaluated."
        ),
        "filter": Field(
            shape=MapOf(value=Anything()),
            doc="What the object has, where its identifier is not known: {Tags: {name: shared}}.",
        ),
        "pick": Field(
            shape=Text(choices=tuple(one.value for one in Pick)),
            doc="What is taken where several fit: one (default; several are an error), newest or all.",
        ),
        "refresh": Field(
            shape=Text(
                pattern=rf"{ALWAYS}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}",
                rule=f"{ALWAYS}, or a date such as 2026-11-28 that you change to look again",
            ),
            doc="always: look again at every plan. A date: look again when it is changed.",
        ),
    }
)

_PATTERNS: Final = ListOf(item=Text(pattern=r"(?s).+", rule="a text, in which * is any text"))

LOOKUP_RULE: Final = Record(
    fields={
        "type": Field(shape=Text(longest=200), required=True, doc="The type: AWS::EC2::Image."),
        "identifiers": Field(
            shape=_PATTERNS, required=True, doc="Identifiers that may be found; * is any text."
        ),
        "attributes": Field(
            shape=_PATTERNS, required=True, doc="Attributes that may be read; * is any text."
        ),
    }
)


def lookup_rules(entries: Iterable[Mapping[str, Any]] | None) -> tuple[LookupRule, ...]:
    """What an environment lists. An entry that could not be read is a problem already."""
    return tuple(
        LookupRule(
            type=one["type"],
            identifiers=tuple(one["identifiers"]),
            attributes=tuple(one["attributes"]),
        )
        for one in entries or ()
        if {"type", "identifiers", "attributes"} <= one.keys()
    )
