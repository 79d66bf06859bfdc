"""The keys of the jobs that look after a repository. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitbot.model.keys.base import Lane, NewestOnly, OneByOne


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePullRequest(OneByOne):
    """Do what follows when a pull request was merged or closed."""

    lane: ClassVar[Lane] = Lane.CHORES

    number: int

    @property
    def partition(self) -> str:
        """One pull request at a time."""
        return f"close:{self.repository}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowTip(NewestOnly):
    """Wake what a new tip makes necessary."""

    lane: ClassVar[Lane] = Lane.CHORES

    @property
    def partition(self) -> str:
        """One at a time per repository."""
        return f"tip:{self.repository}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellWaiting(NewestOnly):
    """Keep the issue that lists what waits for a release and was shown on no pull request.

    ``reason`` says what is listed, and when.
    """

    lane: ClassVar[Lane] = Lane.CHORES

    @property
    def partition(self) -> str:
        """One at a time per repository: two would write one issue twice."""
        return f"waiting:{self.repository}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunChecks(OneByOne):
    """Answer a request of ``by`` to run a check of a commit again; with ``check`` empty, all."""

    lane: ClassVar[Lane] = Lane.CHORES

    head: str
    check: str
    by: str

    @property
    def partition(self) -> str:
        """One at a time per commit."""
        return f"rerun:{self.repository}:{self.head}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(NewestOnly):
    """Find and wake what a lost webhook left undone in one repository.

    The scheduler's ``reason`` is the scheduled instant.
    """

    lane: ClassVar[Lane] = Lane.CHORES

    @property
    def partition(self) -> str:
        """One sweep of a repository at a time."""
        return f"sweep:{self.repository}"


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
