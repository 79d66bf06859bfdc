"""Decides who is told what about an apply, and how its deployments end. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha, StackId
from gitbot.model.runs import Run, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRun:
    """A run to report.

    ``plan_of`` is the id of the run whose plan is shown. ``whole``: earlier runs of the same apply
    died half-way and this run did the rest, so all of that plan is done.
    """

    run: Run
    plan_of: str
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The facts when an apply of an environment has ended.

    ``untold`` are the applies that were not reported yet, oldest first, including those of jobs
    that crashed. ``touched`` are the runs that this job made or found. ``merged`` are the pull
    requests that were merged since the last apply, newest first; ``concerned`` are those with a
    plan in this environment, ``touching`` others that changed its folder, and ``unplanned`` those of
    them of which no plan here could be shown: the merged commit was never planned, or it brought the
    environment. ``also`` is a pull request that the apply concerns too, as one that was
    closed, and ``asked_on`` those where commands asked for it, or released what was applied by whichever
    job came first. ``told`` are the pull requests that were told of this occasion already. ``problems``: there are errors to report too. ``recheck``: the
    check of the tip is set in any case, because somebody asked to run it again. ``waiting`` are
    the names of the environment's stacks that are held or blocked now, whoever held them.
    """

    environment: str
    tip: Sha
    occasion: str
    untold: Sequence[Run] = ()
    touched: Sequence[Run] = ()
    merged: Sequence[int] = ()
    concerned: Collection[int] = ()
    touching: Collection[int] = ()
    unplanned: Collection[int] = ()
    also: int | None = None
    asked_on: Collection[int] = ()
    told: Collection[int] = ()
    problems: bool = False
    recheck: bool = False
    waiting: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentEnd:
    """The final state of the deployment of a tip."""

    tip: Sha
    state: DeploymentState
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """The report: which runs, on which pull requests (``numbers``), in a comment of which subject.

    ``again`` are runs that are still held and were reported before: they are shown in full only to
    who asked for the apply, and named to the others. ``sets_check``: the check of the tip
    is set. ``done`` are the ids of the runs that count as reported afterwards.
    """

    reported: tuple[ReportedRun, ...] = ()
    again: tuple[Run, ...] = ()
    numbers: tuple[int, ...] = ()
    subject: str = ""
    sets_check: bool = False
    deployments: tuple[DeploymentEnd, ...] = ()
    done: tuple[str, ...] = ()


def apply_report(facts: ReportFacts) -> ApplyReport:
    """The report of an apply.

    When there is no new run, each pull request is told once per ``occasion``, so a job that runs
    again does not repeat itself. A pull request that was told of a held run is not told again,
    unless it is ``asked_on``: somebody is waiting for an answer there.
    """
    reported = runs_to_report(facts.untold)
    known = {run.id for run in facts.untold}
    again = tuple(
        run for run in facts.touched if run.status is RunStatus.HELD and run.id not in known
    )
    sets_check = bool(reported or again or facts.problems or facts.recheck)
    return ApplyReport(
        reported=reported,
        again=again,
        numbers=_numbers(facts, reported, again),
        subject=facts.untold[0].id if facts.untold else facts.occasion,
        sets_check=sets_check,
        deployments=(*_ended(facts, reported), *_superseded(facts, reported)),
        done=tuple(run.id for run in facts.untold),
    )


def told_whole(
    said: ApplyReport, number: int, planned: Collection[StackId], *, asked: bool
) -> tuple[ReportedRun, ...]:
    """The runs that this pull request is told whole; the others of the same apply it is told by name.

    Those are of stacks that others planned: their plans are for others to read, and to release.
    ``planned`` are the stacks of which the pull request showed a plan. ``asked``: somebody asked for
    the apply here, and is told everything.
    """
    return tuple(
        one
        for one in said.reported
        if asked or one.run.pull_request in (None, number) or one.run.stack in planned
    )


def _numbers(
    facts: ReportFacts, reported: Sequence[ReportedRun], again: Sequence[Run]
) -> tuple[int, ...]:
    numbers = {number for number in facts.merged if _is_told(facts, number)}
    if facts.also is not None:
        numbers.add(facts.also)
    numbers -= {run.pull_request for run in again if run.pull_request is not None}
    numbers |= set(facts.asked_on)
    numbers -= set(facts.told)
    numbers |= {one.run.pull_request for one in reported if one.run.pull_request is not None}
    if reported:  # also where the same tip was told as held: what was released is news
        numbers |= set(facts.asked_on)
    return tuple(sorted(numbers))


