"""Explains the errors of the expression library in plain words. Pure.

None of the library's texts is passed on: they are about its types, and may quote a value. What this
table does not know is told in general.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from gitbot.language.cel_syntax import Table, Told, told_by
from gitbot.language.scanner import Names

_ALIKE: Final = (
    "Use values of one kind: string(…), int(…) and double(…) make one of another; + joins texts, "
    "or lists."
)
_KINDS: Final[Mapping[str, str]] = {
    "bool": "true or false",
    "bytes": "bytes",
    "double": "a decimal number",
    "duration": "a duration",
    "float": "a decimal number",
    "int": "a whole number",
    "list": "a list",
    "map": "a map",
    "null": "null",
    "null_type": "null",
    "string": "a text",
    "timestamp": "a timestamp",
    "uint": "an unsigned number",
}
_TAKES: Final[Mapping[str, str]] = {
    "base64": "one text",
    "bytes": "one text",
    "contains": 'two texts: text.contains("part"); of a list ask "x" in list',
    "double": "one number or text",
    "duration": 'one text such as "90m"',
    "endsWith": 'two texts: text.endsWith("part")',
    "int": "one number, text or timestamp",
    "join": 'a list of texts and a text: list.join("-")',
    "json": "one value of texts, numbers, lists and maps",
    "lower": "one text",
    "matches": 'two texts: text.matches("[a-z]+")',
    "replace": "three texts: text.replace(old, new)",
    "size": "one text, list or map",
    "split": 'two texts, the second not empty: text.split(",")',
    "startsWith": 'two texts: text.startsWith("part")',
    "string": "one text, number, timestamp or duration, or true or false; json(…) writes lists and maps",
    "subnets": 'a block of addresses and two whole numbers: subnets("10.0.0.0/16", 4, 8)',
    "timestamp": "one text",
    "trim": "one text",
    "uuid": "one text",
    **{
        f"get{part}": "a timestamp before the dot, and nothing in the brackets"
        for part in (
            "Date",
            "DayOfMonth",
            "DayOfWeek",
            "DayOfYear",
            "FullYear",
            "Hours",
            "Milliseconds",
            "Minutes",
            "Month",
            "Seconds",
        )
    },
    "uint": "one number or text",
    "upper": "one text",
}
_SUBNETS: Final = "Ask for fewer blocks, or for smaller ones: 2^8 addresses are a /24."
_ONE_TEXT: Final[Mapping[str, Told]] = {
    "double": ("double() gets a text that is no number", 'Give it a text such as "1.5".'),
    "duration": (
        "duration() gets a text that is no duration",
        'Write numbers with h, m, s or ms, such as "90m" or "1h30m"; a day is "24h".',
    ),
    "int": (
        "int() gets what is no whole number from -2^63 to 2^63-1",
        'Give it a text such as "30"; of a text such as "1.5" take double(…).',
    ),
    "matches": (
        "matches() gets a pattern that is no regular expression",
        "Correct the pattern. It is one of RE2, so (?=…), (?!…) and \\1 are not there.",
    ),
    "timestamp": (
        "timestamp() gets a text that is no point in time",
        'Write date, time and offset: "2026-12-01T18:00:00+01:00".',
    ),
    "uint": (
        "uint() gets what is no whole number from 0 to 2^64-1",
        'Give it a text such as "30".',
    ),
}

_PARTS: Final = (
    "[0] needs a list and .key a map; !, &&, || and ? : need true or false; others need values of one "
    "kind, which string(…), int(…) and double(…) make."
)
IN_GENERAL: Final[Told] = (
    "it cannot be computed with these values",
    "Correct the expression or the values that it uses.",
)


def _function(name: str) -> Told:
    takes = _TAKES.get(name)
    if takes is None:
        return (
            f"{name} is no name here, or a function that does not take these values",
            'Correct it: docs/specs.md, "Expressions", lists the functions.',
        )
    return f"{name}() does not take these values", f"It takes {takes}."


def _index(at: str) -> Told:
    if at.startswith("-"):
        return (
            f"a list has no item {at}",
            "The first item is [0]; the last is list[size(list) - 1].",
        )
    return (
        f"a list has no item {at}",
        f"The first item is [0]. Ask first how many there are: size(list) > {at} ? … : ….",
    )


def _operation(left: str, operator: str, right: str) -> Told:
    one, other = _KINDS.get(left, "one value"), _KINDS.get(right, "another")
    return f"{one} {operator} {other} is not defined", _ALIKE


_RUNNING: Final[Table] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (r"index out of bounds: (-?\d+)", _index),
        (
            r"Unexpected type: got '(\w+)', want 'int\|uint'",
            lambda kind: (
                f"{_KINDS.get(kind, 'another value')} does not choose an item of a list",
                "Choose it by a whole number: list[0] is the first item.",
            ),
        ),
        (
            r"Value of type (\w+) cannot be used as a map key",
            lambda kind: (
                f"{_KINDS.get(kind, 'another value')} is no key of a map",
                'A key is a text: map["key"].',
            ),
        ),
        (r"No such overload", lambda: ("a part of it means nothing for such values", _PARTS)),
        (r"Unsupported operation: (\w+) (\S+) (\w+)", _operation),
        (
            r"(?:division|modulo) by zero",
            lambda: ("it divides by zero", "Ask first: n == 0 ? … : …."),
        ),
        (
            r"Arithmetic overflow",
            lambda: (
                "its result is larger or smaller than a number or time can be",
                "Whole numbers go from -2^63 to 2^63-1, unsigned ones from 0; double(…) goes further.",
            ),
        ),
        (
            r"Cannot mix signed and unsigned",
            lambda: ("it mixes whole numbers with and without a sign", "Use int(…) for both."),
        ),
        (r"Undefined variable or function: '(\w+)'", _function),
        (
            r"Found struct ([\w.]+)",
            lambda name: (
                f"{name}{{…}} makes a message, and the language has none",
                'Write a map: {"key": value}.',
            ),
        ),
        (
            # gitbot's own words: functions.py.
            r"Function 'subnets' error: .*?TypeError: (cannot divide .+? addresses|.+? has fewer than .+? addresses)",
            lambda said: (f"subnets() {said}" if said.startswith("cannot") else said, _SUBNETS),
        ),
        (
            r"Function '(\w+)' error",
            lambda name: _ONE_TEXT[name] if name in _ONE_TEXT else _function(name),
        ),
    )
)


def running(message: str, names: Names, context: Mapping[str, Any]) -> Told:
    """Why an expression cannot be computed, and how to put that right.

    ``context`` has the values of ``names``, of which the kinds are told.
    """
    why, fix = told_by(_RUNNING, message) or IN_GENERAL
    kinds = _kinds_of(names, context)
    return (f"{why} ({kinds})" if kinds else why), fix


def _kinds_of(names: Names, context: Mapping[str, Any]) -> str:
    """What kinds of values the expression uses: ``vars.n is a whole number``."""
    found = []
    for path in sorted(names.paths, key=str)[:6]:
        value: Any = context
        shown: list[str] = []
        for step in path:
            if not isinstance(step, str) or not isinstance(value, Mapping) or step not in value:
                break
            value = value[step]
            shown.append(step)
        if len(shown) > 1:
            found.append(f"{'.'.join(shown)} is {kind_of(value)}")
    return ", ".join(dict.fromkeys(found))


def kind_of(value: Any) -> str:
    """The kind of a value of an expression, with its article."""
    for type_, kind in (
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a decimal number"),
        (str, "a text"),
        (bytes, "bytes"),
        (Mapping, "a map"),
        ((list, tuple), "a list"),
        (datetime, "a timestamp"),
        (timedelta, "a duration"),
    ):
        if isinstance(value, type_):
            return kind
    return "null" if value is None else "a value of another kind"
