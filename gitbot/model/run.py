"""Runs, claims and commands: the rows from which comments, checks and pages are projected. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan, WalkResult


class RunKind(StrEnum):
    """What a run does."""

    PLAN = "plan"
    APPLY = "apply"


class RunStatus(StrEnum):
    """Where a run stands. ``HELD`` applies wait for consent; the last four are final."""

    RUNNING = "running"
    PLANNED = "planned"
    HELD = "held"
    APPLIED = "applied"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan or apply of one stack at one commit.

    ``commit`` is the tree that was planned: for an open pull request the merge of tip and
    ``head``. ``reviewed_digest`` is the digest that people had seen before an apply. ``shown_at``:
    since when the plan stands on the pull request.
    """

    id: str
    kind: RunKind
    stack: StackId
    commit: Sha
    head: Sha | None
    tip: Sha
    pull_request: int | None
    status: RunStatus
    digest: str | None
    reviewed_digest: str | None
    actor: str
    plan: Plan | None
    result: WalkResult | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None
    epoch: int | None = None
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A pull request's hold on a stack that it has applied before merging.

    ``closed``: the pull request was closed unmerged and the tip is to be applied again.
    """

    stack: StackId
    pull_request: int
    claimed_by: str
    claimed_at: datetime
    head: Sha
    closed: bool = False


class CommandStatus(StrEnum):
    """Where a command stands."""

    HEARD = "heard"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line of a comment that asks gitbot for something; kept for ever, keyed by its comment.

    ``line`` counts the command lines of the comment from 0. ``verb`` is as typed, so that an
    unknown one can be answered. ``written_at`` is GitHub's time of the comment, whole seconds.
    ``answer`` is set from the beginning where the line itself has a problem.
    """

    comment: int
    line: int
    repository: str
    pull_request: int
    author: str
    verb: str
    environment: str | None
    digest: str | None
    written_at: datetime
    status: CommandStatus = CommandStatus.HEARD
    answer: str | None = None
