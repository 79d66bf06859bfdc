"""The job that plans an open pull request, and shows the plans in a comment and checks. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.decisions.freshness import mark
from gitbot.decisions.scope import CONFLICT, Scope, ScopeFacts, scope, unplannable
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.proposal import Proposal, has_leave, propose
from gitbot.jobs.steps.show_plans import (
    keep_plan_comment,
    plan_environment,
    plan_view,
    set_plan_checks,
)
from gitbot.jobs.steps.wake import read_tip_facts
from gitbot.model.forge import PullRequest
from gitbot.model.keys import PlanPullRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts about the pull request before anything is planned.

    ``leave``: a fork's head may be planned. ``note`` says why the pull request is only validated,
    or is empty. ``touches``: it changes specs. ``proposal`` is None when it changes none, or
    conflicts with the tip.
    """

    pull_request: PullRequest
    leave: bool
    note: str
    touches: bool
    proposal: Proposal | None


def plan_pull_request(ports: Ports, key: PlanPullRequest) -> None:
    """Plan the pull request as it is now. Safe to run twice or late."""
    seen = look(ports, key.repository)
    pull_request = seen.forge.pull_request(key.number)
    if not pull_request.open:
        return
    facts = _gather(ports, seen, pull_request)
    tip = read_tip_facts(ports, seen)
    shown = tuple(
        plan_environment(ports, seen, facts.proposal, each)
        for each in _scopes(ports, seen, facts)
        if facts.proposal is not None
    )
    notes = _notes(facts)
    view = plan_view(seen, pull_request, facts.proposal, shown, notes)
    # Set the checks last: a green check lets people merge, and they must have seen the plan first.
    keep_plan_comment(ports, seen, pull_request, view)
    runs = [run for each in shown for run in each.runs]
    ports.records.runs.mark_shown(runs, ports.clock.now())
    touched = facts.proposal.touched(seen) if facts.proposal else ()
    known = mark(pull_request, tip, touched, leave=facts.leave, exact=_depends_on_tip(facts))
    ports.records.pull_requests.put_planned(key.repository, key.number, known)
    set_plan_checks(ports, seen, pull_request, view)


def _gather(ports: Ports, seen: Look, pull_request: PullRequest) -> Facts:
    if pull_request.from_fork:
        # Leave given before gitbot showed this head was meant for an earlier head.
        ports.records.pull_requests.tell_fork_head(
            seen.repository.id, pull_request.number, pull_request.head, ports.clock.now()
        )
    leave = pull_request.from_fork and has_leave(ports, seen, pull_request)
    touches = seen.mirror.touches_specs(seen.tip, pull_request.head)
    return Facts(
        pull_request=pull_request,
        leave=leave,
        note=unplannable(pull_request, seen.repository.tracked_branch, leave=leave),
        touches=touches,
        proposal=propose(ports, seen, pull_request) if touches else None,
    )


def _scopes(ports: Ports, seen: Look, facts: Facts) -> Sequence[Scope]:
    proposal = facts.proposal
    if proposal is None:
        return ()
    headers = ports.engine.state.headers(seen.repository.id)
    found = (
        scope(
            ScopeFacts(
                environment=name,
                tip=seen.at_tip,
                merged=proposal.merged,
                tip_wanted=seen.wanted(name),
                merged_wanted=proposal.wanted(name),
                recorded=[header for header in headers if header.id.environment == name],
                note=facts.note,
            )
        )
        for name in proposal.environments(seen)
    )
    return tuple(each for each in found if each is not None)


def _depends_on_tip(facts: Facts) -> bool:
    """Whether any new tip may change the comment, as after a conflict."""
    if facts.proposal is None:
        return facts.touches
    return any(d.environment is None for d in facts.proposal.merged.diagnostics)


def _notes(facts: Facts) -> tuple[str, ...]:
    if not facts.touches:
        return ()
    if facts.proposal is None:
        return (CONFLICT,)
    return (facts.note,) if facts.note else ()
