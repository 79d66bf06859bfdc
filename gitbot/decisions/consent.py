"""Decides whether people have agreed to exactly what an apply would do. Pure.

They have when the digest was reviewed, when somebody released the digest, or when the plan is the
rest of an agreed apply that did not finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitbot.errors import RefusedError
from gitbot.model.desired import ChangedPlan, Environment, Trigger
from gitbot.model.plan import Action, Change, GuardHit, Plan, short_digest
from gitbot.model.runs import Claim, Run, RunStatus
from gitbot.reconciler.union import union_digest

RELEASE_LASTS = timedelta(days=1)
"""A digest that was released longer ago than this must be released again."""

_LATER = {
    Action.CREATE: {Action.CREATE, Action.UPDATE, Action.REPLACE},
    Action.UPDATE: {Action.UPDATE},
    Action.REPLACE: {Action.REPLACE, Action.CREATE, Action.UPDATE, Action.DELETE},
    Action.DELETE: {Action.DELETE, Action.FORGET},
    Action.ADOPT: {Action.ADOPT, Action.UPDATE},
    Action.FORGET: {Action.FORGET},
}
"""The actions that can still be needed after an apply of an action stopped half-way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The decision about one plan.

    ``given`` says how people agreed; empty: they did not, and ``why`` says why the apply is held.
    ``released_by`` is the person who released it: check their right again before the first
    mutation.
    """

    given: str = ""
    why: str = ""
    released_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A plan that this merged pull request showed, and whether people could read all of it there."""

    pull_request: int
    plan: Plan
    shown_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """The facts about people's consent to an apply of one stack.

    ``reviewed`` is the plan run that people saw last before they merged. ``parts`` are the plans of
    several merged pull requests, in merge order. ``released`` is ``released_run(history)``, and
    ``unfinished`` the plan of ``unfinished_run(history)``; None when they do not stand any more.
    ``notes`` say what else the hold has to explain: which agreement has ended, and why. ``ask`` is a
    reason why only a release counts, or empty.
    """

    reviewed: Run | None = None
    parts: Sequence[Part] = ()
    released: Run | None = None
    unfinished: Plan | None = None
    changed_plan: ChangedPlan = ChangedPlan.HOLD
    ask: str = ""
    notes: Sequence[str] = ()


def consent(plan: Plan, facts: ConsentFacts) -> Consent:
    """Whether people have agreed to ``plan``, and how."""
    blocking = [hit.detail for hit in plan.guards if hit.blocks]
    if blocking:
        return Consent(why="; ".join(blocking))
    released = facts.released
    if released is not None and released.digest == plan.digest:
        return Consent(given=f"released by {released.actor}", released_by=released.actor)
    rest = facts.unfinished
    if rest is not None and continues(rest, plan) and not unasked(rest, plan):
        return Consent(given="the rest of an apply that did not finish")
    if plan.guards or facts.ask:
        reasons = [*(hit.detail for hit in plan.guards), *filter(None, [facts.ask])]
        return Consent(why="; ".join(reasons))
    answer = _reviewed(plan, facts)
    return answer if answer.given else replace(answer, why="; ".join([answer.why, *facts.notes]))


def _reviewed(plan: Plan, facts: ConsentFacts) -> Consent:
    reviewed, applies_anyway = facts.reviewed, facts.changed_plan is ChangedPlan.APPLY
    if reviewed is None:
        if applies_anyway:
            return Consent(given="the environment applies plans that nobody reviewed")
        return Consent(
            why="no pull request showed a plan of this stack before the change was merged"
        )
    same = reviewed.digest == plan.digest
    joined = union_digest([part.plan for part in facts.parts]) == plan.digest
    unread = [part.pull_request for part in facts.parts if joined and not part.shown_whole]
    unread += [reviewed.pull_request or 0] if same and not reviewed.shown_whole else []
    if (same or joined) and not unread:
        numbers = "" if same else f" on {_numbers(part.pull_request for part in facts.parts)}"
        return Consent(given=f"reviewed{numbers}")
    if applies_anyway:
        return Consent(given="the environment applies changed plans")
    if unread:
        return Consent(
            why=f"{_numbers(unread)} could not show this plan whole, so a merge did not agree to all of it"
        )
    return Consent(
        why=f"the plan differs from the one reviewed on #{reviewed.pull_request}: "
        f"{short_digest(reviewed.digest)} was reviewed, {short_digest(plan.digest)} is what it would do now"
    )


