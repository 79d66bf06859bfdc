"""What is computed before everything is known is what would be computed afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gitbot.errors import UserError
from gitbot.language.bind import bind
from gitbot.language.evaluate import evaluate
from gitbot.language.scope import Scope
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.names import Address
from gitbot.model.values import Unknown, is_known, map_leaves

KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b", ""]), st.booleans(), st.none())
TREES = st.recursive(
    LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=2)
)
MAPS = st.dictionaries(KEYS, TREES, min_size=1, max_size=3)
PATHS = [
    "m", "m.a", "m.b", "m.a.b", "m.a.b.c", 'm["b"].a', "m[n.k]", "m[n.k].a", "n.k", "m[k]", "m[k].a",
    "n.other", "m.c[n.k]", "n.list", "m.a[0]", "m.b[1]", "m[n.k][0]", "m.a[0].b", "m.a[0][1]", "m[k][0]",
]  # fmt: skip
ATOMS = st.sampled_from([*PATHS, "1", '"a"', "null", "true", "[]", "{}"])
FORMS = [
    "{0} == {1}", "{0} != null", "null == {0}", "{0} != null ? {1} : {2}", "({0} == {1}) ? {1} : {2}",
    "size({0})", "has(m.a)", "has(m.a.b) ? {0} : {1}", '"a" in {0}', "[{0}, {1}]", "{{'x': {0}}}",
    "{0}.map(k, {1})", "m.map(k, m[k].a)", "m.filter(k, m[k] == {0})", "m.all(k, m[k] != {0})",
    "{0}.exists(k, k == {1})", "json({0})", "type({0}) == type({1})", "m.a.map(k, m.a[k])",
    "n.list.map(k, m[k])", "({0}).a", "{0} in {1}", "m.map(k, k)", "m.map(k, {0}).size()",
]  # fmt: skip
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.builds(
        lambda form, *parts: form.format(*(f"({part})" if " " in part else part for part in parts)),
        st.sampled_from(FORMS), inner, inner, inner,
    ),
    max_leaves=6,
)  # fmt: skip
BOX = Address("box")


def outcome(text: str, inputs: dict[str, Any]) -> Any:
    """The value; or that it fails, whatever the reason."""
    try:
        return evaluate(parse_template(f"${{{text}}}"), Scope(inputs=inputs))
    except ExpressionError:
        return ExpressionError


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS, MAPS, st.sets(st.integers(0, 12)), KEYS)
@example("m.map(k, m[k].a)", {"a": {"a": 1}, "b": {}}, {0}, "a")
@example("m.map(k, (m.b.exists(k, k == m.a))).size()", {"b": {"a": None}}, {0}, "a")
@example("size(m.a)", {"a": {"a": 1, "b": 2}}, {0}, "a")
@example("m.a != null ? m.a.b : 0", {"a": {"b": 1, "c": 2}}, {1}, "a")
@example("has(m.a.b) ? m.b : m.b", {"a": {}, "b": 1}, {0}, "a")
@example("[m.a[0], size(m.a)]", {"a": [1, 2]}, {1}, "a")
@example("m.a[0] == m.a[1]", {"a": [1, 2]}, {1}, "a")
@example("m.a.b == m.a[0]", {"a": [1, 2]}, {1}, "a")
def test_a_known_result_stays_and_an_unknown_one_becomes_what_it_would_have_been(
    text: str, known: dict[str, Any], hidden: set[int], key: str
) -> None:
    number = iter(range(1000))
    values: dict[str, Any] = {}

    def hide(leaf: Any) -> Any:
        place = next(number)
        if place not in hidden:
            return leaf
        values[f"x{place}"] = leaf
        return Unknown(template=f"${{box.x{place}}}", references={"box": BOX})

    rest = {"k": key, "other": 3, "list": ["a", "b"]}
    partly = {"m": map_leaves(known, hide), "n": rest}
    whole = outcome(text, {"m": known, "n": rest})
    early = outcome(text, partly)
    if isinstance(early, Unknown):
        try:
            late: Any = bind(early, {BOX: values})
        except UserError:
            late = ExpressionError
        assert late == whole
    else:
        assert early is ExpressionError or is_known(early)
        assert early == whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m.ids[0]", "a"),
        ("m.ids[0] + m.ids[2]", "ac"),
        ('m["ids"][2]', "c"),
        ("m[n.k][0]", "a"),
        ("m.deep[0].id", "a"),
        ('m.ids[0] == null ? "x" : m.ids[2]', "c"),
        ("m.ids[1]", None),
        ("m.ids[n.number]", None),
        ("[m.ids[0], size(m.ids)]", None),
        ("m.ids[0] + json(m)", None),
        ("m.ids.map(k, k)[0]", None),
        ("m.deep[1].id", None),
    ],
)
def test_of_a_list_only_the_items_that_are_taken_must_be_known(
    text: str, expected: str | None
) -> None:
    later = Unknown(template="${box.Id}", references={"box": BOX})
    found = outcome(
        text,
        {
            "m": {"ids": ["a", later, "c"], "deep": [{"id": "a"}, {"id": later}]},
            "n": {"k": "ids", "number": 0},
        },
    )
    assert found == expected if expected is not None else isinstance(found, Unknown)
