"""The lines of a text that Markdown shows as plain text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(
    r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)* {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)"
)
_QUOTE = re.compile(r" {0,3}>")
_INTERRUPTS = re.compile(r" {0,3}(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]|[-*_]{3,}[ \t]*$)")
_RAW = re.compile(r" {0,3}<(?P<tag>pre|script|style|textarea)(?:[\s>]|$)", re.IGNORECASE)


def plain_lines(body: str) -> Iterator[str]:
    """The lines that are rendered as plain text, by CommonMark's rules of blocks where they
    matter: fences, quotes with their lazy continuation, raw HTML. Anything doubtful is left out.
    """
    # Not splitlines(): it also splits at characters that Markdown shows inside a line.
    lines = iter(re.split(r"\r\n|\n|\r", body))
    quoted = False
    for line in lines:
        fence = _FENCE.match(line)
        if fence and not (fence["mark"][0] == "`" and "`" in fence["info"]):
            _skip_fence(lines, fence["mark"])
            quoted = False
        elif "<!--" in line and "-->" not in line.rpartition("<!--")[2]:
            _skip_to(lines, "-->")
            quoted = False
        elif (raw := _RAW.match(line)) and f"</{raw['tag']}>".lower() not in line.lower():
            _skip_to(lines, f"</{raw['tag'].lower()}>")
            quoted = False
        elif _QUOTE.match(line):
            quoted = line.strip(" \t>") != ""
        elif not line.strip() or _INTERRUPTS.match(line):
            quoted = False
        elif not quoted:
            yield line


def _skip_fence(lines: Iterator[str], mark: str) -> None:
    closing = re.compile(rf"[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
    for line in lines:
        if closing.fullmatch(line):
            return


def _skip_to(lines: Iterator[str], end: str) -> None:
    for line in lines:
        if end in line.lower():
            return
