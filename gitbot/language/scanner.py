"""Scans CEL text for the names that it uses. Pure.

The ``cel`` library lists the variables of an expression but not the attributes selected from them.
The dependency graph, "did you mean" and the tracking of sensitive values need ``bucket.Arn`` and
``vars.name``, not just ``bucket``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

# https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<string>[rR]?[bB]?[rR]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}
        |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
_NOT_NAMES = frozenset({"true", "false", "null", "in"})
_PLAIN_STRING = re.compile(r"""(?:"([^"\\]*)"|'([^'\\]*)')\Z""")


Step: TypeAlias = "str | tuple[str, ...]"
"""One step of a path: a key as written, or the names of a path whose value is the key.

No names at all stand for every key: the variable of a comprehension is the key.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that an expression uses.

    ``paths`` are its selections as far as they can be read without evaluating anything:
    ``data["models"].arn`` is ``("data", "models", "arn")``, ``data[each.key].arn`` is ``("data",
    ("each", "key"), "arn")``, and in ``data.map(k, data[k].arn)`` it is ``("data", (), "arn")``.
    ``compared`` are those that are only compared with null, ``walked`` those over which a
    comprehension goes, or in which ``in`` looks for a key: of a map both see the keys alone. ``items`` are
    paths of which an item is taken by its number, ``ids[0]``, with that number; ``whole`` are the paths of
    which something else is taken somewhere. ``asked`` are pairs of a
    root and a key that the expression looks for in it: ``"models" in data``. ``selected`` are pairs of a root and the name selected from it: (``vars``, ``name``). ``bare``
    are roots from which nothing is selected. ``tested`` are roots inside ``has()``. ``bound`` are
    the variables of comprehensions. ``called`` are functions.
    """

    paths: frozenset[tuple[Step, ...]] = frozenset()
    compared: frozenset[tuple[Step, ...]] = frozenset()
    walked: frozenset[tuple[Step, ...]] = frozenset()
    selected: frozenset[tuple[str, str]] = frozenset()
    bare: frozenset[str] = frozenset()
    tested: frozenset[str] = frozenset()
    asked: frozenset[tuple[str, str]] = frozenset()
    items: frozenset[tuple[tuple[Step, ...], int]] = frozenset()
    whole: frozenset[tuple[Step, ...]] = frozenset()
    bound: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    @property
    def roots(self) -> frozenset[str]:
        """Every variable that the expression does not bind itself."""
        return self.bare | {root for root, _ in self.selected}

    def __or__(self, other: Names) -> Names:
        return Names(
            paths=self.paths | other.paths,
            compared=self.compared | other.compared,
            walked=self.walked | other.walked,
            selected=self.selected | other.selected,
            bare=self.bare | other.bare,
            tested=self.tested | other.tested,
            asked=self.asked | other.asked,
            items=self.items | other.items,
            whole=self.whole | other.whole,
            bound=self.bound | other.bound,
            called=self.called | other.called,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of CEL text, and the index where it begins."""

    kind: str
    text: str
    start: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of CEL text, without blanks and comments."""
    return [
        Token(kind=match.lastgroup or "", text=match.group(), start=match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]


def end_of_expression(text: str, start: int) -> int | None:
    """The index of the ``}`` that closes the expression at ``start``; None if none does."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        if match.lastgroup != "other":
            continue
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            if depth == 0:
                return match.start()
            depth -= 1
    return None


def in_order(text: str, call: str) -> str:
    """The CEL text with ``call`` before each ``map`` and ``filter``: ``m.map(k, …)`` is
    ``m.call().map(k, …)``."""
    tokens = tokens_of(text)
    dots = [
        dot.start
        for dot, name, paren in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if (dot.text, paren.text) == (".", "(") and name.text in ("map", "filter")
    ]
    for at in reversed(dots):
        text = f"{text[:at]}.{call}(){text[at:]}"
    return text


def scan(text: str) -> Names:
    """The names in CEL text. The text need not be valid."""
    tokens = [(one.kind, one.text) for one in tokens_of(text)]
    bound = _bound(tokens)
    paths: set[tuple[Step, ...]] = set()
    compared: set[tuple[Step, ...]] = set()
    walked: set[tuple[Step, ...]] = set()
    asked: set[tuple[str, str]] = set()
    ends: set[tuple[tuple[Step, ...], int | None]] = set()
    called: set[str] = set()
    for at, (kind, name) in enumerate(tokens):
        if kind != "name" or name in _NOT_NAMES:
            continue
        if _text_at(tokens, at + 1) == "(":
            called.add(name)
        elif _text_at(tokens, at - 1) != "." and name not in bound:
            steps, after = _steps(tokens, at + 1, bound)
            searched = _is_searched(tokens, at, after)
            found = walked if searched or _is_walked(tokens, after) else paths
            plain = _PLAIN_STRING.match(_text_at(tokens, at - 2))
            if searched and plain and not steps:
                asked.add((name, plain.group(1) or plain.group(2) or ""))
            (compared if _is_compared(tokens, at, after) else found).add((name, *steps))
            ends.add(((name, *steps), _number(tokens, after)))
    every = paths | compared | walked
    return Names(
        paths=frozenset(paths),
        compared=frozenset(compared),
        walked=frozenset(walked),
        selected=frozenset(
            (str(one[0]), one[1]) for one in every if len(one) > 1 and isinstance(one[1], str)
        ),
        bare=frozenset(str(one[0]) for one in every if not isinstance((*one, ())[1], str)),
        tested=_tested(tokens) - bound,
        asked=frozenset(asked),
        items=frozenset((one, number) for one, number in ends if number is not None),
        whole=frozenset(one for one, number in ends if number is None),
        bound=frozenset(bound),
        called=frozenset(called),
    )


def _bound(tokens: list[tuple[str, str]]) -> set[str]:
    """The names that macros give to the items of a list, as ``x`` in ``.map(x, …)``."""
    return {
        tokens[at + 2][1]
        for at in range(1, len(tokens) - 3)
        if tokens[at][1] in _MACROS
        and tokens[at - 1][1] == "."
        and tokens[at + 1][1] == "("
        and tokens[at + 2][0] == "name"
        and tokens[at + 3][1] == ","
    }


def _kind_at(tokens: list[tuple[str, str]], at: int) -> str:
    return tokens[at][0] if 0 <= at < len(tokens) else ""


def _text_at(tokens: list[tuple[str, str]], at: int) -> str:
    return tokens[at][1] if 0 <= at < len(tokens) else ""


def _steps(
    tokens: list[tuple[str, str]], at: int, bound: Collection[str]
) -> tuple[list[Step], int]:
    """The steps from this token on, up to the first one that only evaluation can tell.

    Returns the token after them, too.
    """
    steps: list[Step] = []
    while True:
        if _text_at(tokens, at) == "." and _kind_at(tokens, at + 1) == "name":
            if _text_at(tokens, at + 2) == "(":
                return steps, at  # a method call such as ``vars.size()`` selects nothing
            steps.append(tokens[at + 1][1])
            at += 2
        elif _text_at(tokens, at) == "[":
            step, after = _index(tokens, at + 1, bound)
            if step is None:
                return steps, at
            steps.append(step)
            at = after
        else:
            return steps, at


def _is_compared(tokens: list[tuple[str, str]], at: int, after: int) -> bool:
    """Whether the tokens from ``at`` to ``after`` are only compared with null, on their right."""
    right = [_text_at(tokens, after + step) for step in range(3)]
    alone = _text_at(tokens, at - 1) in ("", "(", "[", "{", ",", ":", "?", "!", "&", "|")
    return alone and right[0] in ("!", "=") and right[1:] == ["=", "null"]


def _is_searched(tokens: list[tuple[str, str]], at: int, after: int) -> bool:
    """Whether the expression only looks for a key in the tokens from ``at`` to ``after``."""
    right = _text_at(tokens, after) in ("", "?", ":", ")", "]", "}", ",", "&", "|")
    return _text_at(tokens, at - 1) == "in" and right


def _is_walked(tokens: list[tuple[str, str]], after: int) -> bool:
    """Whether a comprehension such as ``.map(`` follows."""
    return (
        _text_at(tokens, after) == "."
        and _text_at(tokens, after + 1) in _MACROS
        and _text_at(tokens, after + 2) == "("
    )


def _index(
    tokens: list[tuple[str, str]], at: int, bound: Collection[str]
) -> tuple[Step | None, int]:
    """The step in ``"name"]``, ``each.key]`` or ``k]``, and the token after it.

    None for anything else. ``bound`` are the variables of comprehensions.
    """
    plain = _PLAIN_STRING.match(_text_at(tokens, at))
    if plain and _text_at(tokens, at + 1) == "]":
        return (plain.group(1) if plain.group(1) is not None else plain.group(2)), at + 2
    names: list[str] = []
    while _kind_at(tokens, at) == "name":
        names.append(tokens[at][1])
        if _text_at(tokens, at + 1) == "]":
            if names[0] in bound:
                return (() if len(names) == 1 else None), at + 2
            return tuple(names), at + 2
        if _text_at(tokens, at + 1) != ".":
            break
        at += 2
    return None, at


def _number(tokens: list[tuple[str, str]], at: int) -> int | None:
    """The number in ``[0]`` at this token; None where there is none."""
    one = _text_at(tokens, at + 1)
    taken = _text_at(tokens, at) == "[" and _text_at(tokens, at + 2) == "]"
    return int(one) if taken and one.isascii() and one.isdecimal() else None


def _tested(tokens: list[tuple[str, str]]) -> frozenset[str]:
    return frozenset(
        tokens[at + 2][1]
        for at in range(len(tokens) - 2)
        if tokens[at][1] == "has" and tokens[at + 1][1] == "(" and tokens[at + 2][0] == "name"
    )
