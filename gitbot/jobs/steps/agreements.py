"""Find what people agreed to about a stack, as far as it still stands at the tip. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot.decisions import agreements as decide
from gitbot.decisions.agreements import Moment
from gitbot.decisions.consent import Part, released_run, unfinished_run
from gitbot.decisions.standing import changed_review
from gitbot.jobs.steps.agreed_plans import reviewed_at_merge
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.merges import contained, merge_of
from gitbot.jobs.steps.standing import plan_stood
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.runs import Run

LONGEST_LINE = 100
"""An agreement from before more commits of specs than this does not count any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A merged pull request, and the plan of one stack that it showed when it was merged."""

    pull_request: PullRequest
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the reviews of one stack say about its plan at the tip.

    ``reviewed`` is the latest review, if it counts; ``ended`` says why it does not. ``parts`` are
    the plans that were agreed to on several pull requests and stand, in merge order.
    """

    reviewed: Run | None = None
    parts: tuple[Part, ...] = ()
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier applies of a stack allow at the tip; ``ended`` says what they no longer do."""

    released: Run | None = None
    unfinished: Plan | None = None
    ended: str = ""


def reviews(
    ports: Ports,
    seen: Look,
    merged: Sequence[PullRequest],
    stack: StackId,
    recorded: RecordedStack,
) -> tuple[Review, ...]:
    """The reviews of the stack that state does not contain yet, newest merge first.

    ``merged`` are the pull requests that the tip contains, newest merge first.
    """
    found: list[Review] = []
    for pull_request in merged:
        run = reviewed_at_merge(ports, stack, pull_request)
        if run is None:
            continue
        if contained(seen, merge_of(pull_request), recorded.commit):
            break
        found.append(Review(pull_request=pull_request, run=run))
    return tuple(found)


def agreement(ports: Ports, seen: Look, plan: Plan, found: Sequence[Review]) -> Agreement:
    """What the reviews say about the plan of the tip. ``found``: newest merge first."""
    if not found:
        return Agreement()
    latest, runs = found[0], ports.records.runs
    if not _read(ports, seen, latest):
        return Agreement(ended=changed_review(latest.pull_request.number))
    if latest.run.digest == plan.digest:
        if _standing(seen, plan.stack, found[:1]):
            return Agreement(reviewed=latest.run)
        return Agreement(ended=decide.ended(merge_of(latest.pull_request)))
    found = [latest, *(each for each in found[1:] if _read(ports, seen, each))]
    parts = _standing(seen, plan.stack, found) if len(found) > 1 else ()
    return Agreement(
        reviewed=latest.run,
        parts=tuple(
            Part(
                pull_request=each.pull_request.number,
                plan=runs.plan(each.run.id),
                shown_whole=each.run.shown_whole,
            )
            for each in parts
        ),
    )


def _read(ports: Ports, seen: Look, review: Review) -> bool:
    """Whether the plan comment that was reviewed said what gitbot wrote when it was merged."""
    number, at = review.pull_request.number, review.pull_request.merged_at
    return at is not None and plan_stood(ports, seen, number, at)


def _standing(seen: Look, stack: StackId, found: Sequence[Review]) -> tuple[Review, ...]:
    """Those of the reviews that stand at the tip, in merge order. ``found``: newest merge first."""
    ordered = tuple(reversed(found))
    first = merge_of(ordered[0].pull_request)
    line = _line(seen, first)
    if not line:
        return () if line is None else ordered
    moments: list[Moment] = []
    for commit, numbers in _brought(seen, (first, *line), ordered).items():
        desired_hash, known = _wanted_at(seen, stack, commit)
        if known:
            moments += [Moment(desired_hash=desired_hash, merge=each) for each in numbers]
    numbers = decide.standing(moments, {each.pull_request.number for each in ordered})
    return tuple(each for each in ordered if each.pull_request.number in numbers)


def earlier_consent(
    ports: Ports,
    seen: Look,
    merged: Sequence[PullRequest],
    plan: Plan,
    history: Sequence[Run],
) -> Earlier:
    """The release and the unfinished apply of the stack, as far as they still stand at the tip.

    ``history`` are the applies of the stack, newest first.
    """
    runs = ports.records.runs
    waiting = ports.records.freezes.waiting(plan.stack.environment_key)
    frozen_since = next((each.since for each in waiting if each.stack == plan.stack), None)
    released = released_run(history, ports.clock.now(), frozen_since)
    began = unfinished_run(history)
    ended: list[str] = []
    rest = None if began is None else runs.plan(began.id)
    if began is not None and rest is not None:
        since = _since(began, merged)
        if since is None or not _still_wanted(seen, plan.stack, since, rest.desired_hash):
            rest = None
            ended.append(decide.ended(since or began.commit))
    if released is not None:
        wanted = runs.plan(released.id).desired_hash
        if not _still_wanted(seen, plan.stack, released.tip, wanted):
            ended.append(decide.ended(released.tip))
            released = None
    return Earlier(released=released, unfinished=rest, ended="; ".join(ended))


def _since(began: Run, merged: Sequence[PullRequest]) -> Sha | None:
    """The first commit of the tracked branch that wanted what this apply began.

    For an apply before the merge, that is the merge; None when the pull request was not merged.
    """
    if began.head is None:
        return began.tip
    numbers = (each for each in merged if each.number == began.pull_request)
    return next((merge_of(each) for each in numbers), None)


def _still_wanted(seen: Look, stack: StackId, since: Sha, desired_hash: str | None) -> bool:
    """Whether the tracked branch has wanted exactly this of the stack since that commit."""
    line = _line(seen, since)
    if line is None:
        return False
    commits = dict.fromkeys((*line, seen.tip))
    wants = (_wanted_at(seen, stack, commit) for commit in commits)
    moments = [Moment(desired_hash=found) for found, known in wants if known]
    return decide.still_wanted(desired_hash, moments)


def _line(seen: Look, since: Sha) -> Sequence[Sha] | None:
    """The later commits of the tracked branch that changed specs; None when nobody can say."""
    if not contained(seen, since, seen.tip):
        return None
    line = seen.mirror.line(since, seen.tip)
    return line if len(line) <= LONGEST_LINE else None


def _brought(
    seen: Look, commits: Sequence[Sha], ordered: Sequence[Review]
) -> Mapping[Sha, Sequence[int | None]]:
    """For each commit the pull requests that it brought, or None alone for a direct push.

    A merge commit need not be on the line itself: then the first commit that contains it counts.
    """
    brought: dict[Sha, list[int | None]] = {commit: [] for commit in commits}
    for each in ordered:
        merge = merge_of(each.pull_request)
        later = (commit for commit in commits if contained(seen, merge, commit))
        commit = merge if merge in brought else next(later, None)
        if commit is not None:
            brought[commit].append(each.pull_request.number)
    return {commit: numbers or [None] for commit, numbers in brought.items()}


def rules_at(seen: Look, commit: Sha, environment: str) -> Environment | None:
    """The environment at a commit of the tracked branch; None when either is not there."""
    if not seen.mirror.has(commit):
        return None
    return _tree_at(seen, commit).environments.get(environment)


def _tree_at(seen: Look, commit: Sha) -> LoadedTree:
    """The specs at a commit of the tracked branch."""
    if commit == seen.tip:
        return seen.at_tip
    return seen.engine.loader.load(seen.mirror.specs(commit), reviewed=True)


def _wanted_at(seen: Look, stack: StackId, commit: Sha) -> tuple[str | None, bool]:
    """The desired hash that the commit wants, and whether it is known: errors may hide it."""
    wanted = seen.engine.wanted(_tree_at(seen, commit), stack.environment_key)
    desired = wanted.stacks.get(stack.name)
    if desired is None or desired.region != stack.region:
        return None, wanted.complete
    return desired.hash, True
