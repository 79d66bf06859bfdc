"""Decides which changes of an environment's ``ttl`` loosen its rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from gitbot.model.durations import duration_words
from gitbot.model.expiry import ExpiryRules
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.values import Value

_FOR_EVER = timedelta.max


def expiry_changes(before: ExpiryRules | None, after: ExpiryRules | None) -> Iterator[RuleChange]:
    """The rules that differ: less notice and longer lives are looser."""
    old, new = before or ExpiryRules(), after or ExpiryRules()
    shorter = old.notice > new.notice or old.ahead > new.ahead
    looser: Mapping[str, tuple[Any, Any, bool | None]] = {
        "default": (old.default, new.default, None),
        "max": (old.longest, new.longest, (new.longest or _FOR_EVER) > (old.longest or _FOR_EVER)),
        "extensions": (old.extensions, new.extensions, new.extensions > old.extensions),
        "warn": (old.warn, new.warn, shorter),
        "grace": (old.grace, new.grace, new.grace < old.grace),
        "except": (old.exempt, new.exempt, bool(new.exempt - old.exempt)),
    }
    for name, (was, will, loosens) in looser.items():
        if was != will:
            effect = Effect.LOOSENS if loosens else Effect.TIGHTENS
            yield RuleChange(
                rule=f"ttl.{name}",
                before=_spans(was),
                after=_spans(will),
                effect=Effect.CHANGES if loosens is None else effect,
            )


def _spans(value: Any) -> Value:
    """Durations as the file has them; lists by their items."""
    if isinstance(value, timedelta):
        return duration_words(value)
    if isinstance(value, tuple):
        return [_spans(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else None if value is None else str(value)
