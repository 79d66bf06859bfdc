"""What every key of a job has, and the shapes that most keys take. Pure.

A key says what its job is about, and how the job relates to others:

- ``id``: a job is enqueued only once under the same id.
- ``lane``: the queue that it waits in.
- ``partition``: jobs of one partition run one after the other, in order.
- ``supersedes``: the prefix of the ids of queued jobs that this one replaces.
- ``not_before``: the real time before which it does not start. It is for retries and delays;
  schedules are decided by the calendar.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from gitbot.model.commands import CommandRef
from gitbot.model.names import EnvironmentKey


class Lane(StrEnum):
    """The queues. Each has its own workers, so plans never keep applies waiting."""

    APPLIES = "applies"
    ANSWERS = "answers"
    PLANS = "plans"
    CHORES = "chores"
    TIME = "time"


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
class OneByOne(ABC):
    """A key whose jobs run one at a time in their ``partition``, each of them.

    ``reason`` says what woke the job; the same reason wakes it once.
    """

    repository: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``<partition>:<reason>``."""
        return f"{self.partition}:{self.reason}"

    @property
    @abstractmethod
    def partition(self) -> str:
        """What the job is about: only one job about it runs at a time."""

    @property
    def supersedes(self) -> str | None:
        """None: each has a job of its own."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestOnly(OneByOne):
    """A key that replaces the queued ones of its ``partition``: one job does the work of all."""

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the partition."""
        return f"{self.partition}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class InEnvironment:
    """A key of a job that changes the cloud: such jobs of an environment run one after the other."""

    lane: ClassVar[Lane] = Lane.APPLIES

    repository: str
    environment: str
    not_before: datetime | None = None

    @property
    def partition(self) -> str:
        """Whatever changes an environment runs one after the other."""
        return str(self.environment_key)

    @property
    def environment_key(self) -> EnvironmentKey:
        """The environment."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForCommand(InEnvironment):
    """A key of a job that answers ``command``, which was written on ``number``.

    ``again`` is set when the first job was lost. ``what`` begins the id.
    """

    what: ClassVar[str]

    number: int
    command: CommandRef
    again: str = ""

    @property
    def id(self) -> str:
        """``<what>:<environment>:<number>:<command>``."""
        again = f":{self.again}" if self.again else ""
        return f"{self.what}:{self.environment_key}:{self.number}:{self.command}{again}"

    @property
    def supersedes(self) -> None:
        """None: every command is answered."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForStack(InEnvironment):
    """A key of a job that changes one stack without a command: the newest queued one stays.

    ``reason`` says what woke it; the same reason wakes it once. ``what`` begins the id.
    """

    what: ClassVar[str]

    stack: str
    reason: str

    @property
    def id(self) -> str:
        """``<what>:<environment>:<stack>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the stack."""
        return f"{self.what}:{self.environment_key}:{self.stack}:"
