"""Parsers of outside text in the server's own process take time in proportion to its size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from gitbot.decisions.commands.grammar import parse_commands
from gitbot.language.files import readable_files
from gitbot.language.problems import Problems
from gitbot.model.secrets import Secrets
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.render.escape import clean, code, plain, sentence
from gitbot.webhooks.parse import parse
from gitbot.webhooks.payloads import MalformedDeliveryError
from tests.fuzz.targets import check_reply

SIZES = (4_000, 32_000)


def comment(unit: str) -> Callable[[int], object]:
    return lambda size: parse_commands((unit * size)[:size] + "é", "gitbot[bot]")


def delivery(size: int) -> object:
    try:
        return parse("push", {"ref": "refs/heads/" + "a/" * size, "commits": [{"id": "x"}] * size})
    except MalformedDeliveryError as error:
        return error


def paths(size: int) -> object:
    entries = {
        f"specs/{'x/' * (at % 50)}{at}.yaml": TreeEntry(content=b"") for at in range(size // 20)
    }
    return list(readable_files(SpecTree(id="t", entries=entries), Problems(file="specs")))


def reply(unit: str) -> Callable[[int], object]:
    return lambda size: check_reply('{"values": [' + unit * (size // len(unit)) + "]}")


PARSERS: dict[str, Callable[[int], object]] = {
    "a comment of spaces": lambda size: parse_commands("/plan" + " " * size + "é", "gitbot[bot]"),
    "a comment of ticks": comment("`"),
    "a comment of quotes": comment("> "),
    "a comment of stars": comment("*a "),
    "a comment of brackets": comment("[("),
    "a comment of tags": comment("<a "),
    "a comment of comments": comment("<!--"),
    "a comment of lists": comment("- "),
    "a comment of lines": comment("/plan\n"),
    "a comment of tables": comment("|-"),
    "a comment of fences": comment("```\n"),
    "a delivery": delivery,
    "paths": paths,
    "a reply of brackets": reply("["),
    "a reply of maps": reply('{"a":1},'),
    "a text to clean": lambda size: clean("\u200b" * size, size),
    "a text to show": lambda size: plain("`<@:// " * (size // 7)),
    "a sentence": lambda size: sentence("`a <!--" * (size // 7)),
    "a code span": lambda size: code("`" * size),
    "a text with secrets": lambda size: Secrets(texts=frozenset({"aaaaaaab"})).hide("a" * size),
    "a JSON": lambda size: json.loads("[" + "1," * size + "1]"),
}  # fmt: skip


def seconds(parser: Callable[[int], object], size: int) -> float:
    """The best of three: the processor time of this process, without what others do."""
    found = []
    for _ in range(3):
        began = time.process_time()
        parser(size)
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize("name", PARSERS)
def test_eight_times_the_text_takes_no_more_than_some_twenty_times_as_long(name: str) -> None:
    """The kind: a parser of outside text that backtracks, in the process that must answer."""
    small, large = (seconds(PARSERS[name], size) for size in SIZES)
    assert large < 0.05 or large < 20 * small, f"{small * 1e3:.1f} ms, then {large * 1e3:.1f} ms"
