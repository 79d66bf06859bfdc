"""Look at all stacks of an environment with one read, without a lease, and say what counts. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.decisions.drift.adopted import is_adopted
from gitbot.decisions.drift.fingerprints import key_of
from gitbot.decisions.drift.sights import Scanned
from gitbot.decisions.freeze.windows import window_verdict
from gitbot.decisions.leftovers import changed_by
from gitbot.decisions.time.obstacles import words_of_freeze
from gitbot.jobs.steps.drift.reading import looked, opened, strays
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.freeze import Act
from gitbot.model.names import Address, EnvironmentKey, StackId, region_of
from gitbot.model.recorded import Lease, RecordedStack, StackHeader
from gitbot.model.runs import RunKind, RunStatus
from gitbot.model.wanted import Wanted

HEALER = "gitbot's self-heal"
"""The actor of an apply that put drift back without asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan knows, by stack. ``without`` says why objects that no state knows were not looked
    for, or is empty."""

    stacks: tuple[Scanned, ...]
    without: str = ""


def scan(ports: Ports, seen: Look, rules: Environment, rows: Sequence[DriftRow]) -> Scan:
    """What a scan knows of each stack that state or tags name, or that ``rows`` are about.

    The cloud is read once for all stacks, beside whatever else runs. What moved meanwhile is
    marked, and does not count.

    Raises:
        TransientError: the cloud or the store did not answer.
    """
    key, state = seen.key(rules.name), ports.engine.state
    before = state.lease(key)
    states = {each.id: each for each in state.read_all(key) if not each.empty}
    wanted = seen.wanted(rules.name)
    known = {
        stack: _known(stack, states.get(stack), wanted.stacks.get(stack.name))
        for stack in sorted({*states, *(row.stack for row in rows if _about_stack(row))})
    }
    if rules.drift.scan is None:  # nothing is asked of the cloud: it ends what was told
        return Scan(stacks=tuple(known.values()))
    busy = {**_frozen(ports, key, rules, known), **_busy(ports, key, before)}
    known = {stack: _marked(each, busy, wanted, rules) for stack, each in known.items()}
    due = _due(known, states, ports.engine.calendar.now())
    cloud, refusal = opened(ports, rules)
    found = {one.stack: one for one in looked(ports, cloud, refusal, due, wanted.stacks, known)}
    stray, without = strays(ports, seen, rules, cloud, tuple(states.values()))
    for stack in stray.keys() - known.keys():
        known[stack] = _known(stack, None, wanted.stacks.get(stack.name), busy.get(stack, ""))
    moved = _moved(ports, key, before, due, known)
    return Scan(
        stacks=tuple(
            replace(
                _explained(ports, found.get(stack, each), rows),
                moved=stack in moved,
                unmanaged=stray.get(stack, ()),
                untagged=bool(without or refusal),
            )
            for stack, each in sorted(known.items())
        ),
        without=without,
    )


def _marked(
    each: Scanned, busy: Mapping[StackId, str], wanted: Wanted, rules: Environment
) -> Scanned:
    """The stack, with why its differences do not count now."""
    why = busy.get(each.stack, "")
    if each.stack.name in wanted.entombed:
        why = "its time is over"
    if each.stack.region != region_of(each.stack.name, rules.region):
        why = "the environment is in another region now"
    return replace(each, busy=why)


def _due(
    known: Mapping[StackId, Scanned], states: Mapping[StackId, RecordedStack], now: datetime
) -> Sequence[RecordedStack]:
    """The stacks to look at: those with state that nothing keeps busy, with drift not switched off."""
    return [
        states[stack]
        for stack, each in known.items()
        if each.present and not each.busy and (each.off is None or now >= each.off.until)
    ]


def _about_stack(row: DriftRow) -> bool:
    return row.finding is not Finding.ROLL_UP


def _known(
    stack: StackId, recorded: RecordedStack | None, desired: DesiredStack | None, busy: str = ""
) -> Scanned:
    return Scanned(
        stack=stack,
        serial=0 if recorded is None else recorded.serial,
        present=recorded is not None,
        off=None if desired is None else desired.drift_off,
        busy=busy,
    )


def _busy(ports: Ports, key: EnvironmentKey, lease: Lease | None) -> Mapping[StackId, str]:
    """The stacks whose differences are nobody's drift now, and why."""
    records = ports.records
    found = {
        claim.stack: f"#{claim.pull_request} has applied it"
        for claim in records.claims.of_environment(key)
    }
    found |= {run.stack: "an apply of it waits for consent" for run in records.runs.held(key)}
    if lease is not None and lease.holder and ports.clock.now() < lease.expires_at:
        found |= {run.stack: "an apply of it runs" for run in records.runs.running(key)}
    return found


def _frozen(
    ports: Ports, key: EnvironmentKey, rules: Environment, stacks: Iterable[StackId]
) -> Mapping[StackId, str]:
    """The stacks in which nothing is put back now, by a freeze or a window, and why."""
    now, freeze = ports.engine.calendar.now(), ports.records.freezes.frozen(key)
    found = {}
    for stack in stacks:
        window = window_verdict(rules, Act.HEAL, stack.name, now)
        if freeze is not None:
            found[stack] = words_of_freeze(freeze)
        elif not window.allowed:
            found[stack] = window.why
    return found


def _moved(
    ports: Ports,
    key: EnvironmentKey,
    before: Lease | None,
    due: Sequence[RecordedStack],
    known: Iterable[StackId],
) -> frozenset[StackId]:
    """The stacks whose state changed since it was read; all, when another apply has begun.

    Every write of state raises the serial, those of intents too.
    """
    after = ports.engine.state.lease(key)
    if (after and after.epoch) != (before and before.epoch):
        return frozenset(known)
    now = {header.id: (header.lineage, header.serial) for header in _headers(ports, key)}
    return frozenset(each.id for each in due if now.get(each.id) != (each.lineage, each.serial))


def _headers(ports: Ports, key: EnvironmentKey) -> Sequence[StackHeader]:
    return ports.engine.state.headers(key.repository, key.environment)


def _explained(ports: Ports, scanned: Scanned, rows: Sequence[DriftRow]) -> Scanned:
    """With what applies have changed since the stack's differences were last seen."""
    live = [row for row in rows if row.stack == scanned.stack and row.live]
    since = [row.serial for row in live if row.serial != scanned.serial]
    if not since:
        return scanned
    ended = (RunStatus.APPLIED, RunStatus.FAILED)
    applied: set[Address] = set()
    healed: set[Address] = set()
    for run in ports.records.runs.of_stack(scanned.stack, RunKind.APPLY, ended, limit=20):
        plan = ports.records.runs.plan(run.id)
        # By the serial, not by time: scans go by the calendar, and applies by the real clock.
        if plan.serial < min(since):
            break
        changed = changed_by(plan, run, ports.records.runs.result(run.id))
        applied |= changed
        healed |= changed if run.actor == HEALER else set()
    now = ports.engine.state.read(scanned.stack)
    adopted = {key_of(one) for row in live for one in row.differences if is_adopted(one, now)}
    return replace(
        scanned,
        applied=frozenset(applied),
        healed=frozenset(healed),
        adopted=frozenset(adopted),
    )
