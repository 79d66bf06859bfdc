"""The job that gives machines and tags of a stack what its expiry asks for. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gitbot.decisions.expiry.places import elsewhere
from gitbot.decisions.expiry.stages import owes_power, owes_tags, switched, with_tags
from gitbot.decisions.time.obstacles import may
from gitbot.errors import RowChangedError, TransientError
from gitbot.jobs.steps.apply_stack import STOPPING
from gitbot.jobs.steps.expiry.machines import (
    Switched,
    awake_machines,
    start_machines,
    stop_machines,
)
from gitbot.jobs.steps.expiry.moment import read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.expiry.rules import rules_now
from gitbot.jobs.steps.expiry.tags import tag_expiry
from gitbot.jobs.steps.expiry.tell import say
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.obstacles import read_freeze
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.model.cloud import Purpose
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.freeze import Act, Verdict
from gitbot.model.keys import SwitchStack
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.time import Work
from gitbot.ports.cloud import Cloud
from gitbot.render.expiry import not_switched_comment


def switch_stack(ports: Ports, key: SwitchStack) -> None:
    """Give the stack's machines the power, and its objects the tag, that its expiry asks for.

    Only machines that expiry stopped are started again. A machine that fails keeps no other from
    its power; it is told, and tried again by the schedule. A claim holds no stop; a freeze does.

    Raises:
        LeaseUnavailableError: an apply of the environment is running.
        RowChangedError: somebody moved the expiry meanwhile; run the job again.
        TransientError: the server is stopping.
    """
    engine = ports.engine
    seen = look(ports, key.repository)
    rules = rules_now(ports, seen, key.environment)
    if rules is None:
        return
    if engine.stop():
        raise TransientError(STOPPING)
    holder = engine.processes.name(f"expiry of {key.stack_id.label}")
    environment = key.environment_key
    with hold(engine.state, environment, holder, ttl=engine.lease_ttl, clock=ports.clock) as lease:
        row = ports.records.expiries.of_stack(key.stack_id)
        if row is None or row.ended:
            return
        recorded = engine.state.read(row.stack)
        if why := elsewhere(recorded, rules):
            if owes_power(row):
                _say(ports, seen, row, (why,))
            return
        cloud = engine.clouds.open(rules, Purpose.APPLY)
        if owes_tags(row, recorded.serial):
            tagged = tag_expiry(engine, cloud, lease, recorded, row)
            row = note(ports, row, lambda now: with_tags(now, tagged), read_moment(ports).latest)
        if not owes_power(row):
            return
        stopping = row.stage is Stage.EXPIRED
        act = Act.OFFHOURS if stopping else Act.WAKE
        verdict = may(act, read_freeze(ports, rules, row.stack, act))
        found = (
            _stop(ports, cloud, lease, recorded, row, verdict)
            if stopping
            else start_machines(engine, cloud, lease, recorded, row.stopped)
            if verdict.allowed
            else Switched(undone=frozenset(row.stopped), failed=(verdict.why,))
        )
        _record(ports, seen, row, found)
    reschedule(ports, seen, works=(Work.EXPIRY,))


def _stop(
    ports: Ports,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    row: Expiry,
    verdict: Verdict,
) -> Switched:
    """Stop the machines that do not work, if it may be done now.

    What is stopped is written down before: after a crash, or when somebody extends the stack
    meanwhile, it is known which machines are to run again.
    """
    moment = read_moment(ports)
    awake = awake_machines(ports.engine, cloud, recorded, row.stage_at, moment.earliest)
    if not verdict.allowed:
        return Switched(
            undone=frozenset(one.address for one in awake.idle),
            failed=(verdict.why,) if awake.idle else (),
            busy_until=awake.busy_until,
        )
    stopped = tuple(sorted({*row.stopped, *(one.address for one in awake.idle)}))
    if stopped != row.stopped:
        ports.records.expiries.put(replace(row, stopped=stopped), "", moment.latest)
    return stop_machines(ports.engine, cloud, lease, recorded, awake)


def _record(ports: Ports, seen: Look, row: Expiry, found: Switched) -> None:
    """Record which machines have their power, and say which have not."""
    stopping, moment = row.stage is Stage.EXPIRED, read_moment(ports)
    after = note(
        ports,
        row,
        lambda now: switched(
            now, stopping=stopping, undone=found.undone, busy_until=found.busy_until
        ),
        moment.latest,
    )
    if after.stage is not row.stage and owes_power(after):
        raise RowChangedError(f"The expiry of {row.stack.label} was moved meanwhile.")
    if found.failed:
        _say(ports, seen, after, found.failed)


def _say(ports: Ports, seen: Look, row: Expiry, failed: Sequence[str]) -> None:
    """Say which machines have not the power that they should have, and why."""
    text, moment = not_switched_comment(row, failed), read_moment(ports)
    subject = f"{row.expires_at:%Y%m%dT%H%M%S}:power"
    Telling().say(
        f"the power of {row.stack.label}",
        lambda: say(ports, seen, row, subject, text, moment),
    )
