"""Decides when recurring jobs are due, and only enqueues them; APScheduler's one place. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from gitbot.errors import TransientError
from gitbot.model.jobs import JobName, JobRequest

log = logging.getLogger(__name__)

# Every replica counts its intervals from here, so that all of them fire at the same instants.
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """A job that is enqueued every ``interval_s`` seconds, counted from ``START``."""

    job: JobName
    interval_s: float

    def request(self, at: datetime) -> JobRequest:
        """The job of one instant; replicas that fire for the same one ask for the same id."""
        instant = at.astimezone(UTC).isoformat(timespec="milliseconds")
        return JobRequest(job=self.job, key={}, id=f"sched:{self.job}:{instant}")


class Scheduler:
    """Enqueues recurring jobs in real time. Firings missed while no process ran are skipped."""

    def __init__(
        self, recurring: Sequence[Recurring], enqueue: Callable[[JobRequest], bool]
    ) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": _EnqueueExecutor(recurring, enqueue)}
        )
        for item in recurring:
            self._scheduler.add_job(
                _fire,
                IntervalTrigger(seconds=item.interval_s, start_date=START, timezone=UTC),
                id=str(item.job),
                # Of firings that are late together only the newest is worth a job.
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin to fire, in a thread of its own."""
        # It reports each firing, and each job's start, at INFO.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.start()

    def stop(self) -> None:
        """Fire no more."""
        self._scheduler.shutdown(wait=True)


def _fire() -> None:
    """Stands for the job in APScheduler's books; the executor below does the work."""


class _EnqueueExecutor(BaseExecutor):  # type: ignore[misc]  # the library has no types
    """Turns a firing into a request. It is told the scheduled instants; a job function is not."""

    def __init__(
        self, recurring: Sequence[Recurring], enqueue: Callable[[JobRequest], bool]
    ) -> None:
        super().__init__()
        self._recurring = {str(item.job): item for item in recurring}
        self._enqueue = enqueue

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        request = self._recurring[job.id].request(run_times[-1])
        try:
            self._enqueue(request)
        except TransientError as error:
            log.warning("%s was not enqueued: %s", request.id, error)
        finally:
            # Gives back the one instance slot that was taken for this firing.
            self._run_job_success(job.id, [])
