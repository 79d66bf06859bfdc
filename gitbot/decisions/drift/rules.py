"""Decides what a change of an environment's ``drift`` loosens or tightens. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, assert_never

from gitbot.model.drift import DriftRules, HealRule, IgnoreRule
from gitbot.model.durations import duration_words
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.time import Cron, Every


def drift_changes(before: DriftRules, after: DriftRules) -> Iterator[RuleChange]:
    """What differs: looking less often or later, healing more, and ignoring more loosens."""
    if before.scan != after.scan:
        yield RuleChange(
            rule="drift.every",
            before=scan_words(before.scan),
            after=scan_words(after.scan),
            effect=_less_often(before.scan, after.scan),
        )
    if before.confirm_after != after.confirm_after:
        yield RuleChange(
            rule="drift.confirmAfter",
            before=duration_words(before.confirm_after),
            after=duration_words(after.confirm_after),
            effect=_longer(before.confirm_after, after.confirm_after),
        )
    for name in ("labels", "assignees", "most"):
        old, new = getattr(before.issues, name), getattr(after.issues, name)
        if old != new:
            rule = f"drift.issues.{'max' if name == 'most' else name}"
            yield RuleChange(rule=rule, before=_listed(old), after=_listed(new))
    yield from _entries("drift.heal", before.heal, after.heal, heal_words)
    yield from _entries("drift.ignore", before.ignore, after.ignore, ignore_words)


def scan_words(scan: Every | Cron | None) -> str:
    """When drift is looked for, as specs write it."""
    match scan:
        case None:
            return "off"
        case Every():
            return duration_words(scan.interval)
        case Cron():
            return f"{scan.expression} ({scan.timezone})"
        case _:
            assert_never(scan)


def heal_words(rule: HealRule) -> str:
    """What the rule puts back, for people."""
    return f"{', '.join(rule.paths)} of {', '.join(rule.types)}"


def ignore_words(rule: IgnoreRule) -> str:
    """What the rule ignores, for people."""
    where = f"{rule.stack}: {rule.resource} {rule.path}"
    return f"{where} until {rule.until:%Y-%m-%d %H:%M %Z} ({rule.because})"


def _less_often(before: Every | Cron | None, after: Every | Cron | None) -> Effect:
    if before is None or after is None:
        return Effect.LOOSENS if after is None else Effect.TIGHTENS
    if isinstance(before, Every) and isinstance(after, Every):
        return _longer(before.interval, after.interval)
    return Effect.CHANGES


def _longer(before: timedelta, after: timedelta) -> Effect:
    return Effect.LOOSENS if after > before else Effect.TIGHTENS


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _entries(
    rule: str, before: Sequence[Any], after: Sequence[Any], words: Callable[[Any], str]
) -> Iterator[RuleChange]:
    more = [one for one in after if one not in before]
    if more or any(one not in after for one in before):
        yield RuleChange(
            rule=rule,
            before=[words(one) for one in before],
            after=[words(one) for one in after],
            effect=Effect.LOOSENS if more else Effect.TIGHTENS,
        )
