"""The keys of the jobs that change the cloud. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gitbot.model.commands import CommandRef
from gitbot.model.keys.base import ForCommand, ForStack, InEnvironment
from gitbot.model.time import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyEnvironment(InEnvironment):
    """Make one environment equal to the tip.

    ``tip`` and ``why`` are only part of the id: the job applies the tip at the time it runs.
    ``actor`` asked for it. ``pull_request`` is told the result in any case. ``command`` is the
    command that asked for it, if there is one.
    """

    tip: str
    why: str
    actor: str = ""
    pull_request: int | None = None
    command: CommandRef | None = None
    again: str = ""

    @property
    def id(self) -> str:
        """``apply:<environment>:<tip>:<why>``; with ``apply-for:`` when a person waits for it."""
        again = f":{self.again}" if self.again else ""
        return f"{self._prefix}{self.tip}:{self.why}{again}"

    @property
    def supersedes(self) -> str | None:
        """A newer one replaces the queued ones that no person waits for."""
        return None if self.asked else self._prefix

    @property
    def asked(self) -> bool:
        """Whether a person waits for the answer of exactly this job."""
        return self.pull_request is not None

    @property
    def _prefix(self) -> str:
        return f"{'apply-for' if self.asked else 'apply'}:{self.environment_key}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPullRequest(ForCommand):
    """Apply an open pull request to one environment, for a command."""

    what: ClassVar[str] = "apply-pr"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDrift(ForCommand):
    """Undo the drift of one stack, for a command on its issue ``number``."""

    what: ClassVar[str] = "apply-drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealDrift(ForStack):
    """Put drift of one stack back without asking. ``reason`` names what differs."""

    what: ClassVar[str] = "heal"
    work: ClassVar[Work] = Work.DRIFT
