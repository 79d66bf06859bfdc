"""Do things at real intervals; APScheduler is known here only. Shell."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from gitbot.errors import InvariantError, TransientError
from gitbot.model.keys import JobKey

log = logging.getLogger(__name__)

# Every replica counts its intervals from here, so that all of them fire at the same instants.
START = datetime(2026, 1, 1, tzinfo=UTC)
_TICK = "tick"


class MakeKey(Protocol):
    """Makes the key of one firing."""

    def __call__(self, *, reason: str) -> JobKey:
        """``reason`` is the scheduled instant: replicas that fire for it make the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Wakes the job of ``key`` at every multiple of ``every`` after ``START``, in real time.

    ``name`` says what it is for, such as a repository or an environment; it must be unique.
    """

    name: str
    every: timedelta
    key: MakeKey

    def at(self, instant: datetime) -> JobKey:
        """The key of the firing at that instant."""
        return self.key(reason=instant.astimezone(UTC).isoformat(timespec="milliseconds"))


class Scheduler:
    """Enqueues the keys of its intervals, and calls ``tick`` every ``tick_every``, which asks what
    the schedules of the store make due. What falls into a time without a process is skipped."""

    def __init__(
        self, enqueue: Callable[[JobKey], bool], tick: Callable[[], None], tick_every: timedelta
    ) -> None:
        self._executor = _EnqueueExecutor(enqueue, tick)
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": self._executor})
        self._add(_TICK, tick_every)

    def replace(self, intervals: Iterable[Interval]) -> None:
        """Fire these intervals and no others from now on. May be called at any time, also while
        running.

        One that keeps its name and its length misses no firing.

        Raises:
            InvariantError: two of them have the same name.
        """
        given = tuple(intervals)
        wanted = {each.name: each for each in given}
        if len(wanted) < len(given):
            raise InvariantError("Two intervals have the same name.")
        known = self._executor.intervals
        self._executor.intervals = wanted
        for name in known.keys() - wanted.keys():
            self._scheduler.remove_job(name)
        for name, interval in wanted.items():
            if name not in known or known[name].every != interval.every:
                self._add(name, interval.every)

    def _add(self, name: str, every: timedelta) -> None:
        self._scheduler.add_job(
            _fire,
            IntervalTrigger(seconds=every.total_seconds(), start_date=START, timezone=UTC),
            id=name,
            replace_existing=True,
            # When several firings are late together, only the newest is worth a job.
            coalesce=True,
            misfire_grace_time=None,
        )

    @property
    def ticked_ago_s(self) -> float:
        """Seconds since the last tick that succeeded, or since this was made."""
        return time.monotonic() - self._executor.ticked_at_s

    def start(self) -> None:
        """Begin to fire, in a thread of its own."""
        # At INFO it would report every firing.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.start()

    def stop(self) -> None:
        """Fire no more."""
        self._scheduler.shutdown(wait=True)


def _fire() -> None:
    """Does nothing: APScheduler wants a function for each job, and the executor below does the
    work."""


class _EnqueueExecutor(BaseExecutor):  # type: ignore[misc]  # the library has no types
    """Enqueues one key for each firing of an interval, and calls ``tick`` for the tick's.

    APScheduler tells the scheduled instant to an executor, but not to a job's function.
    """

    def __init__(self, enqueue: Callable[[JobKey], bool], tick: Callable[[], None]) -> None:
        super().__init__()
        self.intervals: Mapping[str, Interval] = {}
        self._enqueue = enqueue
        self._tick = tick
        self.ticked_at_s = time.monotonic()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        try:
            if job.id == _TICK:
                self._tick()
                self.ticked_at_s = time.monotonic()
            # The interval may have been removed while it was about to fire.
            elif interval := self.intervals.get(job.id):
                self._enqueue(interval.at(run_times[-1]))
        except TransientError as error:
            log.warning("%s could not fire, and tries again next time: %s", job.id, error)
        finally:
            # Gives back the one instance slot that was taken for this firing.
            self._run_job_success(job.id, [])
