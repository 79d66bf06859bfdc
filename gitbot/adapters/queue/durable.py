"""Start and stop the job queue on DBOS Transact, and enqueue jobs. Shell."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_errors

from gitbot.adapters.private_files import private_file
from gitbot.adapters.queue import rows
from gitbot.adapters.queue.keys import KeyCodec
from gitbot.adapters.queue.membership import Alone, Membership
from gitbot.adapters.queue.orphans import Orphans
from gitbot.adapters.queue.pruning import Pruner
from gitbot.adapters.queue.retries import Retries
from gitbot.adapters.queue.rows import JobFigures, QueueStatus
from gitbot.adapters.queue.runner import RETRIED, Ending, Failed, Job, Runner, Subject, no_subject
from gitbot.adapters.queue.sqlite_clock import teach_sqlite
from gitbot.errors import InvariantError, TransientError
from gitbot.model.keys import JobKey, Lane
from gitbot.ports import telemetry

log = logging.getLogger(__name__)

# Pinned, because DBOS would hash the workflow's source by default, and every edit would then strand
# the rows of the version before it. Raise it when rows change their shape: the queue cancels the
# rows of other versions when it starts.
JOBS_VERSION = "jobs-2"
# How many jobs of a lane one process runs at once. Each lane has workers of its own. DBOS counts a
# job only once its thread runs, so that a burst on a busy machine can exceed the number by a few.
# Partitions do not depend on it: the database counts those.
WORKERS = {Lane.APPLIES: 8, Lane.ANSWERS: 4, Lane.PLANS: 4, Lane.CHORES: 4, Lane.TIME: 4}
_WORKFLOW = "gitbot_job"
# DBOS gives up later than the runner does, so that the runner can report the job. DBOS ends a job
# that kills its process even while it is being reported.
_SPARE_STARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What exists only between ``start`` and ``stop``."""

    engine: sa.Engine
    client: DBOSClient
    pruner: Pruner
    orphans: Orphans


