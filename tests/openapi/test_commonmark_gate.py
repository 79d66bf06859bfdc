"""Commands beside every example of CommonMark's specification are heard as markdown-it-py shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gitbot.decisions.commands.lines import plain_lines
from tests.openapi.fetch import fetch
from tests.unit.decisions.commands.test_lines import GIVEN_UP, commands, shown_as_text

pytestmark = pytest.mark.full

COMMAND = "/plan e1."
EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", re.DOTALL | re.MULTILINE)


def examples() -> list[str]:
    found = EXAMPLE.findall(fetch("commonmark.txt").read_text(encoding="utf-8"))
    return [text.replace("\N{RIGHTWARDS ARROW}", "\t") for text in found]


def with_a_command(text: str) -> Iterator[str]:
    """The text with a command at each place: between two lines, and instead of one."""
    lines = text.split("\n")
    for at in range(len(lines) + 1):
        yield "\n".join([*lines[:at], COMMAND, *lines[at:]])
        yield "\n".join([*lines[:at], f" {COMMAND}", *lines[at:]])
        yield "\n".join([*lines[:at], COMMAND, *lines[at + 1 :]])


def with_a_paragraph(text: str) -> Iterator[str]:
    """The text with a command as a paragraph of its own at each place."""
    lines = text.split("\n")
    for at in range(len(lines) + 1):
        yield "\n".join([*lines[:at], "", COMMAND, "", *lines[at:]])


def heard(body: str) -> bool:
    return bool(commands([line.strip() for line in plain_lines(body)]))


def test_no_command_is_heard_in_what_is_shown_as_code_html_or_a_quotation() -> None:
    """The kind: a line that GitHub shows as something else than text, and gitbot obeys."""
    bodies = [body for text in examples() for body in with_a_command(text)]
    assert len(bodies) > 5_000
    taken = [body for body in bodies if heard(body)]
    assert len(taken) > 1_000
    assert [body for body in taken if not commands(shown_as_text(body))] == []


def test_a_command_that_is_a_paragraph_of_its_own_is_heard_wherever_it_is_shown() -> None:
    bodies = [body for text in examples() for body in with_a_paragraph(text)]
    shown = [body for body in bodies if commands(shown_as_text(body))]
    assert len(shown) > 1_000
    assert [body for body in shown if not heard(body) and not GIVEN_UP.search(body)] == []
