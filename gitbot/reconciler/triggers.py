"""Compare the values of ``lifecycle.replaceWhen`` with those that an object was made with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.plan import Trigger
from gitbot.model.values import Redacted, Redactor, Unknown, Value, canonical_json, is_known, redact


def triggers_of(
    wanted: Mapping[str, Value], recorded: Mapping[str, Value], redactor: Redactor
) -> tuple[Trigger, ...]:
    """What replaces the object: the values that are others than recorded, or may be, by name.

    A name that was never recorded replaces nothing, nor does one that the spec no longer has.
    """
    found: list[Trigger] = []
    for name in sorted(wanted.keys() & recorded.keys()):
        after = redact(wanted[name], redactor)
        if not _same(recorded[name], after, redactor):
            found.append(Trigger(name=name, before=recorded[name], after=after))
        elif not is_known(after):
            found.append(Trigger(name=name, before=recorded[name], after=after, may=True))
    return tuple(found)


def values_kept(
    wanted: Mapping[str, Value], recorded: Mapping[str, Value], redactor: Redactor
) -> Mapping[str, Value]:
    """The values to record of an object that stays: the recorded one where the new one differs.

    So a value that moved in the middle of an apply replaces the object in the next plan.
    """
    moved = {one.name for one in triggers_of(wanted, recorded, redactor)}
    return {
        name: recorded[name] if name in moved else redact(value, redactor)
        for name, value in wanted.items()
    }


def _same(one: Any, other: Any, redactor: Redactor) -> bool:
    """Whether two redacted values are equal, as far as that is known: so are an unknown value and any
    other one. Hashes of different keys cannot be compared: equal, too."""
    if isinstance(other, Unknown):
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(
            _same(item, other[key], redactor) for key, item in one.items()
        )
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(
            _same(*pair, redactor) for pair in zip(one, other, strict=True)
        )
    if isinstance(one, Redacted) or isinstance(other, Redacted):
        return not is_known(other) or _same_hash(one, other, redactor)
    if any(isinstance(each, (Mapping, list, tuple)) for each in (one, other)):
        return False
    if isinstance(one, float) or isinstance(other, float):
        return not isinstance(one, bool) and not isinstance(other, bool) and bool(one == other)
    return canonical_json(one) == canonical_json(other)


def _same_hash(one: Any, other: Any, redactor: Redactor) -> bool:
    first, second = (
        each if isinstance(each, Redacted) else redactor(each) for each in (one, other)
    )
    return first.key_id != second.key_id or first.digest == second.digest
