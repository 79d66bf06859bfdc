"""Decides what happens to stacks that expire: warn, stop, destroy, or wait for what. Pure.

The promise is in ``notice_at``: nothing is destroyed before the smallest ``warn`` has passed since
a delivered warning of exactly this expiry, unless somebody asked for it with the digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gitbot.model.expiry import ENDED, Delivery, Expiry, ExpiryRules, Stage, Transition
from gitbot.model.names import StackId
from gitbot.reconciler.guards import MASS_DELETE_FROM, MASS_DELETE_SHARE

UNWARNED = "no warning could be delivered yet: nobody who can read it could be mentioned"
OUTDATED = (
    "the last warning was long ago, and no newer one could be delivered yet: nobody who can read it "
    "could be mentioned"
)


class Step(StrEnum):
    """What to do to a stack now."""

    NOTHING = "nothing"
    STOP = "stop"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that decides about one stack.

    ``deliveries`` are the delivered warnings of this life. ``holds`` are sentences that say why it
    may not be destroyed now. ``resources`` counts those that a destruction would delete.
    """

    expiry: Expiry
    rules: ExpiryRules
    deliveries: Sequence[Delivery] = ()
    holds: tuple[str, ...] = ()
    resources: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do to a stack now, and when to look again.

    ``warn`` is the threshold of the warning that is due and not delivered: how long before the
    expiry, and negative for one that reminds people after it. ``until`` is when
    something may change by time alone; None when only others can change it. ``held`` says why a
    destruction that is due waits.
    """

    warn: timedelta | None = None
    step: Step = Step.NOTHING
    until: datetime | None = None
    held: tuple[str, ...] = ()


def decide(
    cases: Sequence[Case], environment_resources: int, now: datetime
) -> Mapping[StackId, Decision]:
    """The decision for each stack of one environment, made together.

    Where more than 30 % of the environment's resources would begin to be destroyed at once, as
    after a clock that jumped, none is: each then waits for a person. Where people were last warned
    long ago, because something held it, they are told once more before.
    """
    found = {case.expiry.stack: _decide(case, now) for case in cases}
    entering = [
        case
        for case in cases
        if found[case.expiry.stack].step is Step.DESTROY
        and case.expiry.stage is not Stage.DESTROYING
        and not case.expiry.requested
    ]
    together = sum(case.resources for case in entering)
    if not _is_mass(together, environment_resources):
        return found | {case.expiry.stack: _reminding(case, now) for case in entering}
    why = (
        f"{together} of the environment's {environment_resources} resources would be destroyed at "
        f"once: more than {MASS_DELETE_SHARE:.0%}"
    )
    for case in entering:
        stack = case.expiry.stack
        found[stack] = replace(found[stack], step=Step.NOTHING, held=(why,))
    return found


def _is_mass(resources: int, of: int) -> bool:
    return of >= MASS_DELETE_FROM and resources > MASS_DELETE_SHARE * of


def _decide(case: Case, now: datetime) -> Decision:
    expiry = case.expiry
    if expiry.stage is Stage.DESTROYED:
        return Decision()
    if expiry.stage is Stage.DESTROYING or expiry.requested:
        return _destroy(case, expiry.retry_at or now, now)
    warn = due_warning(case, now)
    if expiry.stage is not Stage.EXPIRED:
        warned = notice_at(case) is not None
        at = unwarned_stop_at(case) if warn and not warned else stop_at(case)
        if now >= at:
            return Decision(warn=warn, step=Step.STOP)
        return Decision(warn=warn, until=min([at, *_next_warnings(case, now)]))
    ends = ends_at(case)
    if ends is None:
        return Decision(warn=warn, held=(UNWARNED,))
    if expiry.grace_from is None:
        return Decision(warn=warn)  # whatever keeps its machines from being stopped is told there
    return replace(_destroy(case, ends, now), warn=warn)


def _destroy(case: Case, at: datetime, now: datetime) -> Decision:
    if now < at:
        return Decision(until=at)
    if case.holds:
        return Decision(held=case.holds)
    return Decision(step=Step.DESTROY)


def _reminding(case: Case, now: datetime) -> Decision:
    """The destruction that is due; a reminder first when it was put off for longer than the longest
    ``warn``. Each has a threshold of its own, which stays the same until it is delivered."""
    newest = max(each.delivered_at for each in _of_this_expiry(case))
    due = newest + case.rules.grace + case.rules.ahead
    if now <= due:
        return Decision(step=Step.DESTROY)
    return Decision(warn=case.expiry.expires_at - due, held=(OUTDATED,))


def due_warning(case: Case, now: datetime) -> timedelta | None:
    """The smallest ``warn`` that has been reached, unless it was delivered.

    A missed one is not sent later: each would say the same. None is due either when people were
    warned before and the stack is stopped by now.
    """
    expiry = case.expiry
    if notice_at(case) is not None and (expiry.stage is Stage.EXPIRED or now >= stop_at(case)):
        return None
    reached = [each for each in case.rules.warn if now >= expiry.expires_at - each]
    if not reached:
        return None
    delivered = [each.threshold for each in _of_this_expiry(case)]
    return None if any(each <= reached[-1] for each in delivered) else reached[-1]


def _next_warnings(case: Case, now: datetime) -> list[datetime]:
    return [at for each in case.rules.warn if (at := case.expiry.expires_at - each) > now]


def notice_at(case: Case) -> datetime | None:
    """When the notice that people get is over; None while no warning was delivered."""
    delivered = [each.delivered_at for each in _of_this_expiry(case)]
    return min(delivered) + case.rules.notice if delivered else None


def stop_at(case: Case) -> datetime:
    """When the machines stop: at the expiry, but after the notice when the warning was late."""
    notice = notice_at(case)
    return max(case.expiry.expires_at, notice) if notice else case.expiry.expires_at


def ends_at(case: Case) -> datetime | None:
    """When the stack is destroyed at the earliest, if it is stopped; None without a warning.

    People have had their notice of the newest warning by then, too.
    """
    expiry, given = case.expiry, [each.delivered_at for each in _of_this_expiry(case)]
    if not given:
        return None
    stopped = expiry.grace_from or expiry.stage_at
    ends = (stopped + case.rules.grace, max(given) + case.rules.notice, expiry.busy_until)
    return max(each for each in ends if each is not None)


def unwarned_stop_at(case: Case) -> datetime:
    """When the machines stop though a warning could not be delivered: a stop destroys nothing."""
    return case.expiry.expires_at + case.rules.notice


def owes_word(expiry: Expiry) -> bool:
    """Whether people were not told yet that the stack is stopped or destroyed, or that this failed."""
    if expiry.stage is Stage.DESTROYING:
        return bool(expiry.error) and expiry.told_attempts != expiry.attempts
    return expiry.stage in (Stage.EXPIRED, Stage.DESTROYED) and expiry.told is not expiry.stage


def owes_power(expiry: Expiry) -> bool:
    """Whether its machines have another power than the stage asks for.

    Machines that expiry has stopped are to run again when the stack is not expired any more, also
    when not all were stopped.
    """
    if expiry.ended:
        return False
    if expiry.stage is Stage.EXPIRED:
        return not expiry.asleep or expiry.grace_from is None
    return expiry.asleep or bool(expiry.stopped)


def owes_tags(expiry: Expiry, serial: int, now: datetime) -> bool:
    """Whether an object is to get the tag now: it carries another expiry than this, or none.

    ``serial`` is that of the state. Where AWS refused the tag, it is tried again after a while.
    """
    if expiry.ended:
        return False
    wanted = None if expiry.lifted else expiry.expires_at
    if expiry.tagged != wanted or (wanted is not None and expiry.tagged_serial != serial):
        return True
    return bool(expiry.untagged) and (expiry.tags_at is None or now >= expiry.tags_at)


def _of_this_expiry(case: Case) -> list[Delivery]:
    return [each for each in case.deliveries if each.expires_at == case.expiry.expires_at]


def ended_by_expiry(history: Sequence[Transition]) -> bool:
    """Whether the last that happened to a stack is that expiry ended it, by its transitions.

    One that was applied again since has another life: whoever ends that one did it.
    """
    return bool(history) and history[-1].after in ENDED
