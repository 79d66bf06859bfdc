"""Says in people's words why a text is no expression, in place of the library's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

Told: TypeAlias = tuple[str, str]
"""What is wrong, as part of a sentence, and how to put it right."""

Table: TypeAlias = tuple[tuple[re.Pattern[str], Callable[..., Told]], ...]
"""What the library says, and what is said in its place, given the groups of the pattern."""

_WRITTEN: Final[Table] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (
            r"token recognition error at: '=",
            lambda: ("= alone is no operator", "Compare with ==."),
        ),
        (
            r"token recognition error at: '\$",
            lambda: ("$ has no meaning inside of ${…}", "Write the name alone: vars.name."),
        ),
        (
            r"token recognition error at: '[\"']",
            lambda: ("a text has no end, or a backslash that means nothing", ""),
        ),
        (r"token recognition error", lambda: ("this character has no meaning here", "")),
        (
            r"reserved identifier: (\w+)",
            lambda word: (
                f'"{word}" is a word that CEL keeps for itself',
                "Write condition ? this : that."
                if word in ("if", "else")
                else f'As a key write it in brackets: map["{word}"].',
            ),
        ),
        (
            r"unsupported syntax '(?:\.\?|\[\?)",
            lambda: ("? cannot follow . or [ here", 'Ask first: "key" in map ? map.key : ….'),
        ),
        (
            r"Incomplete `ExprContext` for `_\?_:_`",
            lambda: ("a part of ? : is missing", "Write condition ? this : that."),
        ),
        (
            r"invalid (?:int|uint) literal",
            lambda: ("a whole number is too large", "They go from -2^63 to 2^63-1."),
        ),
        (
            r"invalid double literal",
            lambda: ("a number is too large", "Numbers go up to 1.7e308."),
        ),
        (
            r"invalid argument to has\(\) macro",
            lambda: ("has() takes a key of a map", "Write has(map.key)."),
        ),
        (
            r"argument must be a simple name",
            lambda: ("the first thing in the brackets is no name", "Write list.map(x, x + 1)."),
        ),
        (
            r"'<EOF>'",
            lambda: ("it ends too early", "Something is missing at its end: a value or a bracket."),
        ),
        (
            r"(?:mismatched|extraneous) input '([^']*)'|no viable alternative at input '([^']*)'",
            lambda one, other: (
                f"{_shown(one if one is not None else other)} cannot stand here",
                "",
            ),
        ),
        (r"missing '([^']*)'", lambda what: (f"{_shown(what)} is missing", "")),
    )
)


def _shown(token: str) -> str:
    flat = " ".join(token.split())
    return f'"{flat[:40]}…"' if len(flat) > 40 else f'"{flat}"'


def reading(message: str) -> Told:
    """Why a text is no expression, and how to put that right; the second is empty if nobody knows."""
    return told_by(_WRITTEN, message) or ("it cannot be read", "")


def told_by(table: Table, message: str) -> Told | None:
    """What stands for the first pattern of the table that fits the message; None if none does."""
    for pattern, told in table:
        found = pattern.search(message)
        if found is not None:
            return told(*found.groups())
    return None
