"""Find the plans that a person had read when they merged or wrote ``/apply``. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.agreed_plan import (
    GITHUB_GRAIN,
    ShownFacts,
    ShownPlan,
    agreed_plan,
    at_merge,
    moments,
)
from gitbot.decisions.freshness import NEVER, TipFacts, moved
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.names import StackId
from gitbot.model.runs import Run
from gitbot.model.said import PLAN


def reviewed_at_merge(ports: Ports, stack: StackId, pull_request: PullRequest) -> Run | None:
    """The plan that the pull request showed when it was merged; None when nobody reviewed one."""
    if pull_request.merged_at is None:
        return None
    moments = (pull_request.merged_at - GITHUB_GRAIN, pull_request.merged_at)
    runs, number = ports.records.runs, pull_request.number
    return at_merge((runs.shown_plan(stack, number, at) for at in moments), pull_request.head)


def agreed_plans(
    ports: Ports,
    seen: Look,
    facts: TipFacts,
    rules: Environment,
    pull_request: PullRequest,
    names: Sequence[str],
    command: Command,
) -> tuple[Run, ...]:
    """The plan run of each stack that the author of the ``/apply`` agreed to.

    Raises:
        RefusedError: no plan was shown before the comment; or the head, the tip, the state or the
            plan has changed since.
    """
    known = ports.records.pull_requests.planned(seen.repository.id, [pull_request.number])
    mark = known.get(pull_request.number, NEVER)
    said = ports.records.said.comment(seen.repository.id, pull_request.number, PLAN)
    at = moments(command, said.comment if said else None)
    runs, found = ports.records.runs, []
    for name in names:
        stack = seen.stack_id(rules, name)
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
