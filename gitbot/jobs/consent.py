"""Whether people have agreed to exactly what an apply would do. Pure.

An apply may go on when its digest was reviewed, when somebody released that digest, or when it is
the rest of an apply that had been agreed to and did not finish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.model.desired import ChangedPlan
from gitbot.model.plan import Action, Change, GuardHit, Plan
from gitbot.model.run import Run, RunKind, RunStatus

_LATER = {
    Action.CREATE: {Action.CREATE, Action.UPDATE, Action.REPLACE},
    Action.UPDATE: {Action.UPDATE},
    Action.REPLACE: {Action.REPLACE, Action.CREATE, Action.UPDATE, Action.DELETE},
    Action.DELETE: {Action.DELETE, Action.FORGET},
    Action.ADOPT: {Action.ADOPT, Action.UPDATE},
    Action.FORGET: {Action.FORGET},
    Action.NOOP: set[Action](),
}
"""What may be left of an action after an apply of it stopped half-way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The answer: ``given`` says by what, empty where nobody agreed; ``why`` says why it is held.

    ``released_by``: the person whose right must be read again before the first mutation.
    """

    given: str = ""
    why: str = ""
    released_by: str | None = None


def consent(
    plan: Plan,
    *,
    reviewed: Run | None,
    history: Sequence[Run],
    changed_plan: ChangedPlan,
    ask: str = "",
) -> Consent:
    """Whether ``plan`` may be applied without asking.

    ``reviewed`` is the plan run that people saw last before they merged; ``history`` the stack's
    apply runs, newest first. ``ask``: a reason why only a release counts, or empty.
    """
    blocking = [hit.detail for hit in plan.guards if hit.blocks]
    if blocking:
        return Consent(why="; ".join(blocking))
    released = _released(plan.digest, history)
    if released is not None:
        return Consent(given=f"released by {released.actor}", released_by=released.actor)
    unfinished = _unfinished(history)
    if unfinished is not None and continues(unfinished, plan) and not unasked(unfinished, plan):
        return Consent(given="the rest of an apply that did not finish")
    if plan.guards or ask:
        return Consent(why="; ".join([*(hit.detail for hit in plan.guards), *filter(None, [ask])]))
    if reviewed is None:
        if changed_plan is ChangedPlan.APPLY:
            return Consent(given="the environment applies plans that nobody reviewed")
        return Consent(why="no pull request showed a plan of this stack before the change came")
    if reviewed.digest == plan.digest:
        return Consent(given="reviewed")
    if changed_plan is ChangedPlan.APPLY:
        return Consent(given="the environment applies changed plans")
    return Consent(
        why=f"the plan differs from the one reviewed on #{reviewed.pull_request}: "
        f"{(reviewed.digest or '')[:8]} was reviewed, {plan.digest[:8]} is what it would do now"
    )


def _released(digest: str, history: Sequence[Run]) -> Run | None:
    """A release counts until something has been applied after it."""
    for run in history:
        if run.kind is not RunKind.APPLY:
            continue
        if run.status is RunStatus.RELEASED and run.digest == digest:
            return run
        if run.status is RunStatus.APPLIED:
            return None
    return None


def _unfinished(history: Sequence[Run]) -> Plan | None:
    """The plan of the newest apply that began to change things and did not finish."""
    for run in history:
        if run.kind is not RunKind.APPLY:
            continue
        if run.status in (RunStatus.RUNNING, RunStatus.FAILED) and run.plan is not None:
            return run.plan
        if run.status is RunStatus.APPLIED:
            return None
    return None


def continues(agreed: Plan, plan: Plan) -> bool:
    """Whether everything in ``plan`` is a rest of ``agreed``.

    The desired state must be the same; an address that was not part of it, or a path of an update
    that was not, makes it something else.
    """
    if agreed.desired_hash != plan.desired_hash or agreed.account != plan.account:
        return False
    before = {change.address: change for change in agreed.effective}
    return all(
        change.address in before and _is_rest(before[change.address], change)
        for change in plan.effective
    )


def unasked(agreed: Plan, plan: Plan) -> tuple[GuardHit, ...]:
    """The guards that ``plan`` meets and that whoever agreed to ``agreed`` was not asked about."""
    return tuple(
        hit
        for hit in plan.guards
        if not any(
            hit.guard is known.guard and set(hit.addresses) <= set(known.addresses)
            for known in agreed.guards
        )
    )


def _is_rest(agreed: Change, change: Change) -> bool:
    if change.action not in _LATER[agreed.action]:
        return False
    if agreed.action in (Action.UPDATE, Action.ADOPT):
        return {path.path for path in change.paths} <= {path.path for path in agreed.paths}
    return True
