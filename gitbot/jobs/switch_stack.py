"""The job that gives machines and tags of a stack what its expiry asks for. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.expiry.changes import started, stopped
from gitbot.decisions.expiry.places import elsewhere
from gitbot.decisions.expiry.stages import owes_power, owes_tags
from gitbot.errors import RowChangedError, TransientError
from gitbot.jobs.steps.apply_stack import STOPPING
from gitbot.jobs.steps.expiry.machines import (
    awake_machines,
    failures_of,
    forbidden_of,
    pre_stops_of,
    turns_of,
)
from gitbot.jobs.steps.expiry.moment import read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.expiry.rules import rules_now
from gitbot.jobs.steps.expiry.tags import tag_expiry
from gitbot.jobs.steps.expiry.tell_machines import say_failures, say_pre_stops, say_tags, say_works
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.power.switching import Switching
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.model.cloud import Power, Purpose
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.keys import SwitchStack
from gitbot.model.recorded import RecordedStack
from gitbot.model.time import Work


def switch_stack(ports: Ports, key: SwitchStack) -> None:
    """Give the stack's machines the power, and its objects the tag, that its expiry asks for.

    Only machines that expiry stopped are started again. A machine that fails does not hold up the
    others: it is reported, and the schedule tries it again. A claim does not prevent a stop; a
    freeze does.

    Raises:
        LeaseUnavailableError: an apply of the environment is running.
        RowChangedError: somebody moved the expiry meanwhile; run the job again.
        TransientError: the server is stopping, or GitHub did not answer.
    """
    engine = ports.engine
    seen = look(ports, key.repository)
    rules = rules_now(ports, seen, key.environment)
    if rules is None:
        return
    if engine.stop():
        raise TransientError(STOPPING)
    holder = engine.processes.name(f"expiry of {key.stack_id.label}")
    environment, telling = key.environment_key, Telling()
    with hold(engine.state, environment, holder, ttl=engine.lease_ttl, clock=ports.clock) as lease:
        row = ports.records.expiries.of_stack(key.stack_id)
        if row is None or row.ended:
            return
        recorded = engine.state.read(row.stack)
        if why := elsewhere(recorded, rules):
            say_failures(ports, seen, row, (why,) if owes_power(row) else (), telling)
        else:
            cloud = engine.clouds.open(rules, Purpose.APPLY)
            switching = Switching(ports=ports, seen=seen, rules=rules, cloud=cloud, lease=lease)
            row = _give_tags(switching, recorded, row, telling)
            row = _give_power(switching, recorded, row, telling)
    say_pre_stops(ports, seen, row, telling)
    reschedule(ports, seen, works=(Work.EXPIRY,), environment=key.environment)
    telling.end()


def _give_tags(
    switching: Switching, recorded: RecordedStack, row: Expiry, telling: Telling
) -> Expiry:
    """Write the tag where it is not written yet. Returns the row as it is recorded then."""
    ports, at = switching.ports, read_moment(switching.ports).latest
    if not owes_tags(row, recorded.serial, at):
        return row
    change = tag_expiry(ports.engine, switching.cloud, switching.lease, recorded, row, at)
    after = note(ports, row, change, at)
    if row.untagged or after.untagged:
        say_tags(ports, switching.seen, after, telling)
    return after


def _give_power(
    switching: Switching, recorded: RecordedStack, row: Expiry, telling: Telling
) -> Expiry:
    """Stop or start the machines. Returns the row as it is recorded then."""
    if not owes_power(row):
        return row
    change = _stop if row.stage is Stage.EXPIRED else _start
    after = change(switching, recorded, row, telling)
    if after.stage is not row.stage and owes_power(after):
        raise RowChangedError(f"The expiry of {row.stack.label} was moved meanwhile.")
    return after


def _stop(switching: Switching, recorded: RecordedStack, row: Expiry, telling: Telling) -> Expiry:
    """Stop the machines that do not work. Returns the row as it is recorded then.

    What is stopped is written down before: after a crash, or when somebody extends the stack
    meanwhile, it is known which machines are to run again. People have their notice before it is
    written down that they have.
    """
    ports, seen, moment = switching.ports, switching.seen, read_moment(switching.ports)
    engine, due = ports.engine, row.stage_at
    awake = awake_machines(
        engine, switching.cloud, recorded, row.noticed, due=due, now=moment.earliest
    )
    noticed = say_works(ports, seen, switching.rules, row, awake, telling)
    before, to_stop = row.stopped, tuple(sorted({*row.stopped, *awake.idle}))
    if to_stop != row.stopped:
        row = ports.records.expiries.put(replace(row, stopped=to_stop), "", moment.latest)
    found = switching.do(turns_of(recorded, awake.idle, Power.STOPPED))
    failures, pre_stops, forbidden = failures_of(found), pre_stops_of(found), forbidden_of(found)
    # What forbids a stop is told where it is told that the time is over.
    tried = [why for address, why in failures.items() if address not in forbidden]
    said = say_failures(ports, seen, row, tried, telling)
    rests = said and not forbidden and awake.busy_until is None
    at = read_moment(ports).latest  # a stop can take long
    return note(
        ports,
        row,
        lambda now: stopped(
            now,
            undone=failures.keys(),
            not_tried=forbidden - set(before),
            busy_until=awake.busy_until,
            noticed=noticed,
            pre_stop=tuple(pre_stops.values()),
            grace_from=at if rests else None,
        ),
        at,
    )


def _start(switching: Switching, recorded: RecordedStack, row: Expiry, telling: Telling) -> Expiry:
    """Start the machines that expiry stopped. Returns the row as it is recorded then."""
    ports, seen, moment = switching.ports, switching.seen, read_moment(switching.ports)
    found = switching.do(turns_of(recorded, row.stopped, Power.RUNNING))
    failures = failures_of(found)
    say_failures(ports, seen, row, failures.values(), telling)
    return note(ports, row, lambda now: started(now, undone=failures.keys()), moment.latest)
