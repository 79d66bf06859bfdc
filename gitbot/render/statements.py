"""Tell what a change of a policy's statements allows or no longer denies. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from gitbot.model.plan import PathChange
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, leaves
from gitbot.render.texts import text_of

Statement: TypeAlias = Mapping[str, Any]

_LIST: Final = "Statement"
_ALL_BUT: Final = {"Principal": "NotPrincipal", "Action": "NotAction", "Resource": "NotResource"}
"""What a statement is for, and the same said by what it is not for."""

_NOT_READ: Final = (Redacted, Sensitive, Unknown)


def json_in(text: str) -> Any:
    """The value of JSON in a string; None for any other text."""
    found = text_of(text)
    return None if found is None or "JSON" not in found.how else json.loads("\n".join(found.lines))


def statements_in(value: Value) -> Iterator[Statement | None]:
    """Every statement in the value, also in policies that are texts; None for what nobody can read."""
    if isinstance(value, Mapping):
        if "Effect" in value:
            yield value
        else:
            for item in value.values():
                yield from statements_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from statements_in(item)
    elif isinstance(value, str):
        yield from statements_in(json_in(value))
    elif isinstance(value, _NOT_READ):
        yield None


def parts_of(path: PathChange) -> tuple[Statement, Statement] | None:
    """What the path changes within one statement, before and after; None where it changes no part of one."""
    _, found, rest = path.path.partition(f"/{_LIST}/")
    names = rest.split("/")[1:] if rest.partition("/")[0].isdigit() else rest.split("/")
    if not (found and path.effect and names):
        return None
    effect = {"Effect": path.effect}
    return {**effect, **_part(names, path.before)}, {**effect, **_part(names, path.after)}


def _part(names: Sequence[str], value: Value) -> Statement:
    if value is None:
        return {}
    for name in reversed(names):
        value = [value] if name.isdigit() else {name: value}
    return value if isinstance(value, Mapping) else {}


def loosened(before: Value, after: Value) -> Iterator[str]:
    """What no longer limits somebody: a ``Deny`` that denies less, an ``Allow`` that lost a condition or an exception."""
    old = [*statements_in(before)]
    new = [*statements_in(after)] if old else []
    was, now = (
        [one for one in each if one and one not in other]
        for each, other in ((old, new), (new, old))
    )
    if None not in new and any(_denies_more(one, now) for one in was):
        yield 'access: a "Deny" is removed or narrower'
    for one in was:
        for other in now:
            if one["Effect"] == other["Effect"] == "Allow" and _same_but(one, other):
                yield from _lost(one, other)


def allows_no_more(value: Value, before: Value) -> bool:
    """Whether the value is a statement that allows only what the one ``before`` allowed."""
    both = [
        one for one in (value, before) if isinstance(one, Mapping) and one.get("Effect") == "Allow"
    ]
    return len(both) == 2 and _reaches(both[1], both[0])


def _denies_more(one: Statement, now: Sequence[Statement]) -> bool:
    return one["Effect"] == "Deny" and not any(
        each["Effect"] == "Deny" and _reaches(each, one) for each in now
    )


def _same_but(one: Statement, other: Statement) -> bool:
    """Whether the two are about the same, but for conditions and exceptions."""
    return all(one.get(key) == other.get(key) for key in (*_ALL_BUT, "Sid"))


def _lost(one: Statement, other: Statement) -> Iterator[str]:
    if _tests(one).keys() - _tests(other).keys():
        yield "access: Condition is removed"
    for key in _ALL_BUT.values():
        if key in one and key in other and not _covers(_named(other, key), _named(one, key)):
            yield f"access: {key} names less"


def _reaches(one: Statement, other: Statement) -> bool:
    """Whether all that ``other`` is about is certainly what ``one`` is about too."""
    mine, theirs = _tests(one), _tests(other)
    return all(_as_much(one, other, *keys) for keys in _ALL_BUT.items()) and all(
        name in theirs and theirs[name] == test for name, test in mine.items()
    )


def _as_much(one: Statement, other: Statement, key: str, all_but: str) -> bool:
    if key in other:
        return key in one and _covers(_named(one, key), _named(other, key))
    if all_but in other:
        return all_but in one and _covers(_named(other, all_but), _named(one, all_but))
    return key not in one and all_but not in one


def _covers(names: Sequence[Value], others: Sequence[Value]) -> bool:
    """Whether every other name is one of the names. What is not known yet may be any."""
    unknown = any(isinstance(name, Unknown) for name in names)
    return unknown or all(any(_fits(each, one) for each in names) for one in others)


def _fits(pattern: Value, name: Value) -> bool:
    if not (isinstance(pattern, str) and isinstance(name, str)) or "[" in pattern:
        return pattern == name
    return fnmatchcase(name.lower(), pattern.lower())


def _named(statement: Statement, key: str) -> Sequence[Value]:
    """The values of a part, those of principals with their kind before them."""
    part = statement.get(key)
    if not isinstance(part, Mapping) and key.endswith("Principal"):
        part = {"AWS": part}
    if not isinstance(part, Mapping):
        return [*leaves(part)]
    return [
        f"{kind} {one}" if isinstance(one, str) else one
        for kind, names in part.items()
        for one in leaves(names)
    ]


def _tests(statement: Statement) -> Mapping[tuple[str, str], Sequence[Value]]:
    """The values that each test of the conditions takes."""
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping):
        return {} if condition is None else {("", ""): [condition]}
    return {
        (operator, key): [*leaves(values)]
        for operator, tests in condition.items()
        if isinstance(tests, Mapping)
        for key, values in tests.items()
    }
