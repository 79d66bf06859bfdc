"""Report what an apply of the tip did: in comments, the check and the deployment. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from gitbot.decisions.apply_report import (
    ApplyReport,
    ReportedRun,
    ReportFacts,
    apply_report,
    told_whole,
)
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.merges import brings, touches
from gitbot.jobs.steps.publish import keep_comments, set_checks, waits
from gitbot.jobs.steps.run_views import OUTCOMES, stack_view
from gitbot.jobs.steps.telling import Telling
from gitbot.model.forge import Check, CheckState, DeploymentState, PullRequest
from gitbot.model.names import Sha
from gitbot.model.runs import Run, RunStatus
from gitbot.model.said import ShownDigest, Topic, TopicKind
from gitbot.render.checks import MERGED, WHOLE
from gitbot.render.comments import apply_comment, check_for_apply
from gitbot.render.secrecy import without_secrets
from gitbot.render.views import ApplyCommentView, Outcome, StackApplyView


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an apply of the tip ended, apart from its runs.

    ``merged`` are the pull requests that were merged since the last apply, newest first. ``also``
    is a pull request that it concerns too. ``asked_on`` are those where commands asked for it, or
    released what it applied: they are told in any case. ``blocked`` says by stack why it was not tried, ``frozen`` why it waits.
    ``touched`` are the runs that were made or found. ``recheck``: somebody asked to run the check
    again. ``occasion`` names this apply, so that it is
    reported once.
    """

    environment: str
    actor: str
    occasion: str
    merged: Sequence[PullRequest] = ()
    also: int | None = None
    asked_on: Collection[int] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    frozen: Mapping[str, str] = field(default_factory=dict)
    touched: Sequence[Run] = ()
    error: str = ""
    recheck: bool = False


def begin_deployment(seen: Look, environment: str) -> None:
    """Show on GitHub that the tip is being applied to this environment.

    When GitHub does not take it, the apply goes on all the same: its end is told in any case.
    """
    words = f"applying {seen.tip[:8]}"
    Telling().say(
        f"the beginning of the deployment of {environment}",
        lambda: _deploy(seen, environment, seen.tip, DeploymentState.IN_PROGRESS, words),
    )


def _deploy(seen: Look, environment: str, tip: Sha, state: DeploymentState, words: str) -> None:
    description, key = f"gitbot applies {environment}", f"{environment}:{tip}"
    deployment = seen.forge.deployment(tip, environment, description, key)
    seen.forge.set_deployment(deployment, state, words, None)


def report_apply(ports: Ports, seen: Look, ended: Ended) -> Telling:
    """Report the apply on the pull requests, on the tip and in its deployment.

    Report every run that has not been reported, including those of a process that crashed, even if
    the tip has moved since. The caller ends the telling, after it has done what must be done.
    """
    said = apply_report(_facts(ports, seen, ended))
    topic = Topic(kind=TopicKind.APPLY, subject=f"{ended.environment}:{said.subject}")
    telling, place = Telling(), ended.environment
    for number in said.numbers:
        tell = partial(_comment, ports, seen, ended, said, number, topic)
        telling.say(f"the result of {place} on #{number}", tell)
    for each in ended.merged:
        settle = partial(_settle_checks, ports, seen, each, place)
        telling.say(f"the checks of #{each.number}", settle)
    if said.sets_check:
        told_on = next(iter(said.numbers), None) or _told_before(said)
        view = _view(ports, seen, ended, said, whole=True)
        check = check_for_apply(replace(view, elsewhere=True, told_on=told_on))
        telling.say(
            f"the check of {place}", partial(set_checks, ports, seen, seen.tip, [check], "")
        )
    for end in said.deployments:
        tell = partial(_deploy, seen, place, end.tip, end.state, end.words)
        telling.say(f"the deployment of {end.tip[:8]} to {place}", tell)
    if telling.whole:
        ports.records.runs.mark_shown(said.done, ports.clock.now())
    return telling


def _told_before(said: ApplyReport) -> int | None:
    """A pull request that was told of the held applies before."""
    return next((run.pull_request for run in said.again if run.pull_request is not None), None)


