"""The keys of the jobs that a schedule wakes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gitbot.model.keys.base import Lane, NewestOnly
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeJob(NewestOnly):
    """Do the ``work`` of one environment that is due. The scheduler's ``reason`` is the instant."""

    lane: ClassVar[Lane] = Lane.TIME
    work: ClassVar[Work]

    environment: str

    @property
    def partition(self) -> str:
        """One at a time per work and environment."""
        return f"{self.work}:{self.environment_key}"

    @property
    def environment_key(self) -> EnvironmentKey:
        """The environment."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectDrift(TimeJob):
    """Look for drift of all stacks of one environment, and tell of it."""

    work: ClassVar[Work] = Work.DRIFT


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindows(TimeJob):
    """Let go on what waited for the end of a freeze, and wait for the next edge of a window."""

    work: ClassVar[Work] = Work.FREEZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireStacks(TimeJob):
    """Follow when the stacks of one environment expire: warn, and wake what stops and destroys."""

    work: ClassVar[Work] = Work.EXPIRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote(TimeJob):
    """Bring the environment what was applied and verified in the one that it is promoted from."""

    work: ClassVar[Work] = Work.PROMOTION