class DurableQueue:
    """A ``JobQueue`` that survives its process: every enqueued job is run at least once.

    Jobs of one partition run one after the other; jobs of different partitions run side by side,
    as many as ``WORKERS`` says of their lane. A job whose process died is run again, at most
    ``recoveries`` times: when the next process of a SQLite file starts, or by another process of a
    database of PostgreSQL. Jobs must therefore be idempotent. There is one instance per process.
    """

    def __init__(
        self,
        where: str | Path,
        jobs: Mapping[type[JobKey], Job],
        *,
        executor_id: str,
        membership: Membership | None = None,
        failed: Failed | None = None,
        subject: Subject = no_subject,
        poll_s: float = 0.2,
        recoveries: int = 5,
        retries: Retries | None = None,
        keep_s: float = 30 * 86400.0,
    ) -> None:
        """``where`` is the path of a SQLite file, or the SQLAlchemy URL of PostgreSQL.

        ``membership`` keeps the processes of the database apart; a SQLite file has one process.
        ``executor_id`` must be unique among all processes that ever share the database: DBOS runs a
        job twice at once when two processes have the same one. Finished jobs and their ids are kept
        for ``keep_s`` seconds, which is longer than GitHub redelivers. Nothing is opened before
        ``start``.
        """
        path = None if isinstance(where, str) and "://" in where else Path(where).absolute()
        self._path = path
        self._url = str(where) if path is None else f"sqlite:///{path}"
        if membership is None and path is None:
            raise InvariantError("A database that processes share needs a membership.")
        self._membership = membership or Alone(Path(where).absolute(), executor_id)
        self._codec = KeyCodec(jobs)
        self._executor_id = executor_id
        self._poll_s = poll_s
        self._recoveries = recoveries
        self._retries = retries or Retries()
        self._keep_s = keep_s
        self._runner = Runner(jobs, self._codec, self._retries, recoveries, failed, subject)
        self._opened: _Opened | None = None
        self._running = 0
        self._threads: set[str] = set()
        self._stopping = threading.Event()
        self._running_lock = threading.Lock()

    # --- life

    def start(self) -> None:
        """Open the queue, take up the jobs of a dead process and begin to run jobs.

        Raises:
            UserError: another process serves this file, or the database cannot be used.
        """
        self._membership.join()
        try:
            self._opened = opened = self._open()
            lanes = {lane.value for lane in WORKERS}
            self._membership.before_launch(opened.engine, opened.client, JOBS_VERSION, lanes)
            self._launch()
            self._membership.after_launch(opened.engine, JOBS_VERSION)
            opened.orphans.start()
        except BaseException:
            self.stop(0)
            raise

    def _open(self) -> _Opened:
        _tame_logging()
        teach_sqlite()
        if self._path is not None:
            private_file(self._path)
        self._membership.migrate()
        engine = rows.open_engine(self._url)
        client = DBOSClient(
            system_database_url=self._url,
            serializer=DBOSPortableJSONSerializer(),
            application_name="gitbot",
            # A webhook must not hang while the database is unreachable.
            retry_connection_errors=False,
        )
        # Register before the launch: afterwards DBOS looks for new queues only once a second.
        for lane, workers in WORKERS.items():
            client.register_queue(
                lane.value,
                partition_concurrency=1,
                worker_concurrency=workers,
                polling_interval_sec=self._poll_s,
            )
        return _Opened(
            engine=engine,
            client=client,
            pruner=Pruner(client, engine, self._keep_s),
            orphans=Orphans(engine, self._executor_id, JOBS_VERSION, self._held),
        )

    def _launch(self) -> None:
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

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=self._recoveries + _SPARE_STARTS)
        def job(name: str, data: dict[str, Any], attempt: int) -> str:
            return self._held_job(str(DBOS.workflow_id), name, data, attempt)

        DBOS.launch()

    def stop(self, drain_s: float) -> bool:
        """Start no more jobs and wait up to ``drain_s`` seconds for the running ones; False if some
        still run.

        Those still run in their threads, and the next process runs them again. So after False this
        process must exit (``os._exit``) at once. It keeps the lock until then.
        """
        self._stopping.set()
        self._membership.pause()
        if self._opened is not None:
            self._opened.orphans.stop()
        with self._running_lock:
            idle = self._running == 0
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=0 if idle else math.ceil(drain_s),
        )
        if self._opened is not None:
            self._opened.client.destroy()
            self._opened.engine.dispose()
            self._opened = None
        with self._running_lock:
            drained = self._running == 0
        if drained:
            self._membership.leave()
        return drained

    # --- asking

    def enqueue(self, key: JobKey) -> bool:
        """Enqueue once: the same id again does nothing and returns False, also after the job ended.

        A new job cancels the queued ones that it supersedes, but never one that has begun.

        Raises:
            InvariantError: the queue is not started, or no job belongs to the key.
            TransientError: the database is locked, full or away; nothing was enqueued.
        """
        delay_s = 0.0 if key.not_before is None else key.not_before.timestamp() - time.time()
        new = self._insert(key, key.id, attempt=1, delay_s=delay_s)
        if new and key.supersedes is not None:
            rows.supersede(self._open_or_raise().engine, key.supersedes, key.id)
        return new

    def _insert(self, key: JobKey, row_id: str, *, attempt: int, delay_s: float) -> bool:
        name, data = self._codec.write(key)
        client = self._open_or_raise().client
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": key.lane.value,
            "queue_partition_key": key.partition,
            "workflow_id": row_id,
            "workflow_id_reuse_policy": "reject",
            "app_version": JOBS_VERSION,
        }
        if delay_s > 0:
            options["delay_seconds"] = delay_s
        if carried := telemetry.carried():
            options["attributes"] = dict(carried)
        try:
            client.enqueue(options, name, data, attempt)
        except dbos_errors.DBOSWorkflowIDInUseError:
            return False
        except sa.exc.OperationalError as error:
            raise TransientError(f"The job was not enqueued: {error.orig}.") from error
        return True

    def status(self) -> QueueStatus:
        """How many jobs wait and run in all, for whoever waits until they have ended."""
        counts: Counter[str] = Counter()
        for one in self.figures():
            counts[one.state] += one.number
        running = counts.pop("running", 0)
        return QueueStatus(queued=counts.total(), running=running)

    @property
    def lock_held_ago_s(self) -> float | None:
        """Seconds since this process was known to hold its lock; None where it shares the database with none."""
        return self._membership.held_ago_s

    def figures(self) -> Sequence[JobFigures]:
        """How many jobs of each kind wait and run, for the metrics."""
        return rows.figures(self._open_or_raise().engine)

    def pending(self) -> int:
        """How many jobs are queued or running."""
        status = self.status()
        return status.queued + status.running

    def _open_or_raise(self) -> _Opened:
        if self._opened is None:
            raise InvariantError("The job queue is not running.")
        return self._opened

    # --- running

    def _held(self) -> AbstractSet[str]:
        """The ids of the jobs that threads of this process run now."""
        with self._running_lock:
            return frozenset(self._threads)

    def _held_job(self, row_id: str, name: str, data: dict[str, Any], attempt: int) -> str:
        with self._running_lock:
            self._threads.add(row_id)
        try:
            return self._job(name, data, attempt)
        except sa.exc.DBAPIError as error:
            # DBOS would end the job, though it failed at no fault of its own.
            log.warning("job %s is tried again: the database was away: %s", row_id, error.orig)
            self._try_again(self._codec.restore(name, data), attempt + 1)
            return RETRIED
        finally:
            with self._running_lock:
                self._threads.discard(row_id)

    def _try_again(self, key: JobKey, attempt: int) -> None:
        """Enqueue the next attempt as soon as the database can be reached."""
        while not self._stopping.is_set():
            try:
                self._insert(key, f"{key.id}#{attempt}", attempt=attempt, delay_s=1.0)
                return
            except TransientError:
                self._stopping.wait(1.0)
        raise TransientError("The process stops before the database is back.")

    def _job(self, name: str, data: dict[str, Any], attempt: int) -> str:
        """Run the job as one step of the one workflow, then enqueue its retry as a row of its own.

        The retry is a new row with a delay, so that waiting takes neither a thread nor a worker and
        does not hold up a stop.
        """
        row_id = str(DBOS.workflow_id)
        with telemetry.resumed(rows.attributes(self._open_or_raise().engine, row_id)):
            ending, delay_s = DBOS.run_step({"name": "run"}, self._run, row_id, name, data, attempt)
            if delay_s is not None:
                again = self._codec.restore(name, data)
                DBOS.run_step({"name": "retry"}, self._retry, again, attempt + 1, delay_s)
        return ending

    def _run(self, row_id: str, name: str, data: dict[str, Any], attempt: int) -> Ending:
        with self._running_lock:
            self._running += 1
        try:
            opened = self._open_or_raise()
            starts = rows.starts(opened.engine, row_id)
            ending = self._runner.run(row_id, name, data, attempt=attempt, starts=starts)
            opened.pruner.prune_when_due()
            return ending
        finally:
            with self._running_lock:
                self._running -= 1

    def _retry(self, key: JobKey, attempt: int, delay_s: float) -> bool:
        """Enqueue the next attempt, unless a newer job replaces this one: that reads all anew."""
        prefix, row_id = key.supersedes, str(DBOS.workflow_id)
        if prefix is not None and rows.is_replaced(self._open_or_raise().engine, prefix, row_id):
            return False
        return self._insert(key, f"{key.id}#{attempt}", attempt=attempt, delay_s=delay_s)


def _tame_logging() -> None:
    # With a handler of its own DBOS would print to the terminal beside the program's log.
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
