"""Tests for the shapes of fields that no other test of a document meets in all their ways."""

from __future__ import annotations

from datetime import timedelta

import jsonschema
import pytest

from gitbot.language.field_shapes import Field, ListOf, Number, Parsed, Record, Text
from gitbot.language.json_schemas import shape_schema
from gitbot.language.problems import Problems
from gitbot.language.shape import read
from gitbot.language.yaml12 import parse
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.durations import DURATION_PATTERN, DURATION_RULE, read_duration

DURATION = Parsed(read=read_duration, rule=DURATION_RULE, pattern=DURATION_PATTERN)
SHAPE = Record(
    fields={
        "max": Field(shape=Number(least=1, most=10), doc="A number."),
        "share": Field(shape=Number(least=0, most=1, whole=False), doc="A share."),
        "warn": Field(shape=ListOf(item=DURATION), doc="Durations."),
        "entries": Field(
            shape=ListOf(
                item=Record(
                    shorthand="every",
                    fields={
                        "every": Field(shape=DURATION, doc="How often.", required=True),
                        "name": Field(shape=Text(), doc="What for."),
                    },
                )
            ),
            doc="Records.",
        ),
    }
)


def shaped(text: str) -> tuple[object, list[Diagnostic]]:
    problems = Problems(file="specs/dev/a.yaml")
    (document,) = parse(text, problems)
    return read(document, SHAPE, "spec", problems), problems.found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("max: 10", {"max": 10}),
        ("max: 2.0", {"max": 2}),
        ("share: 0.3", {"share": 0.3}),
        ("share: 1", {"share": 1}),
        ("warn: [48h, 2h, 2h]", {"warn": tuple(timedelta(hours=h) for h in (48, 2, 2))}),
        (
            "entries: [{name: a, every: 1h}, 2h]",
            {
                "entries": (
                    {"name": "a", "every": timedelta(hours=1)},
                    {"every": timedelta(hours=2)},
                )
            },
        ),
    ],
)
def test_what_fits_is_read_and_satisfies_the_schema_for_editors(text: str, value: object) -> None:
    assert shaped(text) == (value, [])
    (document,) = parse(text, Problems(file="a.yaml"))
    jsonschema.Draft202012Validator(shape_schema(SHAPE)).validate(document.plain())


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("max: 0", "bad-value", (1, 6), "spec.max is 0, but must be a whole number from 1 to 10"),
        ("max: 11", "bad-value", (1, 6), "from 1 to 10"),
        ("max: 2.5", "bad-value", (1, 6), "spec.max is 2.5"),
        ("max: true", "wrong-type", (1, 6), "a whole number"),
        ("max: '3'", "wrong-type", (1, 6), "a whole number"),
        ("share: 1.1", "bad-value", (1, 8), "a number from 0 to 1"),
        ("warn: 2h", "wrong-type", (1, 7), "must be a list"),
        ("warn: [48h, 2x]", "bad-value", (1, 13), "spec.warn[1] must be a duration"),
        ("warn: [1h2x]", "bad-value", (1, 10), '"1h2x"'),
        ('warn: ["1h2x"]', "bad-value", (1, 11), '"1h2x"'),
        ("warn: [30]", "wrong-type", (1, 8), "a string"),
        ("warn: ['${vars.a}']", "no-expression-here", (1, 8), "spec.warn[0]"),
        ("warn:\n  - |-\n    1h2x", "bad-value", (2, 5), '"1h2x"'),
        ("entries: [{every: 1h, nam: a}]", "unknown-field", (1, 23), "spec.entries[0]"),
        ("entries: [{name: a}]", "missing-field", (1, 11), "every"),
        ("entries: [2x]", "bad-value", (1, 11), "spec.entries[0] must be a duration"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(
    text: str, code: str, place: tuple[int, int], words: str
) -> None:
    _, found = shaped(text)
    assert [(one.code, (one.line, one.column)) for one in found] == [(code, place)]
    assert words in found[0].detail
    (document,) = parse(text, Problems(file="a.yaml"))
    schema = jsonschema.Draft202012Validator(shape_schema(SHAPE))
    assert not schema.is_valid(document.plain())
