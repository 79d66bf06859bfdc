"""Run one queued job: call its function, and decide what follows from its error. Shell."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from gitbot.adapters.queue.keys import KeyCodec
from gitbot.adapters.queue.retries import Retries
from gitbot.errors import GitbotError, InvariantError, StaleError, TransientError, UnfinishedError
from gitbot.model.keys import JobKey
from gitbot.ports.telemetry import Metric, count, doing, note, observe

log = logging.getLogger(__name__)

# ``Any``: each function takes the type of key that it is listed under in the table.
Job: TypeAlias = Callable[[Any], object]

STALE_RETRY_S = 1.0

DONE, FAILED, GAVE_UP, RETRIED = "done", "failed", "gave up", "retried"
Ending: TypeAlias = tuple[str, float | None]
"""How an attempt ended, and after how many seconds to try again; None: never."""


class Failed(Protocol):
    """Called with every error that a job ends with, after the error was logged."""

    def __call__(self, key: JobKey, error: Exception, *, final: bool) -> None:
        """``final``: the job is not tried again. An error raised here is logged and dropped."""


class Subject(Protocol):
    """Names what the log lines of a job are about."""

    def __call__(self, data: Mapping[str, Any], /) -> Mapping[str, str]:
        """The fields, from those of the job's key."""


def no_subject(data: Mapping[str, Any], /) -> Mapping[str, str]:
    """Nothing."""
    return {}


class Runner:
    """The boundary of all jobs: lets no error out, and logs each one once with its job and key."""

    def __init__(
        self,
        jobs: Mapping[type[JobKey], Job],
        codec: KeyCodec,
        retries: Retries,
        recoveries: int,
        failed: Failed | None,
        subject: Subject,
    ) -> None:
        """``recoveries`` is how often a job is started again after its process died."""
        self._subject = subject
        self._jobs = dict(jobs)
        self._codec = codec
        self._retries = retries
        self._recoveries = recoveries
        self._failed = failed

    def run(
        self, id_: str, name: str, data: Mapping[str, Any], *, attempt: int, starts: int
    ) -> Ending:
        """Run the job of a row.

        ``attempt`` counts rows (from 1), ``starts`` how often this row was begun, by this process
        and by those that died in it.
        """
        began = time.monotonic()
        with doing("job", None, job=name, **self._subject(data)):
            ending = self._run(id_, name, data, attempt=attempt, starts=starts)
            note(outcome=ending[0])
        if self._codec.knows(name):
            count(Metric.JOBS, kind=name, outcome=ending[0].replace(" ", "_"))
            observe(Metric.JOB_DURATION, time.monotonic() - began, kind=name)
        return ending

    def _run(
        self, id_: str, name: str, data: Mapping[str, Any], *, attempt: int, starts: int
    ) -> Ending:
        told = f"job {name} {id_} {dict(data)} (attempt {attempt})"
        try:
            key = self._codec.restore(name, data)
        except InvariantError as error:
            log.error("%s failed: %s", told, error)
            return FAILED, None
        try:
            if starts > self._recoveries + 1:
                raise InvariantError(
                    f"The process ended {starts - 1} times while this job ran, so it is not"
                    " started again."
                )
            self._jobs[type(key)](key)
        except GitbotError as error:
            ending = self._ending(error, attempt, told)
            self._tell(key, error, told, final=ending[1] is None)
            return ending
        except Exception as error:  # the boundary: one bug must not end the server
            log.exception("%s failed unexpectedly", told)
            self._tell(key, error, told, final=True)
            return FAILED, None
        return DONE, None

    def _ending(self, error: GitbotError, attempt: int, told: str) -> Ending:
        """Log the error, and decide by its class how the attempt ended."""
        match error:
            case UnfinishedError():
                log.info("%s goes on: %s", told, error)
                return RETRIED, error.retry_after_s
            case TransientError():
                asked_s = max(0.0, error.retry_after_s)
            case StaleError():
                # The job reads everything again when it runs again, so it need not wait long.
                asked_s = STALE_RETRY_S
            case _:
                log.error("%s failed: %s", told, error)
                return FAILED, None
        delay_s = self._retries.delay_s(attempt, asked_s)
        if delay_s is None:
            log.error("%s gave up: %s", told, error)
            return GAVE_UP, None
        log.warning("%s must wait: %s", told, error)
        return RETRIED, delay_s

    def _tell(self, key: JobKey, error: Exception, told: str, *, final: bool) -> None:
        if self._failed is None:
            return
        try:
            self._failed(key, error, final=final)
        except Exception:  # reporting comes last: nobody else can catch this
            log.exception("%s: its failure could not be reported", told)
