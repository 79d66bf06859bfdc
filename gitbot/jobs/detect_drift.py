"""The job that looks for drift of one environment, and keeps the issues that tell of it. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gitbot.decisions.drift.life import Seen, Unseen, advance
from gitbot.decisions.drift.sights import Scanned, roll_up_of, sight_of
from gitbot.decisions.drift.telling import rolled_up
from gitbot.jobs.steps.drift.causes import find_causes
from gitbot.jobs.steps.drift.scan import scan
from gitbot.jobs.steps.drift.tell import Issues
from gitbot.jobs.steps.drift.tip import tell_tip
from gitbot.jobs.steps.drift.wake import wake_heals
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.schedules import reschedule
from gitbot.model.desired import Environment
from gitbot.model.drift import DriftRow, Finding, Phase
from gitbot.model.keys import DetectDrift
from gitbot.model.names import StackId
from gitbot.model.time import Work
from gitbot.render.drift_checks import checks_in_words, remarks_on

_FINDINGS = (Finding.DRIFT, Finding.ERROR, Finding.UNMANAGED)
_AT_ONCE = timedelta()


def detect_drift(ports: Ports, key: DetectDrift) -> None:
    """Scan the environment once, and tell of what has changed since the last scan.

    Takes no lease, and runs beside plans and applies. Safe to run twice or late.

    Raises:
        TransientError: the cloud, the store or GitHub did not answer.
    """
    seen = look(ports, key.repository)
    rules = seen.at_tip.environments.get(key.environment)
    if rules is None:
        return  # removed, or broken: nobody knows the rules, so nothing ends and nothing begins
    rows = ports.records.drift
    known = rows.of_environment(key.environment_key)
    issues = Issues(ports=ports, seen=seen, rules=rules.drift)
    found = scan(ports, seen, rules, known)
    looked_at = _advanced(ports, rules, found.stacks, known, issues)
    reschedule(ports, seen, works=(Work.DRIFT,), environment=key.environment)
    issues.rolled = rolled_up(rows.of_environment(key.environment_key), rules.drift.issues.most)
    told = [issues.tell(row) for row in looked_at]
    _tell_roll_up(ports, seen, rules, issues)
    more = find_causes(ports, rules, told)
    for row in told:
        if row.stack in more and row.phase is Phase.OPEN:
            issues.tell(row)
    wake_heals(ports, seen, rules, told)
    reschedule(ports, seen, works=(Work.DRIFT,), environment=key.environment)
    remarks = remarks_on(issues.refusal, found.without)
    live = rows.of_environment(key.environment_key)
    still = [each for each in found.stacks if not (each.busy or each.moved)]
    unmet = checks_in_words((each.stack, each.unmet) for each in still)
    newer = {each.stack: each.newer for each in still if each.newer}
    tell_tip(ports, seen, rules.name, live, remarks, unmet, newer)


def _advanced(
    ports: Ports,
    rules: Environment,
    scanned: Sequence[Scanned],
    known: Sequence[DriftRow],
    issues: Issues,
) -> list[DriftRow]:
    """The rows of what the scan saw, recorded as they are after it."""
    now, confirm = ports.engine.calendar.now(), rules.drift.confirm_after
    by_key = {(row.stack, row.finding): row for row in known}
    found = []
    for each in scanned:
        for finding in _FINDINGS:
            fresh = DriftRow(stack=each.stack, finding=finding)
            row = by_key.get((each.stack, finding), fresh)
            sight = sight_of(each, finding, row, rules.drift, now)
            if isinstance(sight, Unseen) or (row is fresh and not isinstance(sight, Seen)):
                continue
            after = advance(row, sight, issues.standing(row), confirm=confirm, now=now)
            if after != row:
                ports.records.drift.put(after)
            found.append(after)
    return found


def _tell_roll_up(ports: Ports, seen: Look, rules: Environment, issues: Issues) -> None:
    """Keep the one issue that lists the stacks when too many need one."""
    nobody = StackId(
        repository=seen.repository.id, environment=rules.name, name="", region=rules.region
    )
    fresh = DriftRow(stack=nobody, finding=Finding.ROLL_UP)
    row = ports.records.drift.of_stack(nobody, Finding.ROLL_UP) or fresh
    sight = roll_up_of(issues.rolled)
    if row is fresh and not isinstance(sight, Seen):
        return
    now = ports.engine.calendar.now()
    after = advance(row, sight, issues.standing(row), confirm=_AT_ONCE, now=now)
    if after != row:
        ports.records.drift.put(after)
    issues.tell(after)
