"""The keys of the jobs that change the cloud. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitbot.model.commands import CommandRef
from gitbot.model.keys.base import Lane
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import Work


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
class ApplyDrift:
    """Undo the drift of one stack, for a command on its issue ``number``."""

    lane: ClassVar[Lane] = Lane.APPLIES

    repository: str
    environment: str
    number: int
    command: CommandRef
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``apply-drift:<environment>:<number>:<command>``."""
        again = f":{self.again}" if self.again else ""
        return f"apply-drift:{self.partition}:{self.number}:{self.command}{again}"

    @property
    def partition(self) -> str:
        """It takes turns with the applies of the environment."""
        return f"{self.repository}:{self.environment}"

    @property
    def supersedes(self) -> None:
        """None: every command is answered."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealDrift:
    """Put drift of one stack back without asking. ``reason`` names what differs."""

    lane: ClassVar[Lane] = Lane.APPLIES
    work: ClassVar[Work] = Work.DRIFT

    repository: str
    environment: str
    stack: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``heal:<environment>:<stack>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """It takes turns with the applies of the environment."""
        return f"{self.repository}:{self.environment}"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the stack."""
        return f"heal:{self.partition}:{self.stack}:"


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
