"""Tell which way a changed value goes: to more or less, or from on to off. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitbot.model.cautions import Caution, Turn
from gitbot.model.plan import PathChange
from gitbot.model.values import Value
from gitbot.reconciler.pointers import MISSING, parse, reaches, value_at

_OFF = frozenset({"", "disabled", "false", "inactive", "mutable", "none", "private", "suspended"})
_ENDLESS = (None, MISSING, 0)
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def turns(change: PathChange, caution: Caution, observed: Mapping[str, Value]) -> bool:
    """Whether the change is one of what the caution is about, and goes its way. ``observed`` is what is there now."""
    about, path = parse(caution.changed), parse(change.path)
    if caution.turn is None:
        return reaches(about, path)
    if len(path) > len(about):
        is_set = caution.turn is Turn.SET and reaches(about, path)
        return is_set and _goes(Turn.SET, change.before, change.after)
    if about[: len(path)] != path:
        return False
    rest = about[len(path) :]
    before, after = value_at(change.before, rest), value_at(change.after, rest)
    return _goes(caution.turn, before, after) and not _fits(after, caution, observed)


def comes(caution: Caution, observed: Mapping[str, Value], desired: Mapping[str, Value]) -> bool:
    """Whether something of what the caution is about is desired and not there."""
    if caution.parts is None:
        return True
    there, wanted = (value_at(one, parse(caution.changed)) for one in (observed, desired))
    has = [] if there is MISSING else caution.parts(there)
    return wanted is not MISSING and any(part not in has for part in caution.parts(wanted))


def _fits(after: Any, caution: Caution, observed: Mapping[str, Value]) -> bool:
    """Whether what is there is no more than the number that comes."""
    there = value_at(observed, parse(caution.unless)) if caution.unless else MISSING
    sizes = _size(there), _size(after)
    return all(sizes) and sizes[0] <= sizes[1]


def _goes(turn: Turn, before: Any, after: Any) -> bool:
    if turn is Turn.OFF:
        return is_on(before) and _is_off(after)
    if turn is Turn.SET:
        return before != after and not _is_off(after) and after not in ({}, [], ())
    if turn is Turn.LIMITED and (before in _ENDLESS or after in _ENDLESS):
        return before in _ENDLESS and after not in _ENDLESS and _size(after) != ()
    sizes = _size(before), _size(after)
    length = min(map(len, sizes))
    less, more = sizes[1][:length] < sizes[0][:length], sizes[0][:length] < sizes[1][:length]
    return more if turn is Turn.MORE else less


def skips(before: Any, after: Any) -> bool:
    """Whether there is a minor version between two versions. What is no version has none."""
    one, other = _size(before)[:2], _size(after)[:2]
    return len(one) == len(other) == 2 and (one[0] != other[0] or abs(one[1] - other[1]) > 1)


def leaps(before: Any, after: Any) -> bool:
    """Whether a version gets a higher first number."""
    one, other = _size(before)[:1], _size(after)[:1]
    return bool(one and other) and one < other


def _is_off(value: Any) -> bool:
    return value is MISSING or value in (None, False) or str(value).lower() in _OFF


def is_on(value: Any) -> bool:
    """Whether the value of a switch is on, in whatever words."""
    return isinstance(value, (bool, str)) and not _is_off(value)


def _size(value: Any) -> tuple[int, ...]:
    """A number, or the numbers at the beginning of a version; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return ()
    found = _NUMBERS.match(str(value))
    return tuple(map(int, found[0].split("."))) if found else ()