def _numbers(pull_requests: Iterable[int]) -> str:
    return " and ".join(f"#{number}" for number in pull_requests)


def only_by_release(rules: Environment, claim: Claim | None) -> str:
    """Why a review is not enough and only a release is; empty when a review is enough."""
    if claim is not None and claim.closed:
        return (
            f"#{claim.pull_request} had applied this stack and was closed unmerged: this changes it "
            "back to what the tracked branch says"
        )
    if Trigger.MERGE not in rules.triggers:
        return f"{rules.name} is not applied by merges (`apply.on`)"
    return ""


def released_run(
    history: Sequence[Run], now: datetime, frozen_since: datetime | None = None
) -> Run | None:
    """The run that somebody released, if the release still counts.

    It does not age from ``frozen_since`` on, until when its apply waits for the end of a freeze.

    ``history`` are all applies of the stack, newest first. A release ends with the job that uses
    it, also when that finds another plan and holds it, and after ``RELEASE_LASTS``.
    """
    newest = history[0] if history else None
    if newest is None or newest.status is not RunStatus.RELEASED or newest.finished_at is None:
        return None
    ages_until = now if frozen_since is None else frozen_since
    return newest if ages_until - newest.finished_at <= RELEASE_LASTS else None


def unfinished_run(history: Sequence[Run]) -> Run | None:
    """The newest apply, if it began to change things and did not finish."""
    for run in history:
        if run.status in (RunStatus.RUNNING, RunStatus.FAILED):
            return run
        if run.status is RunStatus.APPLIED:
            return None
    return None


def continues(agreed: Plan, plan: Plan) -> bool:
    """Whether ``plan`` does nothing that ``agreed`` would not have done.

    Both must want the same desired state. Each address of ``plan``, and each path of its updates,
    must be in ``agreed``.
    """
    if agreed.desired_hash != plan.desired_hash or agreed.account != plan.account:
        return False
    before = {change.address: change for change in agreed.effective}
    return all(
        change.address in before and _is_rest(before[change.address], change)
        for change in plan.effective
    )


def covers(before: Plan | None, within: Plan | None, plan: Plan) -> bool:
    """Whether somebody who approved while these plans of the stack were shown approved ``plan``.

    ``before`` was shown last before the second of the approval, ``within`` up to its end; None:
    nothing was shown. The approval can be for either, so it counts when both are this plan, or what
    it is the rest of.
    """
    return all(
        each is not None
        and (each.digest == plan.digest or (continues(each, plan) and not unasked(each, plan)))
        for each in (before, within)
    )


def check_agreed(agreed: Plan, plan: Plan) -> None:
    """Return when ``plan``, made again under the lease, is what was agreed to, or the rest of it.

    An ``/apply`` by someone who saw a guard is consent to that guard. A new guard is refused.

    Raises:
        RefusedError: it would do something else, or meets a guard that nobody has seen.
    """
    label = plan.stack.label
    if plan.digest != agreed.digest and not continues(agreed, plan):
        raise RefusedError(
            f"the plan of {label} is not the one that was shown: {short_digest(agreed.digest)} was shown, "
            f"{short_digest(plan.digest)} is what it would do now; nothing was changed, look at the new plan "
            "first"
        )
    blocking = (hit for hit in plan.guards if hit.blocks)
    for hit in (*blocking, *unasked(agreed, plan)):
        raise RefusedError(f"{label}: {hit.detail}")


def unasked(agreed: Plan, plan: Plan) -> tuple[GuardHit, ...]:
    """The guards of ``plan`` that were not shown to the people who agreed to ``agreed``."""
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
    if change.empties and not agreed.empties and agreed.action is not Action.CREATE:
        return False
    if agreed.snapshots and not change.snapshots:
        return False
    if agreed.action in (Action.UPDATE, Action.ADOPT):
        return {path.path for path in change.paths} <= {path.path for path in agreed.paths}
    return True