def _is_told(facts: ReportFacts, number: int) -> bool:
    """Whether a merged pull request is told: it had a plan here, or nobody else can tell it."""
    if number in facts.concerned:
        return True
    return number in facts.touching and (number in facts.unplanned or facts.problems)


def runs_to_report(untold: Iterable[Run]) -> tuple[ReportedRun, ...]:
    """The runs to report, oldest first: the newest of each stack, and what it does not cover.

    Runs of one stack at one commit are reported as one. When earlier ones died half-way and the
    newest did the rest, the plan of the first is shown. A held apply is reported beside the failed
    one before it.
    """
    groups: dict[tuple[StackId, Sha, bool], list[Run]] = {}
    newest: dict[StackId, Run] = {}
    for run in untold:
        held = run.status is RunStatus.HELD
        groups.setdefault((run.stack, run.commit, held), []).append(run)
        newest[run.stack] = run
    return tuple(
        one
        for one in map(_for_all, groups.values())
        if one.run.id == newest[one.run.stack].id or _still_tells(one.run, newest[one.run.stack])
    )


def _for_all(runs: Sequence[Run]) -> ReportedRun:
    *earlier, newest = runs
    begun = next((run.id for run in earlier if run.status is RunStatus.FAILED), None)
    if newest.status is not RunStatus.APPLIED or begun is None:
        return ReportedRun(run=newest, plan_of=newest.id)
    return ReportedRun(run=newest, plan_of=begun, whole=True)


def _still_tells(run: Run, newest: Run) -> bool:
    """Whether an earlier run has something to report that the newest run of its stack has not."""
    failed = run.status is RunStatus.FAILED and newest.status is RunStatus.HELD
    return failed or run.status is RunStatus.APPLIED


def _did(one: ReportedRun) -> bool:
    return one.run.does or one.whole


def _ended(facts: ReportFacts, reported: Sequence[ReportedRun]) -> tuple[DeploymentEnd, ...]:
    """The ends of the deployments of every tip for which something was done."""
    ended = [one for one in reported if one.run.status in (RunStatus.APPLIED, RunStatus.FAILED)]
    tips = dict.fromkeys(one.run.tip for one in ended if _did(one))
    failed = {one.run.tip for one in ended if one.run.status is RunStatus.FAILED}
    return tuple(_end(facts, tip, failed=tip in failed) for tip in tips)


def _end(facts: ReportFacts, tip: Sha, *, failed: bool) -> DeploymentEnd:
    state, words = _end_words(facts, tip, failed=failed)
    return DeploymentEnd(tip=tip, state=state, words=words)


def _end_words(facts: ReportFacts, tip: Sha, *, failed: bool) -> tuple[DeploymentState, str]:
    """The state and words. Success only speaks of the whole environment, not of what was applied."""
    place = facts.environment
    if failed:
        return (
            DeploymentState.FAILURE,
            f"{place} failed; `/apply {place}` on the merged pull request tries again",
        )
    if tip != facts.tip:
        return DeploymentState.SUCCESS, f"applied to {place}; {facts.tip[:8]} came after it"
    if facts.waiting:
        names = ", ".join(sorted(facts.waiting))
        return DeploymentState.FAILURE, f"{place} is not as the commit says yet; waiting: {names}"
    if facts.problems:
        return DeploymentState.FAILURE, f"{place} is not as the commit says: its specs have errors"
    return DeploymentState.SUCCESS, f"{place} is as the commit says"


def _superseded(facts: ReportFacts, reported: Sequence[ReportedRun]) -> tuple[DeploymentEnd, ...]:
    """The ends of the deployments of earlier tips whose applies died and later runs finished."""
    covered = {one.run.tip for one in reported if _did(one)}
    died = [r for r in facts.untold if r.status in (RunStatus.APPLIED, RunStatus.FAILED) and r.does]
    words = f"superseded by {facts.tip[:8]}: this apply died, and the later commit's went on"
    return tuple(
        DeploymentEnd(tip=tip, state=DeploymentState.FAILURE, words=words)
        for tip in dict.fromkeys(run.tip for run in died)
        if tip not in covered
    )
