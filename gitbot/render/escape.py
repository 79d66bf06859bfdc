"""Escapes text from specs, clouds and people for Markdown and HTML. Pure.

GitHub turns parts of plain Markdown text into mentions, issue links, addresses, HTML and emoji, and
gitbot finds its own comments by hidden markers. A text from somebody else must not contain any of
these. In code spans and fences, only the end of the span or fence, markers and invisible
characters matter.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote

JOINER = "\u2060"
"""A zero-width character. It stops GitHub from recognising a mention, link or marker."""

# Control and format characters, line separators, surrogates, and what Unicode tells programs to
# leave out (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), with the blanks that
# are no spaces. A test compares this with Python's tables.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PUNCTUATION = re.compile(r"([\\`*_\[\]~$])")
# What starts a list or a heading at the beginning of a line.
_BLOCK_START = re.compile(r"\A(?:([+-])(?=[ -]|\Z)|(#)(?=#*(?: |\Z))|(\d{1,9})(?=[.)]))")
_LIVE = re.compile(r"@|:(?=//)|(?i:www)(?=\.)|(?i:gh)(?=-\d)|#(?=\d)")
_CODE_SPAN = re.compile(r"`[^`\n]+`")
_LONGEST = 2_000


def clean(text: str, longest: int = _LONGEST) -> str:
    """``text``, with invisible and reordering characters written out as ``\\uXXXX``.

    A text of more than ``longest`` characters is cut, and says so.
    """
    if len(text) > longest:
        text = f"{text[:longest]}… ({len(text) - longest} more characters)"
    return _INVISIBLE.sub(_written_out, text.replace("\r\n", "\n"))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def plain(text: str) -> str:
    """A text that somebody else wrote, as one line of Markdown that shows it exactly."""
    return _inline(_quiet(" ".join(clean(text).split())))


def sentence(text: str) -> str:
    """A sentence of gitbot with names from others, as Markdown. Its code spans stay code."""
    line = " ".join(clean(text).split())
    parts: list[str] = []
    end = 0
    for span in _CODE_SPAN.finditer(line):
        parts += [_quiet(line[end : span.start()], numbers=True), _unmarked(span[0])]
        end = span.end()
    parts.append(_quiet(line[end:], numbers=True))
    return _inline("".join(parts))


def _inline(line: str) -> str:
    found = _BLOCK_START.match(line)
    if found is None:
        return line
    end = found.end()
    return f"{line[:end]}\\{line[end:]}" if found[3] else f"\\{line}"


def _quiet(text: str, *, numbers: bool = False) -> str:
    """The text as escaped Markdown. With ``numbers``, issue numbers stay links."""
    pieces: list[str] = []
    end = 0
    for live in _LIVE.finditer(text):
        pieces.append(_escaped(text[end : live.start()]))
        before = text[live.start() - 1 : live.start()]
        kept = numbers and live[0] == "#" and before in ("", " ", "(")
        pieces.append("#" if kept else f"{_escaped(live[0])}{JOINER}")
        end = live.end()
    pieces.append(_escaped(text[end:]))
    return "".join(pieces)


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", html.escape(text, quote=False))


def code(text: str) -> str:
    """A code span that shows ``text``, even if it has backticks."""
    line = _unmarked(" ".join(clean(text).split())) or " "
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(lines: list[str], language: str = "") -> str:
    """A fenced block of the lines. The fence is longer than any run of backticks in them."""
    body = "\n".join(_unmarked(line.replace("\n", " ")) for line in lines)
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def markup(text: str) -> str:
    """Text escaped for use between HTML tags, but not in attributes."""
    line = " ".join(clean(text).split()).replace("@", f"@{JOINER}")
    return html.escape(line, quote=False)


def address(url: str) -> str:
    """The URL escaped as the target of a Markdown link."""
    return quote(clean(url), safe="/:#?&=%@+~")


def _unmarked(text: str) -> str:
    return text.replace("<!--", f"<!{JOINER}--")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
