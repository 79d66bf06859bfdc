"""Builds and runs the server: webhooks, jobs, queue, scheduler and stores. Shell."""

from __future__ import annotations

import functools
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from gitbot.adapters.github import GitHubForges
from gitbot.adapters.github.answers import SILENCE
from gitbot.adapters.github.device import GitHubDeviceLogins
from gitbot.adapters.private_files import private_folder
from gitbot.adapters.queue import DurableQueue, Job
from gitbot.adapters.scheduler import Interval, Scheduler
from gitbot.adapters.secrets import hiding_in_logs
from gitbot.adapters.telemetry.table import Source
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.health import Watch
from gitbot.bootstrap.jobs import JOBS
from gitbot.bootstrap.listener import Listener
from gitbot.bootstrap.membership import Member, member_of
from gitbot.bootstrap.pump import Pump
from gitbot.bootstrap.served import Served
from gitbot.bootstrap.telemetry import (
    inbox_source,
    process_source,
    queue_source,
    receiving,
    records_source,
    serving,
)
from gitbot.decisions.readiness import Check, checked, is_ready
from gitbot.errors import UserError
from gitbot.jobs.steps.failures import end_failure, report_failure
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.schedules import wake_due
from gitbot.model.keys import JobKey, Sweep
from gitbot.model.names import Address, StackId
from gitbot.model.places import Place
from gitbot.settings import Settings
from gitbot.webhooks.api import ROUTES, Api, blueprint
from gitbot.webhooks.app import Health, create_app
from gitbot.webhooks.door import Door, stop_door

log = logging.getLogger("gitbot")

EXIT_UNDRAINED = 3
SWITCH_S = 0.0005
"""After how long a thread that computes lets another one have its turn. With Python's 5 ms, a
request waits that long each time that it comes back from the database while jobs compute."""
# The schedule counts as neglected after both: a busy machine may miss a few ticks.
_LATE_S, _LATE_TICKS = 60.0, 12


