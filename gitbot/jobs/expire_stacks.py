"""The job that follows when the stacks of one environment expire. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from gitbot.decisions.expiry.changes import expired, told
from gitbot.decisions.expiry.stages import (
    UNWARNED,
    Case,
    Decision,
    Step,
    ends_at,
    owes_power,
    owes_tags,
    owes_word,
)
from gitbot.decisions.wanted import written_in
from gitbot.errors import UserError
from gitbot.jobs.steps.expiry.cases import decide_now, rules_of
from gitbot.jobs.steps.expiry.moment import Moment, read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.expiry.removal import propose_removal
from gitbot.jobs.steps.expiry.rows import follow_stacks
from gitbot.jobs.steps.expiry.rules import rules_now
from gitbot.jobs.steps.expiry.tell import say, tell_old_claims, warn
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.model.desired import Environment
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.freeze import Act
from gitbot.model.keys import DestroyStack, ExpireStacks, SwitchStack
from gitbot.model.names import StackId
from gitbot.model.time import Work
from gitbot.render.expiry import destroyed_comment, failed_comment, no_removal_comment
from gitbot.render.expiry_warnings import held_comment, not_stopped_comment, stopped_comment


def expire_stacks(ports: Ports, key: ExpireStacks) -> None:
    """Follow specs and rules, warn whoever is due, and wake what stops and destroys.

    Level-triggered: what to do follows from rows, state and the time alone. Takes no lease, and
    changes nothing in the cloud. Safe to run twice, late or after a crash.

    Raises:
        TransientError: GitHub or the store did not answer; the others were dealt with.
    """
    seen = look(ports, key.repository)
    rules = rules_now(ports, seen, key.environment)
    if rules is None:
        return
    moment = read_moment(ports)
    follow_stacks(ports, seen, rules, moment)
    telling = Telling()
    decided = decide_now(ports, seen, rules, moment.earliest)
    for stack, decision in decided.decisions.items():
        row = decided.rows[stack]
        one = partial(_warn, ports, seen, rules, decided.case(row, rules), decision, moment)
        telling.say(f"the warning of {stack.label}", one)
    # Warnings that were just delivered count: decide again. GitHub may have taken its time.
    moment = read_moment(ports)
    decided = decide_now(ports, seen, rules, moment.earliest)
    for stack, decision in decided.decisions.items():
        one = partial(_act, ports, seen, rules, decided.rows[stack], decision, moment, key.reason)
        telling.say(f"the expiry of {stack.label}", one)
    serials = _serials(ports, key)
    for row in ports.records.expiries.of_environment(key.environment_key):
        _switch(ports, row, serials.get(row.stack, 0), moment, key.reason)
        one = partial(_tell, ports, seen, rules, decided.case(row, rules), moment)
        telling.say(f"the end of {row.stack.label}", one)
        one = partial(_remove_file, ports, seen, rules, row.stack, moment)
        telling.say(f"the removal of {row.stack.label}", one)
    tell_old_claims(ports, seen, rules, moment, telling)
    reschedule(ports, seen, works=(Work.EXPIRY,), environment=key.environment)
    telling.end()


def _warn(
    ports: Ports, seen: Look, rules: Environment, case: Case, decision: Decision, moment: Moment
) -> None:
    if decision.warn is not None:
        warn(ports, seen, rules, case, decision, moment)


def _act(
    ports: Ports,
    seen: Look,
    rules: Environment,
    row: Expiry,
    decision: Decision,
    moment: Moment,
    reason: str,
) -> None:
    """Expire the stack, wake its destruction, or say what it waits for."""
    if decision.step is Step.STOP:
        row = ports.records.expiries.put(
            expired(row, moment.latest), "its time is over", moment.latest
        )
    if decision.step is Step.DESTROY:
        ports.queue.enqueue(
            DestroyStack(
                repository=row.stack.repository,
                environment=row.stack.environment,
                stack=row.stack.name,
                region=row.stack.region,
                reason=reason,
            )
        )
    # That nobody could be warned is said with the stop.
    if decision.held and decision.held != (UNWARNED,):
        text = held_comment(row, decision.held)
        say(ports, seen, row, f"{row.expires_at:%Y%m%dT%H%M%S}:held", text, moment)


def _tell(ports: Ports, seen: Look, rules: Environment, case: Case, moment: Moment) -> None:
    """Say that the stack is stopped or destroyed, or that a try failed, unless that was said."""
    row = case.expiry
    if not owes_word(row):
        return
    what = str(row.stage)
    if row.stage is Stage.DESTROYING:
        what, text = "failed", failed_comment(row, rules.timezone)
    elif row.stage is Stage.DESTROYED:
        text = destroyed_comment(row, ports.engine.state.read(row.stack), rules.timezone)
    else:
        stop = may_now(ports, seen, rules, row.stack, Act.OFFHOURS, leased=True)
        if row.grace_from is None and not stop.allowed:
            text = not_stopped_comment(row, stop.why, rules_of(rules).grace)
            say(ports, seen, row, f"{row.expires_at:%Y%m%dT%H%M%S}:waits", text, moment)
            return  # that it is stopped is owed until it is
        stops = replace(row, grace_from=row.grace_from or moment.latest)
        text = stopped_comment(row, ends_at(replace(case, expiry=stops)), rules.timezone)
    _, accepted = say(ports, seen, row, f"{row.expires_at:%Y%m%dT%H%M%S}:{what}", text, moment)
    if accepted:
        note(ports, row, lambda now: told(now, row), moment.latest)


def _serials(ports: Ports, key: ExpireStacks) -> Mapping[StackId, int]:
    headers = ports.engine.state.headers(key.repository, key.environment)
    return {header.id: header.serial for header in headers}


def _switch(ports: Ports, row: Expiry, serial: int, moment: Moment, reason: str) -> None:
    """Wake what gives the machines the power, and the objects the tag, that they should have."""
    owes = owes_power(row) or owes_tags(row, serial, moment.latest) or row.pre_stop
    if not owes:
        return
    ports.queue.enqueue(
        SwitchStack(
            repository=row.stack.repository,
            environment=row.stack.environment,
            stack=row.stack.name,
            region=row.stack.region,
            reason=reason,
        )
    )


def _remove_file(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, moment: Moment
) -> None:
    """Propose once to remove the file of a destroyed stack that still declares it."""
    row = ports.records.expiries.of_stack(stack)
    written = written_in(seen.at_tip, rules.name).get(stack.name)
    if (
        row is not None
        and row.stage is Stage.DESTROYED
        and row.removal is None
        and written is not None
        and written.hash == row.mark
    ):
        path = written.source.file
        try:
            propose_removal(ports, seen, rules, row, path, moment)
        except UserError as error:
            text = no_removal_comment(row, path, ports.engine.hide(str(error)))
            say(ports, seen, row, f"{row.expires_at:%Y%m%dT%H%M%S}:removal", text, moment)
