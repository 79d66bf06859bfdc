"""Find the plans that a person had read when they merged or wrote ``/apply``. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gitbot.decisions.freshness import NEVER, TipFacts, moved
from gitbot.decisions.shown import GITHUB_GRAIN, ShownFacts, ShownPlan, agreed_plan, at_merge
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.names import StackId
from gitbot.model.runs import Run


def shown_at_merge(ports: Ports, stack: StackId, pull_request: PullRequest) -> Run | None:
    """The plan that the pull request showed when it was merged; None when nobody reviewed one."""
    if pull_request.merged_at is None:
        return None
    moments = (pull_request.merged_at, pull_request.merged_at + GITHUB_GRAIN)
    runs, number = ports.records.runs, pull_request.number
    return at_merge((runs.shown_plan(stack, number, at) for at in moments), pull_request.head)


def shown_plans(
    ports: Ports,
    seen: Look,
    facts: TipFacts,
    rules: Environment,
    pull_request: PullRequest,
    names: Sequence[str],
    written_at: datetime,
) -> tuple[Run, ...]:
    """The plan run of each stack that the author of an ``/apply``, written then, agreed to.

    Raises:
        RefusedError: no plan was shown before the comment; or the head, the tip, the state or the
            plan has changed since.
    """
    known = ports.records.pull_requests.planned(seen.repository.id, [pull_request.number])
    mark = known.get(pull_request.number, NEVER)
    runs, found = ports.records.runs, []
    for name in names:
        stack = seen.stack_id(rules, name)
        at = (None, written_at + GITHUB_GRAIN, written_at)
        newest, read, before = (
            _with_guards(ports, runs.shown_plan(stack, pull_request.number, each)) for each in at
        )
        found.append(
            agreed_plan(
                ShownFacts(
                    label=stack.label,
                    head=pull_request.head,
                    newest=newest,
                    read=read,
                    before=before,
                    moved=moved(mark, facts, pull_request.number, rules.name, (name,)),
                )
            )
        )
    return tuple(found)


def _with_guards(ports: Ports, run: Run | None) -> ShownPlan | None:
    if run is None:
        return None
    plan = ports.records.runs.plan(run.id)
    return ShownPlan(run=run, guards=frozenset(hit.guard for hit in plan.guards))
