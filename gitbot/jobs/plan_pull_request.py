"""The job that plans an open pull request, and shows the plans in a comment and checks. Shell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gitbot.decisions.freshness import mark
from gitbot.decisions.scope import conflict, unplannable
from gitbot.jobs.steps.answering import answer_plan
from gitbot.jobs.steps.claims import reopen_claims
from gitbot.jobs.steps.look import Glance, Look, Ports, glance
from gitbot.jobs.steps.plan_environment import ShownEnvironment, plan_environment
from gitbot.jobs.steps.promotion.waking import wake_promotion_of
from gitbot.jobs.steps.proposal import Proposal, has_leave, propose, touches_specs
from gitbot.jobs.steps.scopes import scopes
from gitbot.jobs.steps.show_plans import (
    keep_plan_comment,
    plan_view,
    set_plan_checks,
)
from gitbot.jobs.steps.shown_plans import forget_showing, settle_shown
from gitbot.jobs.steps.teams import new_unseen_teams
from gitbot.jobs.steps.wake import read_tip_facts
from gitbot.model.commands import CommandRef
from gitbot.model.forge import PullRequest, Written
from gitbot.model.keys import PlanPullRequest
from gitbot.model.said import PlannedMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts about a pull request that touches specs, before anything is planned.

    ``leave``: a fork's head may be planned. ``note`` says why the pull request is only validated,
    or is empty. ``proposal`` is None when it conflicts with the tip.
    """

    pull_request: PullRequest
    leave: bool
    note: str
    proposal: Proposal | None


def plan_pull_request(ports: Ports, key: PlanPullRequest) -> None:
    """Plan the pull request as it is now. Safe to run twice or late.

    Raises:
        TransientError: a plan needs an answer that the cloud did not give; the rest is shown.
    """
    there = glance(ports, key.repository, key.number)
    pull_request = there.forge.pull_request(key.number)
    settle_shown(ports, there.forge, key.repository, [key.number])
    if not pull_request.open:
        forget_showing(ports, key.repository, key.number)
        return
    if pull_request.from_fork and not key.fork:
        ports.queue.enqueue(replace(key, fork=True))
        return
    reopen_claims(ports, there.repository.id, pull_request.number)
    if not touches_specs(there, pull_request):
        _show_nothing(ports, there, pull_request)
        answer_plan(ports, key.command, None)
        return
    seen = there.load()
    facts = _gather(ports, seen, pull_request, key.command)
    tip = read_tip_facts(ports, seen)
    shown = _plan(ports, seen, facts)
    view = plan_view(seen, pull_request, facts.proposal, shown, _notes(facts))
    # Set the checks last: a green check lets people merge, and they must have seen the plan first.
    told = keep_plan_comment(ports, seen, pull_request, view, shown)
    _tell_fork_head(ports, seen, pull_request, told.written)
    touched = facts.proposal.touched(seen) if facts.proposal else ()
    known = mark(pull_request, tip, touched, leave=facts.leave, exact=_depends_on_tip(facts))
    ports.records.pull_requests.put_planned(key.repository, key.number, known)
    view = replace(view, untold=told.refused)
    set_plan_checks(ports, seen, pull_request, view, told.partly)
    answer_plan(ports, key.command, told.written)
    # A promotion that gitbot merges waits for its plan, and for its approvals.
    wake_promotion_of(ports, key.repository, key.number, f"planned:{key.reason}")
    if unread := [each.unread for each in shown if each.unread is not None]:
        raise unread[0]


def _show_nothing(ports: Ports, there: Glance, pull_request: PullRequest) -> None:
    """Set the check that every head has. Loads no spec."""
    view = plan_view(there, pull_request, None, (), ())
    if not there.mirror.contains(pull_request.head, there.tip):
        # Otherwise it was merged, and GitHub does not say so yet: keep what was reviewed in view.
        keep_plan_comment(ports, there, pull_request, view)
    leave = pull_request.from_fork and has_leave(ports, there, pull_request)
    known = PlannedMark(head=pull_request.head, base_ref=pull_request.base_ref, leave=leave)
    ports.records.pull_requests.put_planned(there.repository.id, pull_request.number, known)
    set_plan_checks(ports, there, pull_request, view, ())


def _tell_fork_head(
    ports: Ports, seen: Look, pull_request: PullRequest, written: Written | None
) -> None:
    """Record when people were shown a fork's head: leave that was given before is not for it.

    The time is GitHub's, as is that of the command that gives leave.
    """
    at = written.at if written else pull_request.updated_at
    if pull_request.from_fork and at is not None:
        ports.records.pull_requests.tell_fork_head(
            seen.repository.id, pull_request.number, pull_request.head, at
        )


def _gather(ports: Ports, seen: Look, pull_request: PullRequest, asked: CommandRef | None) -> Facts:
    leave = pull_request.from_fork and has_leave(ports, seen, pull_request)
    proposal = propose(ports, seen, pull_request)
    return Facts(
        pull_request=pull_request,
        leave=leave,
        note=unplannable(pull_request, seen.repository.tracked_branch, leave=leave),
        proposal=None if proposal is None else replace(proposal, asked=asked),
    )


def _plan(ports: Ports, seen: Look, facts: Facts) -> tuple[ShownEnvironment, ...]:
    """The plans of each environment that the pull request touches; none if it conflicts."""
    proposal = facts.proposal
    if proposal is None:
        return ()
    found = scopes(ports, seen, proposal, facts.note)
    return tuple(
        _with_teams(seen, proposal, plan_environment(ports, seen, proposal, each)) for each in found
    )


def _with_teams(seen: Look, proposal: Proposal, shown: ShownEnvironment) -> ShownEnvironment:
    """The same with the teams that the pull request names and in which nobody can be found."""
    unseen = new_unseen_teams(seen, proposal, shown.view.name)
    return replace(shown, view=replace(shown.view, unseen_teams=unseen))


def _depends_on_tip(facts: Facts) -> bool:
    """Whether any new tip may change the comment, as after a conflict."""
    return facts.proposal is None or bool(facts.proposal.problems(None))


def _notes(facts: Facts) -> tuple[str, ...]:
    if facts.proposal is None:
        return (conflict(facts.pull_request.base_ref),)
    return (facts.note,) if facts.note else ()
