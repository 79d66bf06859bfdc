"""The job that plans the commit of a merge queue, and answers with the check that it waits for. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.merge_groups import GroupPlan, not_reviewed, queued
from gitbot.decisions.scope import unplannable
from gitbot.errors import StaleError
from gitbot.jobs.steps.look import Glance, Look, Ports, glance
from gitbot.jobs.steps.merges import merged_after_tip
from gitbot.jobs.steps.plan_environment import ShownEnvironment, plan_environment
from gitbot.jobs.steps.proposal import Proposal, has_leave
from gitbot.jobs.steps.publish import set_checks
from gitbot.jobs.steps.scopes import scopes
from gitbot.jobs.steps.show_plans import plan_view
from gitbot.jobs.steps.shown_plans import settle_shown
from gitbot.model.desired import ChangedPlan
from gitbot.model.forge import Check, PullRequest
from gitbot.model.keys import PlanMergeGroup
from gitbot.model.names import Sha
from gitbot.model.runs import RunKind
from gitbot.reconciler.union import union_digest
from gitbot.render.checks import check_for_group, check_for_plan, nothing_check


def plan_merge_group(ports: Ports, key: PlanMergeGroup) -> None:
    """Set the check on the commit: it passes when a merge does what the pull requests showed.

    A group that is gone by now needs no answer.

    Raises:
        TransientError: a plan needs an answer that the cloud did not give.
    """
    group, head = queued(key.branch), Sha(key.head)
    if group is None:
        return
    there = glance(ports, key.repository, group.number)
    there.mirror.fetch((), (key.branch,))
    try:
        touches = there.mirror.touches_specs(there.tip, head)
    except StaleError:
        return
    ports.records.said.forget_checks(there.repository.id, head, [nothing_check().name])
    if group.base != there.repository.tracked_branch or not touches:
        _answer(ports, there, head, nothing_check())
        return
    seen = there.load()
    pull_request = seen.forge.pull_request(group.number)
    proposal = _propose(ports, seen, pull_request, head)
    leave = pull_request.from_fork and has_leave(ports, seen, pull_request)
    note = unplannable(pull_request, seen.repository.tracked_branch, leave=leave)
    shown = [
        plan_environment(ports, seen, proposal, each)
        for each in scopes(ports, seen, proposal, note)
    ]
    if unread := [each.unread for each in shown if each.unread is not None]:
        raise unread[0]
    view = plan_view(seen, pull_request, proposal, shown, (note,) if note else ())
    checks = [check_for_plan(each, view.excerpts) for each in view.environments]
    waiting = _before_the_tip(ports, seen)
    settle_shown(ports, seen.forge, key.repository, [each.number for each in waiting])
    plans = [plan for each in shown for plan in _plans(ports, seen, each, waiting)]
    _answer(ports, seen, head, check_for_group(view, checks, not_reviewed(plans)))


def _answer(ports: Ports, there: Glance, head: Sha, check: Check) -> None:
    set_checks(ports, there, head, [check], "")


def _propose(ports: Ports, seen: Look, pull_request: PullRequest, head: Sha) -> Proposal:
    tree = seen.mirror.specs(head, seen.tip)
    return Proposal(
        repository=seen.repository.id,
        engine=ports.engine,
        pull_request=pull_request,
        tree=tree,
        merged=ports.engine.loader.load(tree),
        before=seen.at_tip,
        alongside=tuple(each.number for each in _before_the_tip(ports, seen)),
    )


def _before_the_tip(ports: Ports, seen: Look) -> Sequence[PullRequest]:
    """The pull requests whose change the tip that we saw does not have, by number.

    The queue may have merged one since we fetched: it is not open any more, and not in our tip.
    """
    found = (*seen.forge.open_pull_requests(), *merged_after_tip(ports, seen))
    by_number = {each.number: each for each in found}
    return [by_number[number] for number in sorted(by_number)]


def _plans(
    ports: Ports, seen: Look, shown: ShownEnvironment, waiting: Sequence[PullRequest]
) -> Sequence[GroupPlan]:
    """The plans of the environment, each with the digests that open pull requests show whole."""
    rules = seen.at_tip.environments.get(shown.view.name)
    if rules is None:
        return ()
    found = []
    for stack in shown.view.stacks:
        id_ = seen.stack_id(rules, stack.name)
        runs = [
            run
            for each in waiting
            if (run := ports.records.runs.shown_plan(id_, each.number))
            and run.head == each.head
            and run.shown_whole
        ]
        together = union_digest([ports.records.runs.plan(run.id) for run in runs])
        agreed = {run.digest for run in runs if run.kind is RunKind.PLAN} | {together or ""}
        found.append(
            GroupPlan(
                label=id_.label,
                digest=stack.plan.digest if stack.plan else None,
                empty=stack.plan is None or stack.plan.asks_nobody,
                agreed=agreed,
                any_plan=rules.changed_plan is ChangedPlan.APPLY,
            )
        )
    return found
