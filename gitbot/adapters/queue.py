"""The job queue: DBOS Transact behind ``enqueue``; no other module knows it. Shell."""

from __future__ import annotations

import fcntl
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_errors

from gitbot.adapters import queue_rows as rows
from gitbot.adapters.queue_rows import QueueStatus
from gitbot.errors import GitbotError, InvariantError, TransientError, UserError
from gitbot.model.jobs import JobName, JobRequest
from gitbot.model.values import Json

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Json]], None]

# Pinned: by default DBOS hashes the workflow's source, and after any edit would leave old rows
# lying, which then block their partition. Raise it only with a plan for the rows of the old one.
JOBS_VERSION = "jobs-1"
# Applies are serial per environment, plans per pull request and answers per comment (two at once
# would write one comment twice), everything else runs side by side. Queues of their own keep plans
# from taking the places of applies and of answers.
APPLIES, ANSWERS, PULLS, PLANS = "applies", "answers", "pulls", "plans"
_QUEUES = {JobName.PLAN_PULL_REQUEST: PULLS, JobName.ANSWER_COMMENT: ANSWERS}
_WORKFLOW = "gitbot_job"
_PRUNE_EVERY_S = 6 * 3600.0


def _queue_of(request: JobRequest) -> str:
    if request.partition is None:
        return PLANS
    return _QUEUES.get(request.job, APPLIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How a job that raised ``TransientError`` is tried again: after what the error asks for or
    after ``first_s`` doubled with each attempt, whichever is longer, but at most ``longest_s``
    unless the error asks for more. ``attempts`` counts the first run too."""

    attempts: int = 12
    first_s: float = 2.0
    longest_s: float = 300.0

    def delay_s(self, attempt: int, asked_s: float) -> float | None:
        """Seconds until the attempt after ``attempt`` (from 1); None when there is none."""
        if attempt >= self.attempts:
            return None
        return max(asked_s, min(self.first_s * 2.0 ** (attempt - 1), self.longest_s))


class DurableQueue:
    """A ``JobQueue`` that survives its process: what was enqueued is run, at least once.

    Jobs with a partition run one after the other per partition, in order; the others run side by
    side, at most ``plan_concurrency`` of them. A job that died with its process is run again when
    the next one starts, at most ``recoveries`` times. Handlers must therefore be idempotent. One
    instance per process, and one process per SQLite file.
    """

    def __init__(
        self,
        where: str | Path,
        handlers: Mapping[JobName, Handler],
        *,
        executor_id: str = "local",
        poll_s: float = 0.2,
        plan_concurrency: int = 4,
        apply_concurrency: int = 8,
        recoveries: int = 5,
        retries: Retries | None = None,
        keep_s: float = 30 * 86400.0,
    ) -> None:
        """``where`` is the path of a SQLite file or a SQLAlchemy URL. Finished jobs, and with them
        the memory of their ids, are kept for ``keep_s`` seconds: longer than GitHub sends a
        delivery again. Nothing is opened before ``start``."""
        self._path = None if isinstance(where, str) and "://" in where else Path(where).absolute()
        self._url = str(where) if self._path is None else f"sqlite:///{self._path}"
        self._handlers = dict(handlers)
        self._executor_id = executor_id
        self._poll_s = poll_s
        self._plan_concurrency = plan_concurrency
        self._apply_concurrency = apply_concurrency
        self._recoveries = recoveries
        self._retries = retries or Retries()
        self._keep_s = keep_s
        self._lock: IO[str] | None = None
        self._client: DBOSClient | None = None
        self._engine: sa.Engine | None = None
        self._running = 0
        self._running_lock = threading.Lock()
        self._pruned_at = -math.inf

    # --- life

    def start(self) -> None:
        """Open the queue, take up what a dead process left and begin to run jobs.

        Raises:
            UserError: another process serves this file.
        """
        self._take_lock()
        try:
            self._launch()
        except BaseException:
            self.stop(0)
            raise

    def _launch(self) -> None:
        _tame_logging()
        DBOS.migrate(self._url)
        self._engine = rows.open_engine(self._url)
        self._client = DBOSClient(
            system_database_url=self._url,
            serializer=DBOSPortableJSONSerializer(),
            application_name="gitbot",
            # A webhook must not hang for as long as the database is away.
            retry_connection_errors=False,
        )
        # Before the launch, which looks for new queues only once a second afterwards.
        for serial, concurrency in (
            (APPLIES, self._apply_concurrency),
            (ANSWERS, self._plan_concurrency),
            (PULLS, self._plan_concurrency),
        ):
            self._client.register_queue(
                serial,
                partition_concurrency=1,
                worker_concurrency=concurrency,
                polling_interval_sec=self._poll_s,
            )
        self._client.register_queue(
            PLANS, worker_concurrency=self._plan_concurrency, polling_interval_sec=self._poll_s
        )
        DBOS(
            config={
                "name": "gitbot",
                "system_database_url": self._url,
                "application_version": JOBS_VERSION,
                "executor_id": self._executor_id,
                "serializer": DBOSPortableJSONSerializer(),
                "enable_otlp": False,
                "log_level": "ERROR",
            }
        )

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=self._recoveries)
        def job(
            id_: str, name: str, key: dict[str, Any], partition: str | None, attempt: int
        ) -> str:
            return self._job(id_, name, key, partition, attempt)

        DBOS.launch()

    def stop(self, drain_s: float) -> bool:
        """Start nothing new and wait up to ``drain_s`` seconds for running jobs.

        Returns:
            True when all have ended. False: some still run in their threads; they will be run
            again by the next process, so this one must exit (``os._exit``) now. The lock on the
            file is kept until then.
        """
        with self._running_lock:
            idle = self._running == 0
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=0 if idle else math.ceil(drain_s),
        )
        if self._client is not None:
            self._client.destroy()
            self._client = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        with self._running_lock:
            drained = self._running == 0
        if drained and self._lock is not None:
            self._lock.close()
            self._lock = None
        return drained

    def _take_lock(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._path.with_name(f"{self._path.name}.lock").open("a+")
        try:
            # A record lock: it ends with this process and is not inherited by its children.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise UserError(
                f"Another gitbot (process {holder}) serves {self._path.parent} already. Stop it"
                " first, or give this one a data folder of its own."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._lock = file

    # --- asking

    def enqueue(self, request: JobRequest) -> bool:
        """Enqueue once: the same ``id`` again does nothing and returns False, also after the job
        has ended. Only a new job supersedes, and only such as have not begun.

        Raises:
            InvariantError: the queue is not started, or nothing handles the job.
            TransientError: the database is locked, full or away; nothing was enqueued.
        """
        if request.job not in self._handlers:
            raise InvariantError(f"Nothing handles the job {request.job}.")
        new = self._insert(request, request.id, attempt=1)
        if new and request.supersedes is not None:
            rows.supersede(self._database(), request.supersedes, request.id)
        return new

    def _insert(
        self, request: JobRequest, id_: str, *, attempt: int, delay_s: float | None = None
    ) -> bool:
        if self._client is None:
            raise InvariantError("The job queue is not running.")
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _queue_of(request),
            "workflow_id": id_,
            "workflow_id_reuse_policy": "reject",
            "app_version": JOBS_VERSION,
        }
        if request.partition is not None:
            options["queue_partition_key"] = request.partition
        if delay_s is not None:
            options["delay_seconds"] = delay_s
        try:
            self._client.enqueue(
                options,
                request.id,
                request.job.value,
                dict(request.key),
                request.partition,
                attempt,
            )
        except dbos_errors.DBOSWorkflowIDInUseError:
            return False
        except sa.exc.OperationalError as error:
            raise TransientError(f"The job was not enqueued: {error.orig}.") from error
        return True

    def status(self) -> QueueStatus:
        """What waits and what runs, for the health page."""
        return rows.status(self._database())

    def pending(self) -> int:
        """How many jobs are queued or running."""
        status = self.status()
        return status.queued + status.running

    def _database(self) -> sa.Engine:
        if self._engine is None:
            raise InvariantError("The job queue is not running.")
        return self._engine

    # --- running

    def _job(
        self, id_: str, name: str, key: dict[str, Any], partition: str | None, attempt: int
    ) -> str:
        """The one workflow: the handler in one step, then its retry as a job of its own.

        The retry is a new row with a delay, so that waiting takes neither a thread nor a slot and
        does not hold up a stop.
        """
        request = JobRequest(job=JobName(name), key=key, id=id_, partition=partition)
        asked_s = DBOS.run_step({"name": "run"}, self._run, request, attempt)
        if asked_s is None:
            return "done"
        if asked_s < 0:
            return "failed"
        delay_s = self._retries.delay_s(attempt, asked_s)
        if delay_s is None:
            return "gave up"
        DBOS.run_step({"name": "retry"}, self._again, request, attempt + 1, delay_s)
        return "retried"

    def _again(self, request: JobRequest, attempt: int, delay_s: float) -> bool:
        return self._insert(request, f"{request.id}#{attempt}", attempt=attempt, delay_s=delay_s)

    def _run(self, request: JobRequest, attempt: int) -> float | None:
        """Run the handler. None: it ended; a number: seconds to wait before trying again; -1: it
        failed. This is the boundary at which a job's error is logged, once, with job and key."""
        with self._running_lock:
            self._running += 1
        told = f"job {request.job} {request.id} {dict(request.key)} (attempt {attempt})"
        try:
            self._handlers[request.job](request.key)
            self._prune()
        except TransientError as error:
            last = self._retries.delay_s(attempt, error.retry_after_s) is None
            log.log(logging.ERROR if last else logging.WARNING, "%s must wait: %s", told, error)
            return max(0.0, error.retry_after_s)
        except GitbotError as error:
            log.error("%s failed: %s", told, error)
            return -1.0
        except Exception:  # the boundary: one bug must not end the server
            log.exception("%s failed unexpectedly", told)
            return -1.0
        finally:
            with self._running_lock:
                self._running -= 1
        return None

    def _prune(self) -> None:
        """Delete jobs that ended longer than ``keep_s`` ago; asked for by jobs, now and then."""
        with self._running_lock:
            if time.monotonic() - self._pruned_at < _PRUNE_EVERY_S or self._client is None:
                return
            self._pruned_at = time.monotonic()
        before_ms = int((time.time() - self._keep_s) * 1000)
        while ids := rows.ended_before(self._database(), before_ms):
            self._client.delete_workflows(list(ids))


def _tame_logging() -> None:
    # With a handler of its own DBOS would print to the terminal beside the program's log.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
