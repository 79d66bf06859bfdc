"""The table of the fields of a document of the kind Test. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.language.field_shapes import (
    NAME,
    PROSE,
    Anything,
    Field,
    Flag,
    ListOf,
    MapOf,
    Record,
    Text,
    document,
)

_ASSERT = Record(
    shorthand="that",
    fields={
        "that": Field(
            shape=Anything(),
            required=True,
            doc="An expression over plan, resources, outputs and applied that must be true.",
        ),
        "says": Field(shape=PROSE, doc="What is said where it is false."),
    },
)
_EXPECTED = Record(
    shorthand="code",
    fields={
        "code": Field(shape=Text(longest=60), required=True, doc="The code of a diagnostic."),
        "says": Field(shape=PROSE, doc="A part of its text."),
    },
)
_ENVIRONMENT = Record(
    fields={
        "name": Field(shape=NAME, doc="env.name; default test."),
        "region": Field(shape=Text(pattern=r"[a-z0-9-]+"), doc="env.region; default us-east-1."),
    }
)
_CASE = Record(
    fields={
        "module": Field(
            shape=Text(longest=200), doc="What is tested; default: the module in this folder."
        ),
        "stack": Field(
            shape=Text(longest=100), doc="The stack of this environment that is tested instead."
        ),
        "environment": Field(shape=_ENVIRONMENT, doc="Where the module is used."),
        "values": Field(shape=MapOf(value=Anything()), doc="Values of its variables."),
        "asserts": Field(shape=ListOf(item=_ASSERT), doc="What must hold of the plan."),
        "diagnostics": Field(
            shape=ListOf(item=_EXPECTED), doc="The only diagnostics that are expected."
        ),
        "apply": Field(
            shape=Flag(),
            doc="Apply it to a local AWS, plan it again, which must give nothing, and destroy it.",
        ),
    }
)
TEST: Final = document(
    "Test",
    Record(fields={"name": Field(shape=NAME, required=True, doc="The name of the file's cases.")}),
    Record(
        fields={
            "cases": Field(
                shape=MapOf(key=Text(longest=200), value=_CASE), required=True, doc="By name."
            )
        }
    ),
)
