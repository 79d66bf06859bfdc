"""The job that destroys a stack whose time is over. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gitbot.decisions.expiry.changes import (
    destroyed,
    destroying,
    failed,
    put_off,
)
from gitbot.decisions.expiry.stages import Step
from gitbot.decisions.wanted import written_in
from gitbot.errors import CloudError, SpecError, TransientError, UnfinishedError, UserError
from gitbot.jobs.steps.apply_stack import STOPPING
from gitbot.jobs.steps.expiry.cases import decide_now
from gitbot.jobs.steps.expiry.ending import carry_out, plan_end, settle_end
from gitbot.jobs.steps.expiry.machines import awake_machines
from gitbot.jobs.steps.expiry.moment import Moment, read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.expiry.tell import say
from gitbot.jobs.steps.expiry.tell_machines import say_works
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.turns import end_turns, tell_turn
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.expiry import Expiry
from gitbot.model.keys import DestroyStack, ExpireStacks
from gitbot.model.plan import WalkResult
from gitbot.model.recorded import Lease
from gitbot.model.time import Work
from gitbot.render.expiry import changed_plan_comment


def destroy_stack(ports: Ports, key: DestroyStack) -> None:
    """Destroy the stack, if that is still due when the lease is held.

    The tombstone is written before anything is deleted. Emptying a bucket goes on in turns, and
    gives the lease back between them. What fails is told, and tried again later. Safe to run twice,
    late or after a crash.

    Raises:
        LeaseUnavailableError: an apply of the environment is running.
        UnfinishedError: something long is done in part and told; run the job again.
        TransientError: the server is stopping, or a store or GitHub did not answer.
    """
    engine = ports.engine
    holder = engine.processes.name(f"destruction of {key.stack_id.label}")
    with hold(
        engine.state, key.environment_key, holder, ttl=engine.lease_ttl, clock=ports.clock
    ) as lease:
        seen = look(ports, key.repository)
        rules = seen.at_tip.environments.get(key.environment)
        if rules is None:
            return
        moment = read_moment(ports)
        row = _entombed(ports, seen, rules, key, moment)
        if row is None:
            reschedule(ports, seen, works=(Work.EXPIRY,), environment=key.environment)
            return
        row, result = _destroy(ports, seen, rules, lease, row, moment)
    if result is not None and result.interrupted:
        raise TransientError(STOPPING)
    if result is not None and result.goes_on:  # the lease is free again: others have their turn
        tell_turn(ports, seen, row.issue or row.pull_request, rules.name, result.goes_on)
        raise UnfinishedError(result.goes_on)
    _end(ports, seen, rules, row)


def _entombed(
    ports: Ports, seen: Look, rules: Environment, key: DestroyStack, moment: Moment
) -> Expiry | None:
    """The row with its tombstone written; None when the destruction is not due (any more)."""
    decided = decide_now(ports, seen, rules, moment.earliest)
    row = decided.rows.get(key.stack_id)
    if row is None or decided.of(key.stack_id).step is not Step.DESTROY:
        return None
    written = written_in(seen.at_tip, rules.name).get(key.stack)
    if row.ended:
        if written is not None and written.hash != row.mark:
            return None  # somebody wants it again: the next apply revives it
        return row
    if row.requested and not _is_as_shown(ports, seen, rules, row, moment):
        return None
    if not row.requested and _is_busy(ports, seen, rules, row, moment):
        return None
    mark = "" if written is None else written.hash
    row = destroying(row, mark, moment.latest)
    why = f"{row.requested_by} asked for it" if row.requested else "grace is over"
    return ports.records.expiries.put(row, why, moment.latest)


def _is_busy(ports: Ports, seen: Look, rules: Environment, row: Expiry, moment: Moment) -> bool:
    """Whether a machine works, as far as anybody knows: then the destruction is put off.

    A machine can work though expiry has stopped it: people start machines, too. Whoever asks for
    the destruction with its digest does not wait for that. Once its ``busy`` puts nothing off any
    more, people are warned that the working machine will be destroyed.
    """
    engine = ports.engine
    recorded = engine.state.read(row.stack)
    if all(one.machine.busy is None for one in recorded.resources.values()):
        return False
    cloud = engine.clouds.open(rules, Purpose.APPLY)
    begins = row.put_off_at is None  # what they had notice of before was the stop
    awake = awake_machines(
        engine,
        cloud,
        recorded,
        {} if begins else row.noticed,
        due=row.put_off_at or moment.latest,
        now=moment.earliest,
    )
    if awake.busy_until is None:
        return False
    telling, waits = Telling(), put_off(row, awake.busy_until, {}, moment.latest)
    noticed = say_works(ports, seen, rules, waits, awake, telling)
    reason = "a machine of it works: its destruction waits" if begins else ""
    ports.records.expiries.put(replace(waits, noticed=noticed), reason, moment.latest)
    telling.end()
    return True


def _is_as_shown(ports: Ports, seen: Look, rules: Environment, row: Expiry, moment: Moment) -> bool:
    """Whether the plan is still the one that somebody asked for; else the request is void."""
    cloud = ports.engine.clouds.open(rules, Purpose.APPLY)
    plan, _ = plan_end(ports.engine, cloud, seen, row.stack)
    if plan.digest == row.requested:
        return True
    # Said first: what is not said yet is owed as long as the request stands.
    text, subject = changed_plan_comment(row), f"{row.expires_at:%Y%m%dT%H%M%S}:changed"
    telling = Telling()
    telling.say(
        f"the changed plan of {row.stack.label}",
        lambda: say(ports, seen, row, subject, text, moment),
    )
    telling.end()
    after = replace(row, requested="", requested_by="")
    why = "the plan has changed since it was asked for"
    ports.records.expiries.put(after, why, moment.latest)
    return False


def _destroy(
    ports: Ports,
    seen: Look,
    rules: Environment,
    lease: Callable[[], Lease],
    row: Expiry,
    moment: Moment,
) -> tuple[Expiry, WalkResult | None]:
    """Plan and walk. Returns the row as it is recorded then, and the result of the walk."""
    engine = ports.engine
    try:
        cloud = engine.clouds.open(rules, Purpose.APPLY)
        plan, recorded = settle_end(engine, cloud, seen, lease, row.stack)
        result = carry_out(ports, seen, cloud, lease, row, plan, recorded)
    except SpecError as error:
        return _failed(ports, row, "; ".join(d.detail for d in error.diagnostics), moment), None
    except (CloudError, UserError) as error:
        return _failed(ports, row, engine.hide(str(error)), moment), None
    if result.interrupted or result.goes_on:
        return row, result
    if not result.ok:
        why = "; ".join(f"{each.address}: {each.message}" for each in result.failures)
        return _failed(ports, row, why, moment), result
    kept = sorted(engine.state.read(row.stack).resources)
    why = "everything is deleted that is not kept"
    at = moment.latest
    return note(ports, row, lambda now: destroyed(now, kept, at), at, why), result


def _failed(ports: Ports, row: Expiry, error: str, moment: Moment) -> Expiry:
    why = f"try {row.attempts + 1} did not finish"
    return note(ports, row, lambda now: failed(now, error, moment.latest), moment.latest, why)


def _end(ports: Ports, seen: Look, rules: Environment, row: Expiry) -> None:
    """Wake what says how it ended, or that it failed. What is not said is owed by the row."""
    ports.queue.enqueue(
        ExpireStacks(
            repository=row.stack.repository,
            environment=rules.name,
            reason=f"{row.stage}:{row.stack.name}:{row.attempts}:{row.stage_at.isoformat()}",
        )
    )
    end_turns(ports, seen, row.issue or row.pull_request, rules.name)
