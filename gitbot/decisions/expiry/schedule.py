"""Decides when the expiry of an environment's stacks is looked at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from gitbot.decisions.expiry.stages import (
    Decision,
    Step,
    owes_power,
    owes_word,
)
from gitbot.model.expiry import Expiry, Outlook, Stage
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.time import At, Every, Missed, Schedule, When, Work

AGAIN = timedelta(minutes=15)
"""How often gitbot looks whether what holds a destruction is over."""


def schedules_of(
    environment: EnvironmentKey,
    rows: Sequence[Expiry],
    decisions: Mapping[StackId, Decision],
    ahead: Mapping[StackId, Outlook],
    now: datetime,
) -> tuple[Schedule, ...]:
    """One for the next instant of each stack and each of its ends ``ahead``, and one that looks again
    while something is owed.

    A stack that is destroyed waits for nothing. An environment without expiry has none.
    """
    live = [row for row in rows if row.stage is not Stage.DESTROYED or owes_word(row)]
    found = [each for row in live for each in _of_row(environment, row, decisions)]
    for row in live:
        next_ = decisions.get(row.stack, Decision()).until or now
        if row.stack in ahead:
            found += _ends(environment, row, ahead[row.stack], next_)
    owed = [row for row in live if _owes(row, decisions.get(row.stack, Decision()))]
    if owed:
        labels = ", ".join(row.stack.label for row in owed)
        found.append(
            _schedule(environment, "again", Every(interval=AGAIN), f"look again at {labels}")
        )
    return tuple(found)


def _owes(row: Expiry, decision: Decision) -> bool:
    """Whether something is due that did not happen yet."""
    return bool(
        decision.held
        or decision.warn
        or decision.step is not Step.NOTHING
        or (row.lifted and not row.untagged)
        or owes_power(row)
        or owes_word(row)
    )


def _of_row(
    environment: EnvironmentKey, row: Expiry, decisions: Mapping[StackId, Decision]
) -> Iterator[Schedule]:
    decision = decisions.get(row.stack, Decision())
    name = f"{row.stack.name}@{row.stack.region}"
    if decision.until is not None:
        yield _schedule(environment, name, At(instant=decision.until), _why(row, decision))
    if row.untagged and row.tags_at is not None and not row.ended:
        why = f"the tag about the end of {row.stack.label}, which AWS refused, is tried again"
        yield _schedule(environment, f"{name}:tags", At(instant=row.tags_at), why)


def _ends(
    environment: EnvironmentKey, row: Expiry, ahead: Outlook, after: datetime
) -> Iterator[Schedule]:
    """When it is stopped and when it is destroyed, as far as that is after what comes next."""
    name, label = f"{row.stack.name}@{row.stack.region}", row.stack.label
    if ahead.stops_at is not None and ahead.stops_at > after:
        why = f"{label} expires: its machines are stopped"
        yield _schedule(environment, f"{name}:stop", At(instant=ahead.stops_at), why)
    if ahead.ends_at is not None and ahead.ends_at > after:
        yield _schedule(
            environment, f"{name}:end", At(instant=ahead.ends_at), f"{label} is destroyed"
        )


def _why(row: Expiry, decision: Decision) -> str:
    label = row.stack.label
    if row.stage in (Stage.EXPIRED, Stage.DESTROYING):
        return f"{label} is destroyed"
    if decision.until is not None and decision.until < row.expires_at:
        return f"a warning that {label} expires"
    return f"{label} expires: its machines are stopped"


def _schedule(environment: EnvironmentKey, name: str, when: When, why: str) -> Schedule:
    return Schedule(
        name=name,
        environment=environment,
        work=Work.EXPIRY,
        when=when,
        why=why,
        missed=Missed.LEVEL,
    )
