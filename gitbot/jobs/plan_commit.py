"""The job that plans a pushed commit for somebody who waits for the answer. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitbot.decisions.asked_plans import (
    check_reachable,
    check_rules,
    digests_shown,
    pull_requests_of,
)
from gitbot.errors import CloudError, SpecError, StaleError, UserError
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.proposal import has_leave
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import open_cloud, plan_target
from gitbot.model.asked_plans import AskedPlan, PlanAnswer
from gitbot.model.cloud import Purpose
from gitbot.model.codec import to_full_data
from gitbot.model.desired import LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import PullRequest
from gitbot.model.keys import PlanCommit
from gitbot.model.plan import Plan
from gitbot.model.secrets import Secrets
from gitbot.render.secrecy import without_secrets
from gitbot.render.terminal import Line, diagnostic_lines, plan_lines


def plan_commit(ports: Ports, key: PlanCommit) -> None:
    """Answer the ``AskedPlan``. Safe to run twice: an answer that was given stays.

    The server never applies a commit alone, so the plan is that of its merge with the tip.

    Raises:
        TransientError: GitHub or the cloud does not answer; run the job again.
    """
    asked = ports.records.asked_plans.get(key.reason)
    if asked is None or asked.status.ended:
        return
    ports.records.asked_plans.begin(asked.id)
    secrets = Secrets()
    try:
        seen = look(ports, key.repository)
        pulls = _pull_requests(ports, seen, asked)
        merged = _merged(ports, seen, asked)
        secrets = merged.secrets
        answer = _plan(ports, seen, asked, merged, pulls)
    except SpecError as error:
        problems = without_secrets(error.diagnostics, secrets)
        answer = replace(_texts(diagnostic_lines(problems)), **_wrong(problems))
    except (UserError, CloudError, StaleError) as error:
        answer = PlanAnswer(error=ports.engine.hide(secrets.hide(str(error))))
    ports.records.asked_plans.end(asked.id, answer)


def _pull_requests(ports: Ports, seen: Look, asked: AskedPlan) -> tuple[PullRequest, ...]:
    """The open pull requests of the commit, which is in the mirror afterwards.

    Raises:
        RefusedError, UserError: nobody may plan it, or it is not on GitHub.
    """
    commit = asked.commit
    pulls = pull_requests_of(commit, seen.forge.open_pull_requests())
    seen.mirror.fetch(tuple(each.number for each in pulls))
    own = any(not each.from_fork for each in pulls)
    on_a_branch = own or seen.mirror.contains(commit, seen.tip) or seen.mirror.on_a_branch(commit)
    leave = any(has_leave(ports, seen, each) for each in pulls)
    check_reachable(commit, pulls, on_a_branch=on_a_branch, leave=leave)
    return pulls


def _merged(ports: Ports, seen: Look, asked: AskedPlan) -> LoadedTree:
    """The specs of the merge of the tip and the commit."""
    tree = seen.mirror.merge(seen.tip, asked.commit)
    if tree is None:
        branch = seen.repository.tracked_branch
        raise UserError(
            f"{asked.commit[:8]} conflicts with `{branch}`, so there is nothing to plan: merge or rebase it"
        )
    return ports.engine.loader.load(seen.mirror.specs(tree, seen.tip))


def _plan(
    ports: Ports,
    seen: Look,
    asked: AskedPlan,
    merged: LoadedTree,
    pulls: Sequence[PullRequest],
) -> PlanAnswer:
    rules = seen.rules(asked.environment)
    check_rules(rules, merged.environments.get(rules.name), broken=bool(merged.errors(rules.name)))
    # Account, region and roles are those at the tip: an unreviewed commit must not choose them.
    environments = {**merged.environments, rules.name: rules}
    target = Target(
        repository=seen.repository.id,
        environment=rules.name,
        tree=replace(merged, environments=environments),
        commit=asked.commit,
        only=asked.stacks,
        reviewed=False,
    )
    unread: dict[str, str] = {}
    cloud = open_cloud(ports.engine, target, Purpose.PLAN)
    problems: list[Diagnostic] = []
    planned = plan_target(ports.engine, target, cloud, unread=unread, problems=problems)
    return _answer(ports, seen, asked, planned, unread, problems, merged.secrets, pulls)


def _answer(
    ports: Ports,
    seen: Look,
    asked: AskedPlan,
    planned: Sequence[Planned],
    unread: Mapping[str, str],
    problems: Sequence[Diagnostic],
    secrets: Secrets,
    pulls: Sequence[PullRequest],
) -> PlanAnswer:
    """The plans in words and as data, without any sensitive value of the specs."""
    plans = [without_secrets(without_secrets(each.plan, secrets), seen.secrets) for each in planned]
    wrong = without_secrets(without_secrets(tuple(problems), secrets), seen.secrets)
    lines = [line for each in plans for line in plan_lines(each)]
    number, digests = _digests(ports, seen, asked, plans, pulls)
    return replace(
        _texts([*lines, *diagnostic_lines(wrong)]),
        plan={"plans": [to_full_data(each) for each in plans], **_wrong(wrong)},
        diagnostics=to_full_data(wrong),
        changes=any(not each.empty for each in plans),
        unread={name: secrets.hide(why) for name, why in unread.items()},
        pull_request=number,
        digests=digests,
    )


def _wrong(problems: Sequence[Diagnostic]) -> dict[str, Any]:
    """What is wrong with specs, as data; empty for nothing."""
    if not problems:
        return {}
    return {"error": str(SpecError(problems)), "diagnostics": to_full_data(problems)}


def _digests(
    ports: Ports,
    seen: Look,
    asked: AskedPlan,
    plans: Sequence[Plan],
    pulls: Sequence[PullRequest],
) -> tuple[int | None, Mapping[str, str]]:
    """The pull request that shows the plans, and the digests that it shows."""
    tracked = seen.repository.tracked_branch
    number = next((each.number for each in pulls if each.base_ref == tracked), None)
    if number is None:
        return None, {}
    shown = {
        plan.stack: run
        for plan in plans
        if (run := ports.records.runs.shown_plan(plan.stack, number)) is not None
    }
    return number, digests_shown(plans, shown, asked.commit)


def _texts(lines: Sequence[Line]) -> PlanAnswer:
    """The lines as one text, with the style of each line of it."""
    parts = [(part, line.style) for line in lines for part in line.text.split("\n")]
    return PlanAnswer(
        text="\n".join(text for text, _ in parts), styles=tuple(style for _, style in parts)
    )
