"""Recognises the HTML blocks of Markdown. Pure.

The seven kinds: https://spec.commonmark.org/0.31.2/#html-blocks
"""

from __future__ import annotations

import re

_BLOCK_TAGS = (
    "address article aside base basefont blockquote body caption center col colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option "
    "p param search section summary table tbody td tfoot th thead title tr track ul"
)
_BLANK = re.compile(r"\A\Z")

_ENDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[\s>]|$)", re.IGNORECASE | re.ASCII),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE | re.ASCII),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (
        re.compile(
            rf"</?(?:{'|'.join(_BLOCK_TAGS.split())})(?:\s|/?>|$)", re.IGNORECASE | re.ASCII
        ),
        _BLANK,
    ),
)
_ATTRIBUTE = (
    r"\s++[A-Za-z_:][A-Za-z0-9_.:-]*+"
    r"""(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+"""
)
# The quantifiers are possessive: they never backtrack, so a long line cannot make them slow.
_LONE_TAG = re.compile(
    rf"(?:<[A-Za-z][A-Za-z0-9-]*+(?:{_ATTRIBUTE})*+\s*+/?>|</[A-Za-z][A-Za-z0-9-]*+\s*+>)\s*+\Z",
    re.ASCII,
)


def html_block_end(line: str, *, interrupts: bool) -> re.Pattern[str] | None:
    """The pattern that ends the HTML block that the line starts; None when it starts none.

    The first line can be the last. ``interrupts``: the line follows a paragraph, and only some tags
    can start a block there.
    """
    if not line.startswith("<"):
        return None
    for start, end in _ENDS:
        if start.match(line):
            return end
    if not interrupts and _LONE_TAG.match(line):
        return _BLANK
    return None
