"""Who is told what of an apply, how its deployments end, and which runs are reported. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha, StackId
from gitbot.model.runs import Run, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A run that is reported.

    ``plan_of`` is the run whose plan is shown. ``whole``: earlier runs of the same apply died
    half-way and this one did the rest, so everything in that plan is done.
    """

    run: Run
    plan_of: str
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFacts:
    """What is known when an apply of an environment has ended.

    ``untold`` are the applies that nobody was told of, oldest first, also those of jobs that died
    before they could tell. ``touched`` are the runs that this job made or found. ``merged`` are the
    pull requests that the tip brought since the last apply, newest first; ``concerned`` are those
    of them with a plan in this environment. ``also`` is the pull request that asked for the apply.
    ``told`` were told of this occasion before. ``problems``: there is more to say than the runs.
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
    """How the deployment of a tip ends."""

    tip: Sha
    state: DeploymentState
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is told: which runs, on which pull requests, in a comment of which subject.

    ``again`` are runs that are still held and were told of before. ``says``: the tip's check has
    something to say. ``done`` are the ids of the runs that count as told afterwards.
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

    Without an untold run, a pull request is told once of each ``occasion``, so that a job that runs
    again does not repeat itself. A pull request that was told of a held run is not told again,
    unless it is ``also``: somebody waits for an answer there.
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
    """The runs that are reported, oldest first: each stack's newest, and earlier ones that it does
    not cover.

    Runs of one stack at one commit are reported as one: where earlier ones died half-way and the
    newest did the rest, the plan that they began with is shown. An apply that was held is reported
    beside the one that failed before it.
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
    """Whether an earlier run says what the newest one of its stack does not."""
    failed = run.status is RunStatus.FAILED and newest.status is RunStatus.HELD
    return failed or run.status is RunStatus.APPLIED


def _did(voice: Voice) -> bool:
    return voice.run.does or voice.whole


def _ended(environment: str, voices: Sequence[Voice]) -> tuple[DeploymentEnd, ...]:
    """End the deployment of every tip that something was done for."""
    ended = [v for v in voices if v.run.status in (RunStatus.APPLIED, RunStatus.FAILED)]
    tips = dict.fromkeys(voice.run.tip for voice in ended if _did(voice))
    failed = {v.run.tip for v in ended if v.run.status is RunStatus.FAILED}
    return tuple(_end(environment, tip, failed=tip in failed) for tip in tips)


def _end(environment: str, tip: Sha, *, failed: bool) -> DeploymentEnd:
    if failed:
        words = f"{environment} failed; `/apply` on the pull request goes on"
        return DeploymentEnd(tip=tip, state=DeploymentState.FAILURE, words=words)
    words = f"{environment} is as the commit says"
    return DeploymentEnd(tip=tip, state=DeploymentState.SUCCESS, words=words)


def _superseded(facts: TellFacts, voices: Sequence[Voice]) -> tuple[DeploymentEnd, ...]:
    """End the deployments of earlier tips whose applies died and were finished by later runs."""
    reported = {voice.run.tip for voice in voices if _did(voice)}
    died = [r for r in facts.untold if r.status in (RunStatus.APPLIED, RunStatus.FAILED) and r.does]
    words = f"superseded by {facts.tip[:8]}: its apply died, the later commit's went on"
    return tuple(
        DeploymentEnd(tip=tip, state=DeploymentState.FAILURE, words=words)
        for tip in dict.fromkeys(run.tip for run in died)
        if tip not in reported
    )
