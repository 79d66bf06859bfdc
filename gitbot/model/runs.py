"""Runs and claims: the rows from which comments, checks and pages are projected. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.commands import CommandRef
from gitbot.model.names import Sha, StackId


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
    """One plan or apply of one stack at one commit, without its documents: light to read.

    The plan and the result are asked for by id (``ports.records.Runs``). ``commit`` is the tree
    that was planned: for an open pull request the merge of tip and ``head``; ``head`` of an apply
    is set where it was made before the merge. ``does``: the plan has something to do.
    ``reviewed_digest`` is the digest that people had seen before an apply. ``command`` asked for
    the apply. ``shown_at``: since when the plan, or the apply's result, stands on GitHub.
    """

    id: str
    kind: RunKind
    stack: StackId
    commit: Sha
    head: Sha | None
    tip: Sha
    pull_request: int | None
    status: RunStatus
    digest: str
    reviewed_digest: str | None = None
    does: bool
    actor: str
    command: CommandRef | None = None
    error: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
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
