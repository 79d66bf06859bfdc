"""The names in CEL text."""

from __future__ import annotations

import cel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbot.language.scanner import end_of_expression, scan


@pytest.mark.parametrize(
    ("text", "selected", "bare"),
    [
        ("vars.a", {("vars", "a")}, set()),
        ("vars[\"a-b\"] + env['c']", {("vars", "a-b"), ("env", "c")}, set()),
        ("vars.size()", set(), {"vars"}),
        ("bucket", set(), {"bucket"}),
        ("bucket[0]", set(), {"bucket"}),
        ("a.b.c.d", {("a", "b")}, set()),
        ("\"vars.a\" + r\"x.y\" + '''z.w'''", set(), set()),
        ("1 // vars.a\n + vars.b", {("vars", "b")}, set()),
        ("[1].map(x, x + vars.n)", {("vars", "n")}, set()),
        ("0x1F + 1.5e3 + 2u", set(), set()),
        ("true ? null : a.b in c.d", {("a", "b"), ("c", "d")}, set()),
        ("{a.b: c}", {("a", "b")}, {"c"}),
    ],
)
def test_roots_and_their_selections_are_found(
    text: str, selected: set[tuple[str, str]], bare: set[str]
) -> None:
    names = scan(text)
    assert (set(names.selected), set(names.bare)) == (selected, bare)


def test_has_comprehension_variables_and_calls_are_told_apart() -> None:
    names = scan("has(bucket.Arn) && vars.l.exists(y, y.startsWith(env.p))")
    assert names.tested == {"bucket"}
    assert names.bound == {"y"}
    assert names.called == {"has", "exists", "startsWith"}
    assert names.roots == {"bucket", "vars", "env"}


@pytest.mark.parametrize(
    ("text", "end"),
    [("a}", 1), ('"}"}', 3), ("{1: {2: 3}}}b", 11), ("a", None), ("'''}'''}", 7), ('"\\"}"}', 5)],
)
def test_an_expression_ends_at_its_own_brace(text: str, end: int | None) -> None:
    assert end_of_expression(text, 0) == end


_ATOMS = st.sampled_from(
    ["vars.a", "env['b']", "box.Arn.x", "1", "2.5", '"s}.t"', "'q'", "true", "null", "box", "k"]
)
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " == ", "&&", " in "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("[{}]".format),
        inner.map('{{"m": {}}}'.format),
        inner.map("size({})".format),
        inner.map("({}).all(z, z == vars.c)".format),
        st.tuples(inner, inner, inner).map(lambda three: "({} ? {} : {})".format(*three)),
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(_EXPRESSIONS)
def test_the_scanner_finds_the_variables_that_cel_finds(text: str) -> None:
    names = scan(text)
    found = set(cel.compile(text).references()["variables"])
    assert names.roots == found - names.bound
