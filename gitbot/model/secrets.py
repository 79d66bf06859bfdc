"""Finds sensitive values in text, and hides them. Pure.

A sensitive value is marked where gitbot knows it (``Sensitive``). Texts from elsewhere, such as an
error of the cloud or a line of a spec, can repeat it without a mark. Only its content tells then.
"""

from __future__ import annotations

import base64
import functools
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "(sensitive)"
SHORTEST: Final = 4
"""Shorter values cannot be hidden: they occur in every text."""
_SHORT = 8
_LONG = 80
_PIECE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Texts that must not be shown. ``brief``: nothing may remember them after the object is gone."""

    texts: frozenset[str] = frozenset()
    brief: bool = False

    def __or__(self, other: Secrets) -> Secrets:
        """All texts of both."""
        return Secrets(texts=self.texts | other.texts)

    def hide(self, text: str) -> str:
        """The text with ``(sensitive)`` in place of every secret in it.

        A secret is also found as JSON, YAML, HTML, Python, URLs and Base64 write it. A short one
        (fewer than 8 characters) is found only as a whole word.
        """
        if not self.texts:
            return text
        for needle in _found_needles(self.texts) if self.brief else _needles(self.texts):
            if needle in text:
                text = _replaced(needle, text)
        return text

    def without(self, shown: Iterable[str]) -> Secrets:
        """The secrets that occur in none of the ``shown`` texts.

        A value that the specs also write in plain is no secret. Otherwise somebody could declare
        ``0.0.0.0/0`` as sensitive, and it would be hidden everywhere.
        """
        if not self.texts:
            return self
        everything = "\0".join(shown)
        return Secrets(texts=frozenset(one for one in self.texts if one not in everything))


def secret_texts(value: Any) -> Iterator[str]:
    """The texts of a plain JSON value that are long enough to be hidden; keys of maps are not."""
    if isinstance(value, str):
        if len(value.strip()) >= SHORTEST:
            yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from secret_texts(json.dumps(value))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secret_texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secret_texts(item)


def _found_needles(texts: frozenset[str]) -> tuple[str, ...]:
    """Everything to look for, the longest first, so that no part of a longer one is left."""
    found = {
        form for text in texts for part in _parts(text) for form in _forms(part) if form.strip()
    }
    return tuple(sorted(found, key=lambda needle: (-len(needle), needle)))


_needles = functools.lru_cache(maxsize=64)(_found_needles)


def _parts(text: str) -> Iterator[str]:
    """The text, its lines, and pieces of a long one: messages show only its beginning."""
    yield text
    yield text.strip()
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > 1:
        yield " ".join(text.split())
        yield from (line for line in lines if len(line) >= _SHORT)
    for line in lines:
        if len(line) > _LONG:
            pieces = (line[start : start + _PIECE] for start in range(0, len(line), _PIECE))
            yield from (piece for piece in pieces if len(piece) >= _SHORT)


def _forms(text: str) -> Iterator[str]:
    """The text as other languages write it."""
    raw = text.encode(errors="surrogatepass")
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield repr(text)[1:-1]
    yield text.replace("'", "''")
    yield quote(raw, safe="")
    yield quote_plus(raw)
    yield base64.b64encode(raw).decode()


def _replaced(needle: str, text: str) -> str:
    if len(needle) >= _SHORT:
        return text.replace(needle, HIDDEN)
    return re.sub(rf"(?<![0-9A-Za-z]){re.escape(needle)}(?![0-9A-Za-z])", HIDDEN, text)