def _comment(
    ports: Ports, seen: Look, ended: Ended, said: ApplyReport, number: int, topic: Topic
) -> None:
    repository, whole = seen.repository.id, number in ended.asked_on
    planned = {
        one.run.stack
        for one in said.reported
        if ports.records.runs.shown_plan(one.run.stack, number) is not None
    }
    own = told_whole(said, number, planned, asked=whole)
    others = tuple(
        (one.run.stack.name, OUTCOMES[one.run.status], one.run.pull_request)
        for one in said.reported
        if one not in own and one.run.pull_request is not None
    )
    view = _view(ports, seen, ended, replace(said, reported=own), whole=whole)
    pages = apply_comment(replace(view, others=others))
    written = keep_comments(ports, seen.forge, repository, number, topic, pages)
    shown = [one.run for one in own] + (list(said.again) if whole else [])
    _note_held(ports, number, shown, topic, written.at)
    ports.records.said.put_told(repository, number, ended.environment, ended.occasion)


def _view(
    ports: Ports, seen: Look, ended: Ended, said: ApplyReport, *, whole: bool
) -> ApplyCommentView:
    """The view; ``whole``: with the plans of the applies that are held since earlier."""
    again = tuple(ReportedRun(run=run, plan_of=run.id) for run in said.again) if whole else ()
    waiting = () if whole else said.again
    view = ApplyCommentView(
        environment=ended.environment,
        commit=seen.tip,
        actor=ended.actor,
        stacks=(
            *(stack_view(ports, one) for one in (*said.reported, *again)),
            *_not_tried(ended.blocked, Outcome.BLOCKED),
            *_not_tried(ended.frozen, Outcome.WAITS),
        ),
        waiting=tuple(
            (run.stack.name, run.pull_request or _issue(ports, seen), run.digest) for run in waiting
        ),
        error=ended.error,
        diagnostics=seen.at_tip.with_causes(seen.at_tip.errors(ended.environment)),
    )
    return without_secrets(view, seen.secrets)


def _issue(ports: Ports, seen: Look) -> int | None:
    """The number of the issue about what waits, if there is one."""
    known = ports.records.said.waiting_issue(seen.repository.id)
    return None if known is None else known.comment


def _settle_checks(ports: Ports, seen: Look, merged: PullRequest, environment: str) -> None:
    """Let no check of a merged pull request wait for somebody: the result is told elsewhere."""
    known = ports.records.said.checks(seen.repository.id, merged.head)
    waiting = [
        Check(name=name, state=CheckState.NEUTRAL, title=MERGED)
        for name in (WHOLE, f"{WHOLE}/{environment}")
        if waits(known.get(name, ""))
    ]
    set_checks(ports, seen, merged.head, waiting, merged.url)


def _note_held(ports: Ports, number: int, shown: Sequence[Run], topic: Topic, at: datetime) -> None:
    """Record that the pull request shows the held applies: from now on it may release them."""
    ports.records.pull_requests.note_shown(
        number,
        [
            ShownDigest(stack=run.stack, digest=run.digest, shown_at=at, topic=topic)
            for run in shown
            if run.status is RunStatus.HELD
        ],
    )


def _facts(ports: Ports, seen: Look, ended: Ended) -> ReportFacts:
    records, repository, key = ports.records, seen.repository.id, seen.key(ended.environment)
    concerned = {
        each.number
        for each in ended.merged
        if ended.environment in records.runs.environments_of(repository, each.number)
    }
    others = [each for each in ended.merged if each.number not in concerned]
    planned = records.pull_requests.planned(repository, [each.number for each in others])
    heads = {number: mark.head for number, mark in planned.items()}
    unplanned = {each.number for each in others if heads.get(each.number) != each.head}
    unplanned |= {each.number for each in others if brings(seen, each, ended.environment)}
    return ReportFacts(
        environment=ended.environment,
        tip=seen.tip,
        occasion=ended.occasion,
        untold=records.runs.untold(key),
        touched=ended.touched,
        merged=[each.number for each in ended.merged],
        concerned=concerned,
        touching={each.number for each in others if touches(seen, each, ended.environment)},
        unplanned=unplanned,
        also=ended.also,
        asked_on=ended.asked_on,
        told=records.said.told(repository, ended.environment, ended.occasion),
        problems=bool(
            ended.blocked or ended.frozen or ended.error or seen.at_tip.errors(ended.environment)
        ),
        recheck=ended.recheck,
        waiting={run.stack.name for run in records.runs.held(key)}
        | ended.blocked.keys()
        | ended.frozen.keys(),
    )


def _not_tried(stacks: Mapping[str, str], outcome: Outcome) -> tuple[StackApplyView, ...]:
    return tuple(
        StackApplyView(name=name, outcome=outcome, message=why)
        for name, why in sorted(stacks.items())
    )
