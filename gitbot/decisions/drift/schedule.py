"""Decides when drift of an environment is looked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from gitbot.decisions.drift.rules import scan_words
from gitbot.model.drift import DriftRow, DriftRules, Phase
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.time import At, Every, Missed, Schedule, When, Work

NO_LOOKS: Final[Mapping[StackId, datetime]] = MappingProxyType({})


def schedules_of(
    environment: EnvironmentKey,
    rules: DriftRules,
    rows: Sequence[DriftRow],
    looks: Mapping[StackId, datetime] = NO_LOOKS,
) -> tuple[Schedule, ...]:
    """The scans of the rules, one to confirm each suspicion, and one at each acknowledgement's end.

    ``looks`` says when to look again for who changed a stack.

    When the rules say ``off``, one more scan ends what people are told; then none.
    """
    if rules.scan is None:
        return tuple(_endings(environment, rows))
    place = environment.environment
    words = scan_words(rules.scan)
    when = f"every {words}" if isinstance(rules.scan, Every) else words
    why = f"look for drift in {place} ({when})"
    return (
        _schedule(environment, "scan", rules.scan, why),
        *(found for row in rows for found in _of_row(environment, rules, row)),
        *(_of_look(environment, stack, at) for stack, at in sorted(looks.items())),
    )


def _of_row(environment: EnvironmentKey, rules: DriftRules, row: DriftRow) -> Iterator[Schedule]:
    label = row.stack.label
    name = f"{row.stack.name}@{row.stack.region}:{row.finding}"
    if row.phase is Phase.SUSPECT and row.since is not None:
        why = f"look again whether {label} differs from what was applied"
        yield _schedule(
            environment, f"confirm:{name}", At(instant=row.since + rules.confirm_after), why
        )
    if row.phase is Phase.ACKNOWLEDGED and row.until is not None:
        why = f"the acknowledgement of the drift of {label} ends"
        yield _schedule(environment, f"acknowledged:{name}", At(instant=row.until), why)


def _endings(environment: EnvironmentKey, rows: Sequence[DriftRow]) -> Iterator[Schedule]:
    told = [row.seen_at for row in rows if row.live and row.seen_at is not None]
    if told:
        why = f"end what was told of drift in {environment.environment}, which is off now"
        yield replace(
            _schedule(environment, "end", At(instant=max(told)), why), missed=Missed.LEVEL
        )


def _of_look(environment: EnvironmentKey, stack: StackId, at: datetime) -> Schedule:
    why = f"look again who changed {stack.label}"
    return _schedule(environment, f"cause:{stack.name}@{stack.region}", At(instant=at), why)


def _schedule(environment: EnvironmentKey, name: str, when: When, why: str) -> Schedule:
    return Schedule(
        name=name, environment=environment, work=Work.DRIFT, when=when, why=why, missed=Missed.ONCE
    )