class Server:
    """A server. ``url`` is the address of its webhook listener."""

    def __init__(
        self, settings: Settings, opened: Opened, member: Member, stopping: threading.Event
    ) -> None:
        self._settings = settings
        self._stopping = stopping
        self._forges = _forges(settings)
        self._journal = opened.records.journal
        self._children = opened.children
        self._names: dict[str, str] = {}
        self._served = Served(settings.repositories, self._open_repository)
        self._process = member.name
        self._queue = DurableQueue(
            member.queue.where,
            self._jobs(),
            executor_id=self._process,
            membership=member.membership,
            failed=self._report_failure,
            subject=self._subject_of,
        )
        self._watch = Watch(self._queue.figures, opened.identify)
        records = opened.records
        listener = self._listener(opened)
        self._ports = Ports(
            engine=opened.engine,
            forges=self._forges,
            records=records,
            queue=self._queue,
            hear=listener.hear_text,
            keep_runs=timedelta(days=settings.keep_runs),
        )
        self._scheduler = Scheduler(
            self._queue.enqueue, self._tick, timedelta(seconds=settings.tick_s)
        )
        self._schedule_sweeps()
        self._pump = self._pump_of(opened, member, listener)
        self._http = _listen(self._app(), settings.listen, settings.proxies)
        self._door = threading.Thread(target=self._http.run, name="door", daemon=True)
        self._seeker = threading.Thread(target=self._seek_missing, name="seeker", daemon=True)

    def _app(self) -> Flask:
        settings = self._settings
        app = create_app(
            secrets=[part.strip() for part in settings.webhook_secret.split(",") if part.strip()],
            hear=self._pump.take,
            health=self._health,
        )
        api = Api(
            ports=self._ports,
            repositories=settings.repositories,
            device_logins=_device_logins(settings),
        )
        app.register_blueprint(blueprint(api, ROUTES))
        return app

    def _listener(self, opened: Opened) -> Listener:
        records = opened.records
        return Listener(
            commands=records.commands,
            pull_requests=records.pull_requests,
            said=records.said,
            drift=records.drift,
            freezes=records.freezes,
            queue=self._queue,
            login=self._forges.login,
            branch=self._settings.branch,
        )

    def _pump_of(self, opened: Opened, member: Member, listener: Listener) -> Pump:
        return Pump(
            opened.records.inbox,
            note=listener.note,
            enqueue=self._queue.enqueue,
            turns=member.turns,
            clock=opened.engine.clock,
            served=self._served,
        )

    @property
    def url(self) -> str:
        """The address of the webhook listener, with the port that it really has."""
        return f"http://{self._http.effective_host}:{self._http.effective_port}"

    def start(self) -> None:
        """Continue the jobs of an earlier process, listen, and sweep each repository once."""
        self._queue.start()
        self._pump.start()
        self._watch.start()
        self._door.start()
        self._scheduler.start()
        for repository in self._served:
            self._queue.enqueue(Sweep(repository=repository, reason=f"start:{self._process}"))
        self._seeker.start()
        log.info("listening at %s for %s", self.url, ", ".join(self._settings.repositories))

    def sources(self) -> Sequence[Source]:
        """Where the gauges of this server come from."""
        return (
            process_source(lambda: self._forges.clock_ahead_s, self._children, self._checks),
            queue_source(self._queue.figures),
            inbox_source(self._ports.records.inbox, self._ports.clock),
            records_source(self._ports.records, lambda: dict(self._names)),
        )

    def stop(self) -> bool:
        """Stop listening, let running jobs finish what they have begun, and keep the rest queued.

        Returns False when something still runs after ``drain_s``. The process must end then; the
        next one continues from there.
        """
        self._stopping.set()
        self._watch.stop()
        self._seeker.join()
        self._scheduler.stop()
        stop_door(self._http)
        self._pump.stop()
        return self._queue.stop(drain_s=self._settings.drain_s)

    def _open_repository(self, full_name: str) -> str:
        """Open the repository and return its id.

        Raises:
            UserError, TransientError: it cannot be reached, or has no such branch.
        """
        repository = self._forges.open(full_name).repository()
        self._journal.note_repository(repository.id, repository.full_name)
        self._names[repository.id] = repository.full_name
        # Fail now if the branch is wrong or access is denied, and make the first plan quick.
        mirror = self._forges.mirror(repository.id)
        mirror.fetch()
        mirror.tip()
        return repository.id

    def _schedule_sweeps(self) -> None:
        every = timedelta(seconds=self._settings.sweep_s)
        self._scheduler.replace(sweeps(tuple(self._served), every))

    def _tick(self) -> None:
        wake_due(self._ports, tuple(self._served))

    def _seek_missing(self) -> None:
        """Try the repositories that could not be reached again, as often as the others are swept."""
        while self._served.missing and not self._stopping.wait(self._settings.sweep_s):
            for repository in self._served.retry():
                self._schedule_sweeps()
                reason = f"found:{self._process}"
                self._queue.enqueue(Sweep(repository=repository, reason=reason))

    def _jobs(self) -> Mapping[type[JobKey], Job]:
        return {type_: functools.partial(self._run, job) for type_, job in JOBS.items()}

    def _run(self, job: Callable[[Ports, Any], object], key: JobKey) -> None:
        # The ports need the queue, and the queue needs this table: so look the ports up late.
        job(self._ports, key)
        end_failure(self._ports, key)

    def _subject_of(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        """What the log says of a job with these fields of its key."""
        repository, environment = data.get("repository", ""), data.get("environment", "")
        return {"repository": self._name_of(str(repository)), "environment": str(environment)}

    def _name_of(self, repository: str) -> str:
        """The full name of a served repository; its id while it cannot be reached."""
        return self._names.get(repository, repository)

    def _report_failure(self, key: JobKey, error: Exception, *, final: bool) -> None:
        report_failure(self._ports, key, error, final=final)

    def _checks(self) -> Mapping[Check, str]:
        """Each check of readiness with what is wrong."""
        lacking = self._forges.missing_rights().values()
        sights = replace(
            self._watch.seen(),
            stopping=self._stopping.is_set(),
            lock_s=self._queue.lock_held_ago_s,
            schedule_s=self._scheduler.ticked_ago_s,
            late_s=max(_LATE_S, _LATE_TICKS * self._settings.tick_s),
            served=len(tuple(self._served)),
            missing=self._served.missing,
            silence_s=SILENCE.lasts_s,
            lacking={right for rights in lacking for right in rights},
            ahead_s=self._forges.clock_ahead_s,
        )
        return checked(sights)

    def _health(self) -> Health:
        found = self._checks()
        return Health(
            ready=is_ready(found),
            checks={check.value: why for check, why in found.items()},
            clock_ahead_s=self._forges.clock_ahead_s,
        )


def sweeps(repositories: Sequence[str], every: timedelta) -> tuple[Interval, ...]:
    """An interval for each repository, so that one that cannot be reached delays no other."""
    return tuple(
        Interval(
            name=f"sweep:{repository}",
            every=every,
            key=functools.partial(Sweep, repository=repository),
        )
        for repository in repositories
    )


def _forges(settings: Settings) -> GitHubForges:
    return GitHubForges(
        url=settings.github_url,
        repositories=settings.repositories,
        data=settings.data,
        token=settings.github_token,
        app_id=settings.github_app_id,
        app_key=settings.github_app_key,
        branch=settings.branch,
    )


def _device_logins(settings: Settings) -> GitHubDeviceLogins | None:
    if not settings.client_id:
        return None
    return GitHubDeviceLogins(
        url=settings.github_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
    )


def _listen(app: Flask, listen: str, proxies: int) -> Door:
    given, _, port = listen.rpartition(":")
    host = given or "127.0.0.1"
    try:
        return Door(app, host=host, port=int(port), proxies=proxies)
    except OSError as error:
        raise UserError(f"GITBOT_LISTEN {host}:{port} cannot be used: {error.strerror}") from error


def _make_private(data: Path) -> None:
    try:
        private_folder(data)
    except OSError as error:
        raise UserError(f"GITBOT_DATA {data} cannot be created: {error.strerror}") from error


def log_progress(stack: StackId, address: Address, action: str, phase: str, detail: str) -> None:
    """Write the progress of a walk to the server's log."""
    log.info("%s %s %s %s %s", stack.label, address, action, phase, detail)


@contextmanager
def running_server(settings: Settings) -> Iterator[Server]:
    """A started server, stopped at the end.

    Raises:
        UserError: a setting, a credential or a repository does not work; says which and why.
    """
    # Child processes run in other folders, so make the path absolute.
    settings = replace(settings, data=settings.data.absolute())
    _make_private(settings.data)
    member, stopping = member_of(settings), threading.Event()
    socket.setdefaulttimeout(60)
    sys.setswitchinterval(SWITCH_S)
    with (
        receiving(settings) as meter,
        open_engine(
            member.store,
            hash_key=settings.hash_key,
            stop=stopping.is_set,
            progress=log_progress,
            parallelism=settings.parallelism,
            lease_ttl=timedelta(seconds=settings.lease_s),
            turn=timedelta(seconds=settings.turn_s),
            cache=settings.data / "cache",
            calendar=Path(settings.calendar) if settings.calendar else None,
            processes=member.processes,
        ) as opened,
        hiding_in_logs(opened.engine.hide),
    ):
        _refuse_moved(opened, member.store)
        server = Server(settings, opened, member, stopping)
        with serving(meter, settings.metrics_listen, server.sources), _started(server):
            yield server


def _refuse_moved(opened: Opened, store: Place) -> None:
    moved_to = opened.engine.state.moved_to()
    if moved_to is not None:
        raise UserError(
            f"all state of {store} was moved to {moved_to}: name that one with GITBOT_DATABASE, or with GITBOT_DATA "
            "if it is a file"
        )


@contextmanager
def _started(server: Server) -> Iterator[None]:
    """Start the server, and stop it at the end."""
    server.start()
    try:
        yield
    finally:
        if not server.stop():
            log.warning("something still runs; ending now, the next start continues from there")
            logging.shutdown()
            # A normal exit would wait for the threads of the running jobs.
            os._exit(EXIT_UNDRAINED)
