"""Look at all stacks of an environment with one read, without a lease, and say what counts. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.drift.adopted import is_adopted
from gitbot.decisions.drift.fingerprints import key_of
from gitbot.decisions.drift.sights import Scanned
from gitbot.decisions.freeze.windows import window_verdict
from gitbot.decisions.leftovers import changed_by
from gitbot.decisions.time.obstacles import words_of_freeze
from gitbot.errors import CloudError, UserError
from gitbot.jobs.steps.drift.checks import failing_checks
from gitbot.jobs.steps.drift.newer import what_is_newer
from gitbot.jobs.steps.drift.strays import find_strays
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.planning import Seen, observe_apart
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.drift import Difference, DriftRow, Finding
from gitbot.model.freeze import Act
from gitbot.model.names import Address, EnvironmentKey, StackId, region_of
from gitbot.model.recorded import Lease, RecordedStack, StackHeader
from gitbot.model.runs import RunKind, RunStatus
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.drift import differences

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
    for stack in known:
        why = busy.get(stack, "")
        if stack.name in wanted.entombed:
            why = "its time is over"
        if stack.region != region_of(stack.name, rules.region):
            why = "the environment is in another region now"
        known[stack] = replace(known[stack], busy=why)
    now = ports.engine.calendar.now()
    due = [
        states[stack]
        for stack, each in known.items()
        if each.present and not each.busy and (each.off is None or now >= each.off.until)
    ]
    cloud, refusal = _opened(ports, rules)
    found = {one.stack: one for one in _looked(ports, cloud, refusal, due, wanted.stacks, known)}
    strays, without = _strays(ports, seen, rules, cloud, tuple(states.values()))
    for stack in strays:
        fresh = _known(stack, None, wanted.stacks.get(stack.name))
        known.setdefault(stack, replace(fresh, busy=busy.get(stack, "")))
    moved = _moved(ports, key, before, due, known)
    return Scan(
        stacks=tuple(
            replace(
                _explained(ports, found.get(stack, each), rows),
                moved=stack in moved,
                unmanaged=strays.get(stack, ()),
                untagged=bool(without or refusal),
            )
            for stack, each in sorted(known.items())
        ),
        without=without,
    )


def _opened(ports: Ports, rules: Environment) -> tuple[Cloud | None, str]:
    """A connection that delays no plan beside it; or why there is none."""
    try:
        return ports.engine.clouds.open(rules, Purpose.SCAN), ""
    except UserError as error:
        return None, ports.engine.hide(str(error))


def _strays(
    ports: Ports,
    seen: Look,
    rules: Environment,
    cloud: Cloud | None,
    states: Sequence[RecordedStack],
) -> tuple[Mapping[StackId, tuple[Difference, ...]], str]:
    """The objects that no state knows, by stack; and why they are not known, or empty."""
    if cloud is None:
        return {}, ""
    place, wanted = seen.stack_id(rules, ""), seen.wanted(rules.name)
    found: dict[StackId, tuple[Difference, ...]] = {}
    try:
        for region in sorted({place.region, *(state.id.region for state in states)}):
            here = find_strays(ports.engine, cloud.at(region), place, states, wanted.stacks)
            found |= {stack: some for stack, some in here.items() if stack.region == region}
        return found, ""
    except CloudError as error:
        return {}, ports.engine.hide(str(error))


def _about_stack(row: DriftRow) -> bool:
    return row.finding is not Finding.ROLL_UP


def _known(stack: StackId, recorded: RecordedStack | None, desired: DesiredStack | None) -> Scanned:
    return Scanned(
        stack=stack,
        serial=0 if recorded is None else recorded.serial,
        present=recorded is not None,
        off=None if desired is None else desired.drift_off,
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


def _looked(
    ports: Ports,
    cloud: Cloud | None,
    refusal: str,
    due: Sequence[RecordedStack],
    desired: Mapping[str, DesiredStack],
    known: Mapping[StackId, Scanned],
) -> list[Scanned]:
    """The stacks with what the cloud shows of them."""
    engine = ports.engine
    if cloud is None or not due:
        return [replace(known[each.id], refusal=refusal) for each in due]
    looks = observe_apart(engine, cloud, [(None, each) for each in due])
    return [
        replace(known[each.id], refusal=engine.hide(str(look)))
        if isinstance(look, CloudError)
        else replace(
            known[each.id],
            differences=_differences(ports, each, look, desired.get(each.id.name)),
            unmet=failing_checks(engine, desired.get(each.id.name), each, look),
            newer=what_is_newer(engine, cloud, desired.get(each.id.name), each, look),
        )
        for each, look in zip(due, looks, strict=True)
    ]


def _differences(
    ports: Ports, recorded: RecordedStack, seen: Seen, desired: DesiredStack | None
) -> tuple[Difference, ...]:
    engine = ports.engine
    resources = {} if desired is None else desired.resources
    return differences(
        recorded,
        seen.observed,
        engine.clouds.schemas,
        engine.redactor,
        ignored={address: one.lifecycle.ignore_changes for address, one in resources.items()},
    )


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
