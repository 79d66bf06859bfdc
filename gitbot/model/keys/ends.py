"""The keys of the jobs that change the cloud because a stack expires. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitbot.model.keys.base import Lane
from gitbot.model.names import EnvironmentKey, StackId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndJob:
    """Do to one stack what its expiry asks for now. Runs in the partition of the applies.

    ``reason`` says what woke it; the same reason wakes it once.
    """

    lane: ClassVar[Lane] = Lane.APPLIES
    what: ClassVar[str]

    repository: str
    environment: str
    stack: str
    region: str
    reason: str
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``<what>:<environment>:<stack>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """Whatever changes an environment runs one after the other."""
        return str(self.environment_key)

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the stack."""
        return f"{self.what}:{self.environment_key}:{self.stack}:"

    @property
    def environment_key(self) -> EnvironmentKey:
        """The environment."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)

    @property
    def stack_id(self) -> StackId:
        """The stack."""
        return StackId(
            repository=self.repository,
            environment=self.environment,
            name=self.stack,
            region=self.region,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStack(EndJob):
    """Give the machines of a stack the power, and its objects the tag, that its expiry asks for."""

    what: ClassVar[str] = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyStack(EndJob):
    """Destroy a stack whose time is over."""

    what: ClassVar[str] = "destroy"
