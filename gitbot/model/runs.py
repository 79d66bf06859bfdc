"""Runs and claims: the records that comments, checks and pages are made from. Pure."""

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
    """The status of a run. ``HELD`` applies wait for consent. The last four are final."""

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

    The plan and the result are read separately, by id (``ports.records.Runs``). ``commit`` is the
    commit or tree that was planned; for an open pull request it is the merge of tip and ``head``.
    ``head`` of an apply is set when it was made before the merge. ``does``: the plan is not empty.
    ``reviewed_digest`` is the digest that people had seen before an apply. ``command`` asked for
    the apply. ``shown_at`` is the time from which GitHub shows the plan, or the result of the
    apply. ``shown_whole``: people can read all of it there, so that a merge agrees to it.
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
    shown_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A pull request's hold on a stack that it has applied before merging.

    ``closed``: the pull request was closed unmerged, and the tip must be applied again.
    """

    stack: StackId
    pull_request: int
    claimed_by: str
    claimed_at: datetime
    head: Sha
    closed: bool = False
