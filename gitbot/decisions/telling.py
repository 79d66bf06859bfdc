"""Decides who is told what about an apply, and how its deployments end. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha, StackId
from gitbot.model.runs import Run, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A run to report.

    ``plan_of`` is the id of the run whose plan is shown. ``whole``: earlier runs of the same apply
    died half-way and this run did the rest, so all of that plan is done.
    """

    run: Run
    plan_of: str
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFacts:
    """The facts when an apply of an environment has ended.

    ``untold`` are the applies that were not reported yet, oldest first, including those of jobs
    that crashed. ``touched`` are the runs that this job made or found. ``merged`` are the pull
    requests that were merged since the last apply, newest first; ``concerned`` are those with a
    plan in this environment. ``also`` is the pull request that asked for the apply. ``told`` are
    the pull requests that were told of this occasion already. ``problems``: there are errors to
    report too.
    """

    environment: str
    tip: Sha
    occasion: str
    untold: Sequence[Run] = ()
    touched: Sequence[Run] = ()
    merged: Sequence[int] = ()
    concerned: Collection[int] = ()
    also: int | None = None
    told: Collection[int] = ()
    problems: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentEnd:
    """The final state of the deployment of a tip."""

    tip: Sha
    state: DeploymentState
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The report: which runs, on which pull requests (``numbers``), in a comment of which subject.

    ``again`` are runs that are still held and were reported before. ``says``: the check of the tip
    is set. ``done`` are the ids of the runs that count as reported afterwards.
    """

    voices: tuple[Voice, ...] = ()
    again: tuple[Run, ...] = ()
    numbers: tuple[int, ...] = ()
    subject: str = ""
    says: bool = False
    deployments: tuple[DeploymentEnd, ...] = ()
    done: tuple[str, ...] = ()


def telling(facts: TellFacts) -> Telling:
    """Who is told what.

    When there is no new run, each pull request is told once per ``occasion``, so a job that runs
    again does not repeat itself. A pull request that was told of a held run is not told again,
    unless it is ``also``: somebody is waiting for an answer there.
    """
    voices = speaking(facts.untold)
    known = {run.id for run in facts.untold}
    again = tuple(
        run for run in facts.touched if run.status is RunStatus.HELD and run.id not in known
    )
    says = bool(voices or again or facts.problems)
    return Telling(
        voices=voices,
        again=again,
        numbers=_numbers(facts, voices, again, says),
        subject=facts.untold[0].id if facts.untold else facts.occasion,
        says=says,
        deployments=(*_ended(facts.environment, voices), *_superseded(facts, voices)),
        done=tuple(run.id for run in facts.untold),
    )


def _numbers(
    facts: TellFacts, voices: Sequence[Voice], again: Sequence[Run], says: bool
) -> tuple[int, ...]:
    numbers = {number for number in facts.merged if number in facts.concerned}
    numbers -= {run.pull_request for run in again if run.pull_request is not None}
    if facts.also is not None:
        numbers.add(facts.also)
    numbers -= set(facts.told)
    numbers |= {v.run.pull_request for v in voices if v.run.pull_request is not None}
    if says and not numbers and not again and facts.merged:
        # No merged pull request had a plan here: tell the one that was merged last.
        numbers = {facts.merged[0]} - set(facts.told)
    return tuple(sorted(numbers))


def speaking(untold: Iterable[Run]) -> tuple[Voice, ...]:
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
        voice
        for voice in map(_for_all, groups.values())
        if voice.run.id == newest[voice.run.stack].id
        or _still_tells(voice.run, newest[voice.run.stack])
    )


def _for_all(runs: Sequence[Run]) -> Voice:
    *earlier, newest = runs
    begun = next((run.id for run in earlier if run.status is RunStatus.FAILED), None)
    if newest.status is not RunStatus.APPLIED or begun is None:
        return Voice(run=newest, plan_of=newest.id)
    return Voice(run=newest, plan_of=begun, whole=True)


def _still_tells(run: Run, newest: Run) -> bool:
    """Whether an earlier run has something to report that the newest run of its stack has not."""
    failed = run.status is RunStatus.FAILED and newest.status is RunStatus.HELD
    return failed or run.status is RunStatus.APPLIED


def _did(voice: Voice) -> bool:
    return voice.run.does or voice.whole


def _ended(environment: str, voices: Sequence[Voice]) -> tuple[DeploymentEnd, ...]:
    """The ends of the deployments of every tip for which something was done."""
    ended = [v for v in voices if v.run.status in (RunStatus.APPLIED, RunStatus.FAILED)]
    tips = dict.fromkeys(voice.run.tip for voice in ended if _did(voice))
    failed = {v.run.tip for v in ended if v.run.status is RunStatus.FAILED}
    return tuple(_end(environment, tip, failed=tip in failed) for tip in tips)


def _end(environment: str, tip: Sha, *, failed: bool) -> DeploymentEnd:
    if failed:
        words = f"{environment} failed; `/apply` on the pull request tries again"
        return DeploymentEnd(tip=tip, state=DeploymentState.FAILURE, words=words)
    words = f"{environment} is as the commit says"
    return DeploymentEnd(tip=tip, state=DeploymentState.SUCCESS, words=words)


def _superseded(facts: TellFacts, voices: Sequence[Voice]) -> tuple[DeploymentEnd, ...]:
    """The ends of the deployments of earlier tips whose applies died and later runs finished."""
    reported = {voice.run.tip for voice in voices if _did(voice)}
    died = [r for r in facts.untold if r.status in (RunStatus.APPLIED, RunStatus.FAILED) and r.does]
    words = f"superseded by {facts.tip[:8]}: this apply died, and the later commit's went on"
    return tuple(
        DeploymentEnd(tip=tip, state=DeploymentState.FAILURE, words=words)
        for tip in dict.fromkeys(run.tip for run in died)
        if tip not in reported
    )
