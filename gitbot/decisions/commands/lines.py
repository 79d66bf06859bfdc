"""Finds the lines of a text that Markdown shows as plain text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gitbot.decisions.commands.blocks import Line, paragraphs

# Complete tags and links; brackets; and what may continue on the next line.
_INLINE = re.compile(
    r"(?P<tag><[A-Za-z/][^<>`\"'\[\]\\]*+>)"
    r"|(?P<code>`++)"
    r"|(?P<close>\]\([^()`\"'\[\]\\<]*+(?:\"[^\"`\[\]\\<]*+\"\s*+)?+\)|\](?![(:]))"
    r"|(?P<open>\[)"
    r"|(?P<doubt><(?=[A-Za-z/!?])|\\[`\[\]<]|\][(:]|\$\$)"
)
# A whole definition of a link, ``[docs]: https://x "Docs"``. Without a title, the next line may be it.
_DEFINITION = re.compile(
    r"\A {0,3}\[[^`\[\]\\]++\]:[ \t]++[^\s<>\"'()`\[\]\\]++(?P<title>[ \t]++\"[^\"`\[\]\\]*+\")?+[ \t]*+\Z"
)
_TITLE = ('"', "'", "(")
_BACKTICKS = re.compile(r"`++")
_TABLE_RULE = frozenset("|:- \t")


def plain_lines(body: str) -> Iterator[str]:
    """The lines that are not indented and that Markdown shows as plain text, in order.

    One space before a line is no indentation.

    Code, quotations, HTML, headings, tables and link definitions are left out. So is a line that
    may be inside a code span, a tag or a link that an earlier line began.
    """
    for paragraph in paragraphs(body):
        if not _is_table(paragraph):
            yield from _outside_of_spans(paragraph)


def _is_table(paragraph: Sequence[Line]) -> bool:
    """Whether a line may be the rule below a table's head: ``|---|:--:|``."""
    return any("-" in line.text and _TABLE_RULE.issuperset(line.text) for line in paragraph[1:])


def _outside_of_spans(paragraph: Sequence[Line]) -> Iterator[str]:
    last_run = {
        len(run[0]): (number, run.start())
        for number, line in enumerate(paragraph)
        for run in _BACKTICKS.finditer(line.text)
    }
    code = depth = 0  # the length of the backticks that began a code span; the open brackets
    before = ""
    for number, line in enumerate(paragraph):
        if _may_be_a_title(line.text, before):
            return
        if line.plain and not code and not depth:
            yield line.text
        before = "" if code or depth else line.text
        if _DEFINITION.match(before):
            continue
        for found in _INLINE.finditer(line.text):
            run = len(found["code"] or "")
            if found["doubt"] and (not code or found[0] == "\\`"):
                return
            if code:
                code = 0 if run == code else code
            elif run and last_run[run] > (number, found.start()):
                code = run
            elif found["open"] or found["close"]:
                depth = max(0, depth + (1 if found["open"] else -1))


def _may_be_a_title(text: str, before: str) -> bool:
    """Whether the line before is a link definition that the line goes on with."""
    definition = _DEFINITION.match(before)
    if definition is None or definition["title"]:
        return False
    return text.lstrip().startswith(_TITLE)
