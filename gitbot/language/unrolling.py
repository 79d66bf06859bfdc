"""Writes ``zones.map(zone, subnet[zone].SubnetId)`` out, item by item: one that is unknown must not hide the others. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from gitbot.language.functions import keys_in_order
from gitbot.language.scanner import Token, tokens_of
from gitbot.model.values import Unknown, Value

_MOST: Final = 100
"""Longer lists stay unknown as a whole."""
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapped:
    """``walked.map(name, body)``; ``number`` is that of ``[number]`` behind it, or None."""

    walked: str
    name: str
    body: str
    number: int | None

    def of(self, item: str | int | float) -> str:
        """The body for one item, as a template."""
        parts, at = ["${"], 0
        tokens = tokens_of(self.body)
        for before, token in zip([None, *tokens], tokens, strict=False):
            if token.text == self.name and (before is None or before.text != "."):
                parts += [self.body[at : token.start], json.dumps(item, ensure_ascii=False)]
                at = token.start + len(token.text)
        return "".join([*parts, self.body[at:], "}"])


def item_by_item(text: str, evaluate: Callable[[str], Value]) -> Value:
    """The list that an expression makes of another one, with those items unknown that are; or the one that it takes of it.

    None where the expression is another one, or nothing of it is known. ``evaluate`` gives the value of a template.

    Raises:
        ExpressionError: an item fails.
    """
    mapped = _mapped(text)
    walked = None if mapped is None else evaluate(f"${{{mapped.walked}}}")
    if mapped is None or not isinstance(walked, (Mapping, list, tuple)):
        return None
    items: Sequence[Any] = keys_in_order(walked)
    if len(items) > _MOST or not all(isinstance(one, (str, int, float)) for one in items):
        return None
    if mapped.number is not None:
        if mapped.number >= len(items):
            return None
        found = evaluate(mapped.of(items[mapped.number]))
        return None if isinstance(found, Unknown) else found
    values = [evaluate(mapped.of(one)) for one in items]
    return None if all(isinstance(one, Unknown) for one in values) else values


@lru_cache(maxsize=1024)
def _mapped(text: str) -> _Mapped | None:
    """The parts of an expression that is nothing but a ``map`` of a name's list, and perhaps an item of that."""
    tokens = tokens_of(text)
    at = next((n for n, one in enumerate(tokens) if one.text == "map"), 0)
    if at < 2 or [one.text for one in tokens[at - 1 : at + 2 : 2]] != [".", "("]:
        return None
    if not all(one.kind in ("name", "string") or one.text in ".[]" for one in tokens[: at - 1]):
        return None
    if len(tokens) < at + 6 or tokens[at + 2].kind != "name" or tokens[at + 3].text != ",":
        return None
    inside = list(_inside(tokens, at + 4))
    end = at + 4 + len(inside)
    rest = [one.text for one in tokens[end:]]
    name = tokens[at + 2].text
    binds = any(
        [before.text, one.text, after.text] == ["(", name, ","]
        for before, one, after in zip(inside, inside[1:], inside[2:], strict=False)
    )
    if not inside or binds or "," in _outside(inside) or end >= len(tokens):
        return None
    number = (
        int(rest[2])
        if len(rest) == 4 and (rest[1], rest[3]) == ("[", "]") and rest[2].isdecimal()
        else None
    )
    if len(rest) != 1 and number is None:
        return None
    return _Mapped(
        walked=text[: tokens[at - 1].start],
        name=name,
        body=text[inside[0].start : tokens[end].start],
        number=number,
    )


def _inside(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    """The tokens from there on up to the bracket that closes them."""
    depth = 0
    for token in tokens[at:]:
        if token.text in _CLOSING and depth == 0:
            return
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        yield token


def _outside(tokens: Sequence[Token]) -> Iterator[str]:
    """The texts of those that stand in no bracket."""
    depth = 0
    for token in tokens:
        if token.text in _OPENING:
            depth += 1
        elif token.text in _CLOSING:
            depth -= 1
        elif depth == 0:
            yield token.text
