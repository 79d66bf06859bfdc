"""Look for why stacks differ, and record it. Shell."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.drift.causes import (
    MOST_AT_ONCE,
    applied_since,
    cause_of,
    look_again,
    wanted,
    window,
)
from gitbot.decisions.leftovers import changed_by
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.look import Ports
from gitbot.model.causes import Cause, Subject
from gitbot.model.desired import Environment
from gitbot.model.drift import Difference, DriftRow, Finding, Phase
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import RecordedStack
from gitbot.model.runs import RunKind

log = logging.getLogger("gitbot")

_HAVE_CAUSES = (Finding.DRIFT, Finding.UNMANAGED)


def find_causes(
    ports: Ports, environment: Environment, rows: Sequence[DriftRow]
) -> frozenset[StackId]:
    """Look for the causes of what the rows of an environment tell people, and record them.

    Returns the stacks of which more is known now: their issues are to be written again. Call it
    after the issues are filed: it takes up to ten seconds, and its failures are only logged, so
    that no issue waits for a cause. Idempotent; what is settled is not asked for again.
    """
    more, left = set(), MOST_AT_ONCE
    stacks = sorted({row.stack for row in rows if row.live and row.finding in _HAVE_CAUSES})
    for stack in stacks:
        try:
            asked, says_more = _find(ports, environment, stack, _told(rows, stack), left)
            left -= asked
            if says_more:
                more.add(stack)
        except (CloudError, TransientError, UserError) as error:
            log.warning("the causes of drift in %s are looked for later: %s", stack.label, error)
    return frozenset(more)


def looks_for_causes(
    ports: Ports, rows: Sequence[DriftRow], now: datetime
) -> Iterator[tuple[StackId, datetime]]:
    """When to look again for the causes of each stack whose issue does not name them all."""
    for stack in sorted({row.stack for row in rows if row.issue is not None}):
        known = ports.records.causes.of_stack(stack)
        at = look_again(_told(rows, stack), known, now)
        if at is not None:
            yield stack, at


def _told(rows: Sequence[DriftRow], stack: StackId) -> tuple[Difference, ...]:
    """The differences of the stack that issues tell of and that have a cause."""
    return tuple(
        one
        for row in rows
        if row.stack == stack and row.finding in _HAVE_CAUSES and row.phase is Phase.OPEN
        for one in row.differences
    )


def _find(
    ports: Ports,
    environment: Environment,
    stack: StackId,
    differences: Sequence[Difference],
    most: int,
) -> tuple[int, bool]:
    """Look for ``most`` causes of one stack. Returns how many were looked for, and whether what an
    issue says of them changes."""
    now = ports.engine.calendar.now()
    known = ports.records.causes.of_stack(stack)
    looked_for = wanted(differences, known, now, most=most)
    if not looked_for:
        return 0, False
    since, until = window(
        [one for some in looked_for.values() for one in some],
        _applied_since(ports, stack, looked_for.keys()),
        now,
    )
    subjects = list(_subjects(looked_for, ports.engine.state.read(stack)))
    place = replace(environment, region=stack.region)
    told = ports.engine.clouds.trail(place).told(subjects, since, until)
    found = {
        address: cause_of(looked_for[address], one, known.get(address), now)
        for address, one in told.items()
    }
    named = {one.address for one in differences}
    kept = {address: cause for address, cause in known.items() if address in named}
    ports.records.causes.put(stack, {**kept, **found})
    news = any(_says(cause) != _says(known.get(address)) for address, cause in found.items())
    return len(subjects), news


def _says(cause: Cause | None) -> object:
    """What an issue says of the cause: another look that found the same changes nothing."""
    return None if cause is None else (cause.kind, cause.deeds, cause.code, cause.tries == 1)


def _subjects(
    looked_for: Mapping[Address, Sequence[Difference]], state: RecordedStack
) -> Iterator[Subject]:
    for address, (first, *_) in looked_for.items():
        recorded = state.resources.get(address)
        if first.remote_id is not None and first.type:
            yield Subject(
                address=address,
                type=first.type,
                remote_id=first.remote_id,
                properties={}
                if recorded is None
                else {**recorded.attributes, **recorded.properties},
            )


def _applied_since(ports: Ports, stack: StackId, addresses: Collection[Address]) -> datetime | None:
    """The beginning of the applies that last changed the addresses; None if not all were changed."""
    runs = ports.records.runs
    applies = (
        (run, changed_by(runs.plan(run.id), run, runs.result(run.id)))
        for run in runs.of_stack(stack, RunKind.APPLY, limit=20)
    )
    return applied_since(applies, addresses)
