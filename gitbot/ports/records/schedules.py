"""The port to the schedules: what waits for a time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from gitbot.model.names import EnvironmentKey
from gitbot.model.time import Firing, Schedule, ScheduleRow, Work


class Schedules(Protocol):
    """What the environments wait for. Each part of the work owns its rows."""

    def replace(
        self,
        environment: EnvironmentKey,
        work: Work,
        schedules: Iterable[Schedule],
        *,
        at: datetime,
    ) -> None:
        """Keep these schedules of the work and no others. Idempotent.

        A schedule that keeps its name keeps when it has fired last, also when the rest of it
        changes. ``at`` is the calendar's time: a new schedule fires for nothing that was before.

        Raises:
            InvariantError: a schedule is another environment's or work's, or two have one name.
        """

    def owners(self, repository: str) -> frozenset[tuple[EnvironmentKey, str]]:
        """The environments of the repository that have rows, each with the work of the rows."""

    def of_repository(self, repository: str) -> tuple[ScheduleRow, ...]:
        """All rows of the repository, by environment, work and name."""

    def due(self, repositories: Collection[str], now: datetime) -> tuple[ScheduleRow, ...]:
        """The rows of these repositories that are due by ``now``, or that fired after it."""

    def fired(self, firing: Firing, *, now: datetime) -> None:
        """Record that the job of the firing is enqueued. Does nothing when a later one up to now is."""
