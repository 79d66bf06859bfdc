"""Texts for the regular expressions of the registry."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import regex

from gitbot.providers.aws.pack import SchemaPack
from gitbot_sandbox.aws.cloud_control.patterns import UnreadableError, read
from gitbot_sandbox.aws.cloud_control.texts import text_for
from tests.model_checks import WHOLE, some

PACK = SchemaPack.open()
UNMATCHABLE = {
    '"^arn:aws:acm:[a-z0-9-]+:\\d{12}:certificate\\/.+$"': "a quote before the beginning",
    "^arn:aws([a-z-]+)?:ec2:[a-z\\d-]+:\\d{12}:placement-group/^.{1,255}$": "a second beginning",
}
"""Expressions of the registry that no text fits, and why."""


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        ("^a{2,4}$", 3, 3),
        ("^[^a-z]+$", 1, 20),
        ("^(x|yz)+$", 7, 9),
        (r"^\d{4}-\d\d?$", 0, None),
        (r"^(?=.*\d)(?=.*[A-Z])[a-zA-Z\d]{8,}$", 12, 12),
        ("^(?!aws:).+$", 1, 5),
        (r"^[\w+=,.@-]+(?<!-)$", 64, 64),
        (r"\Aarn:.+\Z", 20, 30),
        (r"^\p{L}[\p{N}_]*+$", 2, 2),
        (r"^\x41\u0042$", 0, None),
        ("^[]a]+?$", 1, 1),
        (r"^a{,3}\{b$", 5, 5),
        ("", 4, 4),
    ],
)
def test_a_text_fits_expression_and_length(pattern: str, least: int, most: int | None) -> None:
    for seed in range(20):
        text = text_for((pattern,), least, most, Random(seed))
        assert text is not None
        assert regex.search(pattern, text)
        assert least <= len(text) <= (1_000 if most is None else most)


def test_a_text_fits_several_expressions() -> None:
    text = text_for(("^[a-z]+$", "^.{5}$", "a"), 0, None, Random(0))
    assert text is not None
    assert regex.fullmatch("[a-z]{5}", text)
    assert "a" in text


def test_there_is_no_text_for_what_contradicts_itself() -> None:
    assert text_for(("^a$", "^b$"), 0, None, Random(0)) is None
    assert text_for(("^a{3}$",), 4, 9, Random(0)) is None


def test_other_seeds_make_other_texts() -> None:
    assert len({text_for(("^[a-z]+$",), 8, 8, Random(seed)) for seed in range(50)}) == 50


@pytest.mark.parametrize("pattern", ["(a", "[a", "a\\", "\\u12", ")"])
def test_a_malformed_expression_is_refused(pattern: str) -> None:
    with pytest.raises(UnreadableError):
        read(pattern)


def _expressions(node: Any) -> Iterator[tuple[str, int, int | None]]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            most = node.get("maxLength")
            yield (
                node["pattern"],
                int(node.get("minLength", 0)),
                None if most is None else int(most),
            )
        for one in node.values():
            yield from _expressions(one)
    elif isinstance(node, list):
        for one in node:
            yield from _expressions(one)


@pytest.mark.model
def test_every_expression_of_the_registry_has_a_text() -> None:
    schemas = [PACK.lookup(name) for name in PACK.names()]
    found = {one: None for schema in schemas if schema for one in _expressions(schema.json_schema)}
    without = {
        pattern
        for pattern, least, most in some(150, list(found))
        if text_for((pattern,), least, most, Random(0)) is None
    }
    assert without <= set(UNMATCHABLE)
    if WHOLE:
        assert without == set(UNMATCHABLE)
