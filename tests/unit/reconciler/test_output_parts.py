"""Of an output that an apply changes in part, the rest is known before it."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.language.bind import bind
from gitbot.model.plan import OutputChange
from gitbot.model.uses import outputs_address
from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.reconciler.output_parts import agrees, filled, parts_of

LATER = Unknown(template="${c.SubnetId}", references={"c": "c"})  # type: ignore[dict-item]
ADDRESS = outputs_address("net")


def hole(path: str) -> Unknown:
    return Unknown(template=f"${{outputs.ids{path}}}", references={"outputs": ADDRESS})


@pytest.mark.parametrize(
    ("before", "after", "more", "part"),
    [
        (["a", "b"], ["a", "b", LATER], {}, ["a", "b", hole("[2]")]),
        (["a", "b"], ["a", "c"], {}, ["a", hole("[1]")]),
        (["a", "b"], ["a"], {}, ["a"]),
        ({"x": "a", "y": 1}, {"x": "a", "y": True}, {}, {"x": "a", "y": hole('["y"]')}),
        ({"x": ["a"]}, {"x": ["a", LATER]}, {}, {"x": ["a", hole('["x"][1]')]}),
        (["a"], ["b"], {}, None),
        (["a"], {"a": 1}, {}, None),
        ("a", "b", {}, None),
        (["a", LATER], ["b", LATER], {}, None),
        (["a"], ["a", LATER], {"sensitive": True}, None),
        (["a"], ["a", Sensitive("x")], {}, None),
        (["a", Redacted(digest="x", key_id="k")], ["a", "b"], {}, None),
        (None, ["a", LATER], {"added": True}, None),
        (["a"], [], {}, None),
    ],
)
def test_what_stays_of_an_output(before: Any, after: Any, more: dict[str, bool], part: Any) -> None:
    change = OutputChange(name="ids", before=before, after=after, **more)
    for stack in ("net", "net@eu-west-1"):
        assert parts_of(stack, [change]) == ({} if part is None else {f"{stack}.ids": part})


def use(path: str) -> Unknown:
    """What a spec has for ``${stacks["net"].outputs.ids…}`` before anything is known."""
    return Unknown(
        template=f'${{stacks["net"].outputs.ids{path}}}',
        inputs={"stacks": {"net": {"outputs": {"ids": hole("")}}}},
        references={ADDRESS: ADDRESS},
    )


@pytest.mark.parametrize(
    ("path", "expected"), [("[0]", "a"), ("[1]", None), ("", None), ("[0] + 'x'", "ax")]
)
def test_an_expression_knows_the_items_that_stay(path: str, expected: str | None) -> None:
    given = filled(use(path), {ADDRESS: {"other": 1, "ids": ["a", hole("[1]")]}})
    found = bind(given, {})
    assert found == expected if expected is not None else isinstance(found, Unknown)
    nested = Unknown(
        template="${locals.x}", inputs={"locals": {"x": [use(path)]}}, references={ADDRESS: ADDRESS}
    )
    inner = bind(filled(nested, {ADDRESS: {"ids": ["a", hole("[1]")]}}), {})
    assert inner == [expected] if expected is not None else isinstance(inner, Unknown)
    assert filled(use(path), {}) == use(path)
    later = bind(given, {ADDRESS: {"ids": ["a", "b"]}})
    assert later == {"[0]": "a", "[1]": "b", "": ["a", "b"], "[0] + 'x'": "ax"}[path]


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        (["a", hole("[1]")], ["a", "b"], True),
        (["a", hole("[1]")], ["x", "b"], False),
        (["a", hole("[1]")], ["a"], False),
        (["a"], "a", False),
        ({"x": "a", "y": hole(".y")}, {"x": "a", "y": 1}, True),
        ({"x": "a"}, {"x": "b"}, False),
        ({"x": "a"}, {"y": "a"}, False),
        ({"x": "a"}, ["a"], False),
        (hole(""), None, True),
    ],
)
def test_what_was_to_stay_did(part: Any, value: Any, expected: bool) -> None:
    assert agrees(part, value) is expected
