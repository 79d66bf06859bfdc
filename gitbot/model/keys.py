"""The keys of the jobs. The queue stores the key of a job and nothing else. Pure.

A key says what its job is about, and how the job relates to others:

- ``id``: a job is enqueued only once under the same id.
- ``lane``: the queue that it waits in.
- ``partition``: jobs of one partition run one after the other, in order.
- ``supersedes``: the prefix of the ids of queued jobs that this one replaces.
- ``not_before``: the real time before which it does not start. It is for retries and delays;
  schedules are decided by the calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, TypeAlias

from gitbot.model.commands import CommandRef
from gitbot.model.names import EnvironmentKey


class Lane(StrEnum):
    """The queues. Each has its own workers, so plans never keep applies waiting."""

    APPLIES = "applies"
    ANSWERS = "answers"
    PLANS = "plans"
    CHORES = "chores"


class Key(Protocol):
    """The part of a key that the queue uses."""

    lane: ClassVar[Lane]

    @property
    def id(self) -> str:
        """The id of the job. Enqueuing the same id again does nothing."""

    @property
    def partition(self) -> str:
        """Jobs of one partition run one after the other."""

    @property
    def supersedes(self) -> str | None:
        """The prefix of the ids of the queued jobs that this one replaces; None for none."""

    @property
    def not_before(self) -> datetime | None:
        """The real time before which the job must not start; None when it may start at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPullRequest:
    """Plan an open pull request. ``reason`` says what woke it; the same reason wakes it once.

    ``fork``: it comes from a fork. All plans of forks take one worker at most, so that people
    without any right cannot keep others waiting. ``command`` asked
    for it, and is answered when the plan comment does not change.
    """

    lane: ClassVar[Lane] = Lane.PLANS

    repository: str
    number: int
    reason: str
    fork: bool = False
    command: CommandRef | None = None
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``plan:<repository>:<number>:<reason>``, and ``:fork`` for a fork's."""
        return f"{self.supersedes}{self.reason}{':fork' if self.fork else ''}"

    @property
    def partition(self) -> str:
        """One pull request at a time: two plans would write one comment twice. Of forks, one of
        all repositories."""
        if self.fork:
            return "plan:forks"
        return f"plan:{self.repository}:{self.number}"

    @property
    def supersedes(self) -> str:
        """A newer plan replaces the queued plans of the pull request."""
        return f"plan:{self.repository}:{self.number}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePullRequest:
    """Do what follows when a pull request was merged or closed."""

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    number: int
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``close:<repository>:<number>:<reason>``."""
        return f"close:{self.repository}:{self.number}:{self.reason}"

    @property
    def partition(self) -> str:
        """One pull request at a time."""
        return f"close:{self.repository}:{self.number}"

    @property
    def supersedes(self) -> None:
        """None: every close has its own job."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerComment:
    """Answer the commands of one comment or review.

    ``source`` and ``comment`` are those of the ``CommandRef``. ``number`` is that of the pull
    request or issue. ``again`` is set when the first job was lost.
    """

    lane: ClassVar[Lane] = Lane.ANSWERS

    repository: str
    number: int
    source: str
    comment: int
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``answer:<source>:<comment>``: a redelivery does not answer twice."""
        return self.partition + (f":{self.again}" if self.again else "")

    @property
    def partition(self) -> str:
        """One answer at a time: the sweep's job must not run beside the first one."""
        return f"answer:{self.source}:{self.comment}"

    @property
    def supersedes(self) -> None:
        """None: every comment is answered."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreComment:
    """Write a comment of ours again that somebody changed or deleted."""

    lane: ClassVar[Lane] = Lane.ANSWERS

    repository: str
    number: int
    comment: int
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``restore:<repository>:<comment>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """One at a time per comment."""
        return f"restore:{self.repository}:{self.comment}"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the comment."""
        return f"restore:{self.repository}:{self.comment}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowTip:
    """Wake what a new tip makes necessary. Only the newest queued one of a repository stays."""

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``tip:<repository>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """One at a time per repository."""
        return f"tip:{self.repository}"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the repository."""
        return f"tip:{self.repository}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMergeGroup:
    """Plan the commit of a merge queue at the head of ``branch``, and answer with the check."""

    lane: ClassVar[Lane] = Lane.PLANS

    repository: str
    head: str
    branch: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``group:<repository>:<head>:<reason>``."""
        return f"{self.partition}:{self.reason}"

    @property
    def partition(self) -> str:
        """One at a time per commit."""
        return f"group:{self.repository}:{self.head}"

    @property
    def supersedes(self) -> None:
        """None: the queue waits for the check of each commit."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellWaiting:
    """Keep the issue that lists what waits for a release and was shown on no pull request."""

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``waiting:<repository>:<reason>``; the reason says what is listed, and when."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """One at a time per repository: two would write one issue twice."""
        return f"waiting:{self.repository}"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the repository."""
        return f"waiting:{self.repository}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunChecks:
    """Answer a request of ``by`` to run a check of a commit again; with ``check`` empty, all."""

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    head: str
    check: str
    by: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``rerun:<repository>:<head>:<reason>``."""
        return f"{self.partition}:{self.reason}"

    @property
    def partition(self) -> str:
        """One at a time per commit."""
        return f"rerun:{self.repository}:{self.head}"

    @property
    def supersedes(self) -> None:
        """None: each request waits for an answer."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyEnvironment:
    """Make one environment equal to the tip.

    ``tip`` and ``why`` are only part of the id: the job applies the tip at the time it runs.
    ``actor`` asked for it. ``pull_request`` is told the result in any case. ``command`` is the
    command that asked for it, if there is one.
    """

    lane: ClassVar[Lane] = Lane.APPLIES

    repository: str
    environment: str
    tip: str
    why: str
    actor: str = ""
    pull_request: int | None = None
    command: CommandRef | None = None
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``apply:<environment>:<tip>:<why>``; with ``apply-for:`` when a person waits for it."""
        again = f":{self.again}" if self.again else ""
        return f"{self._prefix}{self.tip}:{self.why}{again}"

    @property
    def partition(self) -> str:
        """Applies of one environment run one after the other."""
        return str(self.environment_key)

    @property
    def supersedes(self) -> str | None:
        """A newer one replaces the queued ones that no person waits for."""
        return None if self.asked else self._prefix

    @property
    def asked(self) -> bool:
        """Whether a person waits for the answer of exactly this job."""
        return self.pull_request is not None

    @property
    def environment_key(self) -> EnvironmentKey:
        """The environment."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)

    @property
    def _prefix(self) -> str:
        return f"{'apply-for' if self.asked else 'apply'}:{self.environment_key}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPullRequest:
    """Apply an open pull request to one environment, for a command."""

    lane: ClassVar[Lane] = Lane.APPLIES

    repository: str
    environment: str
    number: int
    command: CommandRef
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``apply-pr:<environment>:<number>:<command>``."""
        again = f":{self.again}" if self.again else ""
        return f"apply-pr:{self.partition}:{self.number}:{self.command}{again}"

    @property
    def partition(self) -> str:
        """Applies of one environment run one after the other."""
        return f"{self.repository}:{self.environment}"

    @property
    def supersedes(self) -> None:
        """None: every command is answered."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Find and wake what a lost webhook left undone in one repository."""

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``sweep:<repository>:<reason>``; the scheduler's reason is the scheduled instant."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """One sweep of a repository at a time."""
        return f"sweep:{self.repository}"

    @property
    def supersedes(self) -> str:
        """A newer sweep replaces the queued ones of the repository."""
        return f"sweep:{self.repository}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRuns:
    """Delete old plans and applies of the whole store, once on each ``day`` (``YYYY-MM-DD``).

    A failure is reported in ``repository``.
    """

    lane: ClassVar[Lane] = Lane.CHORES

    repository: str
    day: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``prune:<repository>:<day>``."""
        return f"{self.supersedes}{self.day}"

    @property
    def partition(self) -> str:
        """One at a time, because they delete the same rows."""
        return "prune"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the repository."""
        return f"prune:{self.repository}:"


JobKey: TypeAlias = (
    PlanPullRequest
    | ClosePullRequest
    | AnswerComment
    | RestoreComment
    | FollowTip
    | PlanMergeGroup
    | RerunChecks
    | TellWaiting
    | ApplyEnvironment
    | ApplyPullRequest
    | Sweep
    | PruneRuns
)
