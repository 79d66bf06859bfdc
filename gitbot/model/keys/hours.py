"""The key of the job that starts and stops machines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gitbot.model.keys.base import Lane
from gitbot.model.keys.times import TimeJob
from gitbot.model.time import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepHours(TimeJob):
    """Start and stop the machines of an environment as their off-hours want it.

    It changes the cloud, so it takes turns with the applies of the environment.
    """

    lane: ClassVar[Lane] = Lane.APPLIES
    work: ClassVar[Work] = Work.HOURS

    @property
    def id(self) -> str:
        """``hours:<environment>:<reason>``."""
        return f"{self.supersedes}{self.reason}"

    @property
    def partition(self) -> str:
        """One after the other with the applies of the environment."""
        return str(self.environment_key)

    @property
    def supersedes(self) -> str:
        """A newer one replaces the queued ones of the environment."""
        return f"hours:{self.environment_key}:"
