"""The server, put together: door, jobs, queue, scheduler and stores of one process. Shell."""

from __future__ import annotations

import dataclasses
import functools
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from waitress.server import create_server

from gitbot.adapters.github import GitHubForges
from gitbot.adapters.queue import DurableQueue
from gitbot.adapters.scheduler import Recurring, Scheduler
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.hearing import Ear
from gitbot.errors import StaleError, TransientError, UserError
from gitbot.jobs.answer_comment import answer_comment
from gitbot.jobs.apply_environment import apply_environment
from gitbot.jobs.apply_pull_request import apply_pull_request
from gitbot.jobs.close_pull_request import close_pull_request
from gitbot.jobs.follow_tip import follow_tip
from gitbot.jobs.plan_pull_request import plan_pull_request
from gitbot.jobs.sweep import sweep
from gitbot.jobs.world import World
from gitbot.model.jobs import JobName, JobRequest
from gitbot.model.names import Address
from gitbot.model.values import Json
from gitbot.settings import Settings
from gitbot.webhooks.app import MAX_BODY_BYTES, create_app

JOBS: Mapping[JobName, Callable[[World, Mapping[str, Json]], object]] = {
    JobName.PLAN_PULL_REQUEST: plan_pull_request,
    JobName.CLOSE_PULL_REQUEST: close_pull_request,
    JobName.ANSWER_COMMENT: answer_comment,
    JobName.FOLLOW_TIP: follow_tip,
    JobName.APPLY_ENVIRONMENT: apply_environment,
    JobName.APPLY_PULL_REQUEST: apply_pull_request,
    JobName.SWEEP: sweep,
}

log = logging.getLogger("gitbot")

EXIT_UNDRAINED = 3


class Server:
    """A running gitbot; ``url`` is where its door listens."""

    def __init__(self, settings: Settings, opened: Opened, stopping: threading.Event) -> None:
        self._settings = settings
        self._stopping = stopping
        self._forges = GitHubForges(
            url=settings.github_url,
            repositories=settings.repositories,
            data=settings.data,
            token=settings.github_token,
            app_id=settings.github_app_id,
            app_key=settings.github_app_key,
            branch=settings.branch,
        )
        served = self._served(opened)
        self._queue = DurableQueue(settings.data / "jobs.db", self._handlers())
        ear = Ear(
            runs=opened.runs,
            queue=self._queue,
            clock=opened.engine.clock,
            served=frozenset(served),
            login=self._forges.login,
        )
        self._world = World(
            engine=opened.engine,
            forges=self._forges,
            runs=opened.runs,
            queue=self._queue,
            hear=ear.hear_comment,
        )
        sweeps = Recurring(job=JobName.SWEEP, interval_s=settings.sweep_s)
        self._scheduler = Scheduler([sweeps], self._queue.enqueue)
        app = create_app(
            secrets=[part.strip() for part in settings.webhook_secret.split(",") if part.strip()],
            hear=ear.hear,
            ready=self._not_ready,
        )
        host, _, port = settings.listen.rpartition(":")
        self._http = _listen(
            app,
            host=host or "127.0.0.1",
            port=int(port),
            threads=8,
            max_request_body_size=MAX_BODY_BYTES,
        )
        self._door = threading.Thread(target=self._http.run, name="door", daemon=True)

    @property
    def url(self) -> str:
        """Where the door listens, with the port that was really taken."""
        return f"http://{self._http.effective_host}:{self._http.effective_port}"

    def start(self) -> None:
        """Take up jobs that an earlier process left, listen, and sweep once."""
        self._queue.start()
        self._door.start()
        self._scheduler.start()
        start = f"start:{os.getpid()}:{self._world.clock.now().isoformat()}"
        self._queue.enqueue(JobRequest(job=JobName.SWEEP, key={}, id=start))
        log.info("listening at %s for %s", self.url, ", ".join(self._settings.repositories))

    def stop(self) -> bool:
        """Close the door, let running applies finish what they have begun, keep the rest queued.

        False: something still runs after ``drain_s``; the process must end now, and the next one
        goes on from there.
        """
        self._stopping.set()
        self._scheduler.stop()
        # First the threads: one that answers still needs what ``close`` closes.
        self._http.task_dispatcher.shutdown()
        self._http.close()
        return self._queue.stop(drain_s=self._settings.drain_s)

    def _served(self, opened: Opened) -> tuple[str, ...]:
        ids = []
        for full_name in self._settings.repositories:
            repository = self._forges.open(full_name).repository()
            opened.runs.note_repository(repository.id, repository.full_name)
            # A wrong branch or a missing right to read shows now, and the first plan is quick.
            mirror = self._forges.mirror(repository.id)
            mirror.fetch()
            mirror.tip()
            ids.append(repository.id)
        return tuple(ids)

    def _handlers(self) -> Mapping[JobName, Callable[[Mapping[str, Json]], None]]:
        return {name: functools.partial(self._run, job) for name, job in JOBS.items()}

    def _run(
        self, job: Callable[[World, Mapping[str, Json]], object], key: Mapping[str, Json]
    ) -> None:
        try:
            job(self._world, key)
        except StaleError as error:
            # Jobs are level-based: running again reads the world as it is by now.
            raise TransientError(str(error), retry_after_s=1) from error

    def _not_ready(self) -> str | None:
        return "stopping" if self._stopping.is_set() else None


def _listen(app: Flask, host: str, port: int, **options: int) -> Any:
    try:
        return create_server(app, host=host, port=port, **options)
    except OSError as error:
        raise UserError(f"GITBOT_LISTEN {host}:{port} cannot be had: {error.strerror}") from error


def log_progress(address: Address, action: str, phase: str, detail: str) -> None:
    """A walk's progress in the server's log."""
    log.info("%s %s %s %s", address, action, phase, detail)


@contextmanager
def running_server(settings: Settings) -> Iterator[Server]:
    """A started server, stopped at the end.

    Raises:
        UserError: settings, credentials or repositories do not work; says which and why.
    """
    # Children run in other folders: every path must hold there too.
    settings = dataclasses.replace(settings, data=settings.data.absolute())
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UserError(f"GITBOT_DATA {settings.data} cannot be made: {error.strerror}") from error
    stopping = threading.Event()
    socket.setdefaulttimeout(60)
    with open_engine(
        settings.data / "gitbot.db",
        hash_key=settings.hash_key,
        stop=stopping.is_set,
        progress=log_progress,
        parallelism=settings.parallelism,
        lease_ttl=timedelta(seconds=settings.lease_s),
        cache=settings.data / "cache",
    ) as opened:
        server = Server(settings, opened, stopping)
        server.start()
        try:
            yield server
        finally:
            if not server.stop():
                log.warning("something still runs; ending now, the next start goes on from there")
                logging.shutdown()
                # Python would wait for the threads of running jobs at its own exit.
                os._exit(EXIT_UNDRAINED)
