"""Decides where to report the error that ended a job, and in which words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from gitbot.errors import AbsentStoreError, BrokenStoreError, GitbotError, TransientError
from gitbot.model.commands import CommandRef, Source
from gitbot.model.keys import (
    AdoptDrift,
    AnswerComment,
    ApplyDrift,
    ApplyEnvironment,
    ApplyPullRequest,
    ClosePullRequest,
    DestroyStack,
    DetectDrift,
    ExpireStacks,
    FollowTip,
    HealDrift,
    JobKey,
    KeepHours,
    OpenWindows,
    PlanCommit,
    PlanMergeGroup,
    PlanPullRequest,
    Promote,
    PruneRuns,
    RerunChecks,
    RestoreComment,
    Sweep,
    SwitchStack,
    TellWaiting,
)
from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHead:
    """Report it as this check on the newest commit of the pull request."""

    number: int
    check: str = "gitbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTip:
    """Report it as this check on the tip."""

    check: str = "gitbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCommit:
    """Report it as this check on the commit."""

    commit: Sha
    check: str = "gitbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class InAnswer:
    """Report it as the answer to the open commands of this comment or review."""

    source: Source
    comment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InAskedPlan:
    """Report it as the answer to this ``AskedPlan``."""

    id: str


Place: TypeAlias = OnHead | OnTip | OnCommit | InAnswer | InAskedPlan


def place_of(key: JobKey) -> Place:
    """The place where people look for the result of the job."""
    match key:
        case PlanPullRequest() | ClosePullRequest():
            return OnHead(number=key.number)
        case AnswerComment():
            return InAnswer(source=Source(key.source), comment=key.comment)
        case (
            ApplyPullRequest(command=command)
            | ApplyDrift(command=command)
            | AdoptDrift(command=command)
            | ApplyEnvironment(command=CommandRef() as command)
        ):
            return InAnswer(source=command.source, comment=command.comment)
        case ApplyEnvironment():
            return OnTip(check=f"gitbot/{key.environment}/apply")
        case DetectDrift() | HealDrift() | KeepHours() | ExpireStacks() | OpenWindows() | Promote():
            return OnTip(check=f"gitbot/{key.environment}/{key.work}")
        case SwitchStack() | DestroyStack():
            return OnTip(check=f"gitbot/{key.environment}/expiry")
        case PlanCommit():
            return InAskedPlan(id=key.reason)
        case PlanMergeGroup() | RerunChecks():
            named = key.check if isinstance(key, RerunChecks) else ""
            return OnCommit(commit=Sha(key.head), check=named or "gitbot")
        case FollowTip() | Sweep() | PruneRuns() | TellWaiting() | RestoreComment():
            return OnTip()
        case _:
            assert_never(key)


def ends_command(error: Exception) -> bool:
    """Whether the error ends a command. It does not when a retry can help: the sweep retries it."""
    return not isinstance(error, TransientError)


def words(error: Exception, job: str) -> str:
    """The text that people are told.

    The text of an unexpected error may hold secrets. It stays in the log, under the job's id, as what is only for whoever
    runs gitbot does.
    """
    if isinstance(error, (BrokenStoreError, AbsentStoreError)):
        return (
            "The database of gitbot itself is damaged, full or away. That is nothing in your specs: whoever runs gitbot "
            f"finds what to do in the server's log, at `{job}`."
        )
    if isinstance(error, GitbotError):
        return str(error)
    return (
        "gitbot failed unexpectedly. That is a bug in gitbot, not in your specs. Look for "
        f"`{job}` in the server's log."
    )
