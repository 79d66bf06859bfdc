"""``/extend``, ``/keep`` and ``/destroy``: move the end of a stack, or bring it on now. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.decisions.expiry.commands import Moved, end_digest, extended, kept, requested
from gitbot.decisions.expiry.instants import nominal
from gitbot.decisions.expiry.places import elsewhere
from gitbot.decisions.wanted import written_in
from gitbot.errors import RefusedError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stack_of
from gitbot.jobs.steps.expiry.cases import read_holds, rules_of
from gitbot.jobs.steps.expiry.ending import plan_end
from gitbot.jobs.steps.expiry.moment import Moment, read_moment
from gitbot.jobs.steps.rights import require_right
from gitbot.language.time.instants import read_moment as read_text
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.durations import read_duration
from gitbot.model.expiry import Expiry, ExpiryRules
from gitbot.model.keys import DestroyStack, ExpireStacks
from gitbot.model.names import StackId
from gitbot.model.plan import Action, short_digest
from gitbot.model.zones import instant_of, zone
from gitbot.render.comments import command_answer
from gitbot.render.expiry import destroy_answer, destroying_answer, moved_answer, refusal_words
from gitbot.render.expiry_ends import no_expiry_words

OTHER_DIGEST = (
    "that is not the digest of what would be done now: the plan or the expiry has changed since it was "
    "shown, or a digit is wrong"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The stack that the command is about, with its environment, its expiry and the time."""

    rules: Environment
    row: Expiry
    moment: Moment

    @property
    def expiry_rules(self) -> ExpiryRules:
        return rules_of(self.rules)


def extend(request: Request) -> str:
    """Move the expiry by a duration. Safe to run again after a crash: it moves once."""
    by = read_duration(request.command.duration or "")
    return _move(
        request,
        "extend",
        lambda asked: extended(asked.row, asked.expiry_rules, by, asked.moment.earliest),
    )


def keep(request: Request) -> str:
    """Move the expiry to an instant, or to the end of a date. Safe to run again after a crash."""

    def move(asked: _Asked) -> Moved:
        until = _until(request.command.until or "", asked.rules.timezone)
        return kept(asked.row, asked.expiry_rules, until, asked.moment.earliest)

    return _move(request, "keep", move)


def destroy(request: Request) -> str:
    """Show the plan towards nothing and its digest; with the digest, have it carried out now."""
    asked, ports = _asked(request, "destroy"), request.ports
    row, command = asked.row, request.command
    if row.ended:
        raise RefusedError(f"`{row.stack.label}` is destroyed already, or just now")
    if why := elsewhere(ports.engine.state.read(row.stack), asked.rules):
        raise RefusedError(f"`{row.stack.label}` cannot be destroyed now: {why}")
    cloud = ports.engine.clouds.open(asked.rules, Purpose.PLAN)
    plan, stays = plan_end(ports.engine, cloud, request.seen, row.stack)
    given, shown = command.digest, end_digest(row, plan.digest)
    if given is None or not shown.startswith(given):
        deletes = [one.address for one in plan.changes if one.action is Action.DELETE]
        text = destroy_answer(row, short_digest(shown), deletes, stays, asked.rules.timezone)
        if given is not None:
            raise RefusedError(f"{OTHER_DIGEST}. {text}")
        return command_answer(command.author, f"destroy {row.stack.label}", text)
    holds = read_holds(ports, request.seen, asked.rules, row)
    if holds:
        raise RefusedError(f"`{row.stack.label}` cannot be destroyed now: {'; '.join(holds)}")
    after = requested(row, plan.digest, command.author)
    if after != row:
        why = f"{command.author} asks for its destruction"
        ports.records.expiries.put(after, why, asked.moment.latest)
    request.later.append(
        DestroyStack(
            repository=row.stack.repository,
            environment=row.stack.environment,
            stack=row.stack.name,
            region=row.stack.region,
            reason=f"command:{command.ref}",
        )
    )
    text = destroying_answer(row)
    return command_answer(command.author, f"destroy {row.stack.label}", text)


def _move(request: Request, verb: str, move: Callable[[_Asked], Moved]) -> str:
    asked, ref = _asked(request, verb), str(request.command.ref)
    row, zone_name, taken_back = asked.row, asked.rules.timezone, asked.row.requested_by
    if ref not in row.commands:
        moved = move(asked)
        if moved.expiry is None:
            assert moved.refusal is not None
            raise RefusedError(
                refusal_words(moved.refusal, row, asked.expiry_rules, moved.latest, zone_name)
            )
        row = replace(moved.expiry, commands=(*row.commands, ref))
        why = f"{request.command.author} said /{verb}"
        request.ports.records.expiries.put(row, why, asked.moment.latest)
    request.later.append(
        ExpireStacks(
            repository=row.stack.repository,
            environment=row.stack.environment,
            reason=f"command:{ref}",
        )
    )
    text = moved_answer(row, asked.expiry_rules, zone_name, taken_back)
    return command_answer(request.command.author, f"{verb} {row.stack.label}", text)


def _asked(request: Request, verb: str) -> _Asked:
    """What the command is about.

    Raises:
        RefusedError: no stack fits, the author may not, or the stack does not expire.
    """
    ports, seen, command = request.ports, request.seen, request.command
    stack = stack_of(ports, seen, command)
    rules = seen.rules(stack.environment)
    require_right(ports, seen, rules, verb, command.author, command.author_id)
    row = ports.records.expiries.of_stack(stack)
    if row is None or row.lifted:
        raise RefusedError(_no_expiry(request, rules, stack))
    return _Asked(rules=rules, row=row, moment=read_moment(ports))


def _no_expiry(request: Request, rules: Environment, stack: StackId) -> str:
    """Why there is no expiry that a command could move or bring on."""
    seen, page = request.seen, request.written_on
    written = written_in(seen.at_tip, rules.name).get(stack.name)
    now = request.ports.engine.calendar.now()
    merged = written is not None and nominal(stack.name, written.lifetime, rules.expiry, now)
    return no_expiry_words(
        stack.label, merged=bool(merged), proposed=page is not None and page.open
    )


def _until(text: str, timezone: str) -> datetime:
    """The instant; local times are those of the environment, and a date means its end."""
    at = read_text(text)
    return at if at.tzinfo is not None else instant_of(at, zone(timezone))
