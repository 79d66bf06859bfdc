"""YAML text to positioned data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.language.nodes import NOT_LITERAL
from gitbot.language.problems import Problems
from gitbot.language.yaml12 import MAX_DEPTH, parse
from gitbot.language.yaml_scalars import resolve


def read(text: str) -> tuple[list[object], list[tuple[int, int, str]]]:
    problems = Problems(file="a.yaml")
    documents = [node.plain() for node in parse(text, problems)]
    return documents, [(one.line, one.column, one.code) for one in problems.found]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("22:30", "22:30"),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".", "."),
        ("-", "-"),
        ("+", "+"),
        ("1e", "1e"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_plain_scalars_resolve_by_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", str(2**63), "9" * 5000])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    assert read(f"a: {text}")[1] == [(1, 4, "yaml-number")]


@pytest.mark.parametrize("text", ["017", "012345678901", "-01", "00"])
def test_digits_that_begin_with_zero_must_be_quoted(text: str) -> None:
    assert read(f"a: {text}") == ([{"a": text}], [(1, 4, "yaml-leading-zero")])
    assert read(f"a: '{text}'") == ([{"a": text}], [])


def test_quoted_scalars_stay_strings() -> None:
    assert read("""a: "1"\nb: 'true'\nc: |\n  5\n""")[0] == [{"a": "1", "b": "true", "c": "5\n"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x 1", (1, 4, "yaml-alias")),
        ("a: *x", (1, 4, "yaml-alias")),
        ("a: !Ref b", (1, 4, "yaml-tag")),
        ("a: !!python/object:os.system {}", (1, 4, "yaml-tag")),
        ("a: !!str 5", (1, 4, "yaml-tag")),
        ("a: 1\nb: 2\na: 3", (3, 1, "yaml-duplicate-key")),
        ("a: {<<: {b: 1}}", (1, 5, "yaml-merge-key")),
        ("1: a", (1, 1, "yaml-key")),
        ("? [a]\n: b", (1, 3, "yaml-key")),
        ("a:\n\tb: 1", (2, 1, "yaml-tab")),
        ("- a\n-\tb: c", (2, 2, "yaml-tab")),
        ('a: "b', (1, 6, "yaml-syntax")),
        ("a: \x01", (1, 4, "yaml-syntax")),
        ("a: b: c", (1, 5, "yaml-syntax")),
        # A comment to people, and a key to the parser.
        ("a: 1\n# b\u2028c: 1", (2, 4, "yaml-syntax")),
        ("a: 1 # b\x85c: 1", (1, 9, "yaml-syntax")),
        ("# b\rc: 1", (1, 4, "yaml-syntax")),
        ("a: 'b\u2029c'", (1, 6, "yaml-syntax")),
        ("[" * 60 + "]" * 60, (1, MAX_DEPTH + 1, "yaml-depth")),
    ],
)
def test_what_a_spec_may_not_hold_is_named_at_its_place(
    text: str, problem: tuple[int, int, str]
) -> None:
    assert read(text)[1] == [problem]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("a: {b: ${env.project}-x}", True),
        ("a: [${b}, c]", True),
        ("a: {b: [1}", False),
        ("a: ${b}: c", False),
    ],
)
def test_an_expression_without_quotes_in_braces_is_told_as_that(text: str, quotes: bool) -> None:
    problems = Problems(file="a.yaml")
    parse(text, problems)
    (found,) = problems.found
    assert ("put the whole text into quotes" in found.fix) is quotes


def test_a_bomb_of_aliases_is_not_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    assert {code for _, _, code in read(bomb)[1]} == {"yaml-alias"}


def test_documents_before_a_syntax_error_are_kept() -> None:
    documents, problems = read("a: 1\n---\nb: [1\n")
    assert documents == [{"a": 1}]
    assert [code for _, _, code in problems] == ["yaml-syntax"]


def test_a_line_ends_where_people_see_it_end() -> None:
    assert read('a: 1\r\n# b\r\nc: "\\u2028"\r\n') == ([{"a": 1, "c": "\u2028"}], [])


def test_a_node_has_a_literal_where_no_expression_stands_in_it() -> None:
    text = "a: {b: [1, x, null, 1.5], c: {}}\nd: {e: [y, '${z}']}\nf: {$g: 1}\nh: $${i}\n"
    (node,) = parse(text, Problems(file="a"))
    a, d, f, h = node.value.values()
    assert a.literal == {"b": [1, "x", None, 1.5], "c": {}} == a.plain()
    assert d.get("e").value[0].literal == "y"
    templated = (node, d, d.get("e"), f, h)
    assert all(one.literal is NOT_LITERAL for one in templated)
    assert sorted(node.templates()) == ["$${i}", "${z}"]
    assert a.templates() == []


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read('"<<": 1')[0] == [{"<<": 1}]


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parse(text, Problems(file="a.yaml"))


@given(st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_no_control_character_raises(text: str) -> None:
    parse(text, Problems(file="a.yaml"))
