"""The job that gives machines and tags of a stack what its expiry asks for. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.expiry.stages import owes_power, owes_tags
from gitbot.decisions.time.obstacles import may
from gitbot.errors import TransientError
from gitbot.jobs.steps.apply_stack import STOPPING
from gitbot.jobs.steps.expiry.machines import Switched, start_machines, stop_machines
from gitbot.jobs.steps.expiry.moment import read_moment
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
from gitbot.model.freeze import Act
from gitbot.model.keys import SwitchStack
from gitbot.model.time import Work
from gitbot.render.expiry import not_switched_comment


def switch_stack(ports: Ports, key: SwitchStack) -> None:
    """Give the stack's machines the power, and its objects the tag, that its expiry asks for.

    Only machines that expiry stopped are started again. A machine that fails keeps no other from
    its power; it is told, and tried again by the schedule. A claim holds no stop; a freeze does.

    Raises:
        LeaseUnavailableError: an apply of the environment is running.
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
        cloud, recorded = engine.clouds.open(rules, Purpose.APPLY), engine.state.read(row.stack)
        if owes_tags(row, recorded.serial):
            row = tag_expiry(engine, cloud, lease, recorded, row)
            ports.records.expiries.put(row, "", read_moment(ports).latest)
        if not owes_power(row):
            return
        stopping = row.stage is Stage.EXPIRED
        act = Act.OFFHOURS if stopping else Act.WAKE
        verdict = may(act, read_freeze(ports, rules, row.stack, act))
        found = (
            Switched(failed=(verdict.why,))
            if not verdict.allowed
            else stop_machines(
                engine, cloud, lease, recorded, row.stage_at, read_moment(ports).earliest
            )
            if stopping
            else start_machines(engine, cloud, lease, recorded, row.stopped)
        )
        _record(ports, seen, row, found)
    reschedule(ports, seen, works=(Work.EXPIRY,))


def _record(ports: Ports, seen: Look, row: Expiry, found: Switched) -> None:
    """Record which machines have their power, and say which have not."""
    stopping, moment = row.stage is Stage.EXPIRED, read_moment(ports)
    done = {str(address) for address in found.done}
    after = replace(
        row,
        asleep=stopping if not (found.failed or found.busy_until) else row.asleep,
        busy_until=found.busy_until,
        stopped=tuple(sorted({*row.stopped, *done}))
        if stopping
        else tuple(one for one in row.stopped if one not in done and found.failed),
    )
    if after != row:
        ports.records.expiries.put(after, "", moment.latest)
    if found.failed:
        text = not_switched_comment(row, found.failed)
        subject = f"{row.expires_at:%Y%m%dT%H%M%S}:power"
        Telling().say(
            f"the power of {row.stack.label}",
            lambda: say(ports, seen, after, subject, text, moment),
        )
