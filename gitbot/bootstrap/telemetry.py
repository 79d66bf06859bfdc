"""Puts together who receives what the server tells, and where its gauges come from. Shell."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.queue import JobFigures
from gitbot.adapters.telemetry.logs import configure_logs
from gitbot.adapters.telemetry.table import Sample, Source
from gitbot.adapters.telemetry.traces import tracing
from gitbot.decisions.readiness import Check
from gitbot.model.drift import Finding
from gitbot.model.names import EnvironmentKey
from gitbot.ports.records import Inbox, Records
from gitbot.ports.telemetry import use
from gitbot.ports.time import Clock
from gitbot.settings import Settings

if TYPE_CHECKING:
    from gitbot.adapters.telemetry.metrics import PrometheusMeter

log = logging.getLogger("gitbot")

Gauges: TypeAlias = Mapping[str, Iterable[Sample]]


def start_logging(settings: Settings) -> None:
    """Write the log of this process as the settings say."""
    configure_logs(settings.log, LocalProcesses().name())


@contextmanager
def receiving(settings: Settings) -> Iterator[PrometheusMeter | None]:
    """Let those that the settings and OTEL_* name receive what is told while the block lasts.

    Yields the figures, None where nobody wants them. Begin it before clients of AWS are made: these tell
    of their calls only where somebody listens. Nothing is imported that is not wanted.
    """
    meter: PrometheusMeter | None = None
    if settings.metrics_listen:
        from gitbot.adapters.telemetry.metrics import PrometheusMeter

        meter = PrometheusMeter()
    with tracing(os.environ, LocalProcesses().name()) as tracer, use(meter, tracer):
        yield meter


@contextmanager
def serving(
    meter: PrometheusMeter | None, listen: str, sources: Callable[[], Sequence[Source]]
) -> Iterator[None]:
    """Give the figures and those of ``sources`` to Prometheus while the block lasts.

    Raises:
        UserError: the address cannot be used.
    """
    if meter is None:
        yield
        return
    meter.read_from(sources())
    with meter.serving(listen) as url:
        log.info("metrics are at %s", url)
        yield


def queue_source(figures: Callable[[], Sequence[JobFigures]]) -> Source:
    """How many jobs are in the queue, and for how long the oldest have waited."""

    def read() -> Gauges:
        found = figures()
        return {
            "gitbot_queue_jobs": [((one.job, one.state), one.number) for one in found],
            "gitbot_queue_oldest_seconds": [
                ((one.job,), one.oldest_s) for one in found if one.state == "queued"
            ],
        }

    return Source(names=("gitbot_queue_jobs", "gitbot_queue_oldest_seconds"), read=read)


def inbox_source(inbox: Inbox, clock: Clock) -> Source:
    """How many deliveries wait for their jobs, and for how long."""

    def read() -> Gauges:
        number, oldest = inbox.backlog()
        age_s = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
        return {
            "gitbot_inbox_deliveries": [((), number)],
            "gitbot_inbox_oldest_seconds": [((), age_s)],
        }

    return Source(names=("gitbot_inbox_deliveries", "gitbot_inbox_oldest_seconds"), read=read)


def records_source(records: Records, served: Callable[[], Mapping[str, str]]) -> Source:
    """What waits for people: held applies and drift. ``served`` are the names of the repositories, by id."""

    def read() -> Gauges:
        held: list[Sample] = []
        drifted: list[Sample] = []
        for repository, name in served().items():
            for environment in records.journal.environments_of(repository):
                key = EnvironmentKey(repository=repository, environment=environment)
                held.append(((name, environment), len(records.runs.held(key))))
                live = [row.finding for row in records.drift.of_environment(key) if row.live]
                drifted += [
                    ((name, environment, finding.value), live.count(finding)) for finding in Finding
                ]
        return {"gitbot_held_runs": held, "gitbot_drifted_stacks": drifted}

    return Source(names=("gitbot_held_runs", "gitbot_drifted_stacks"), read=read)


def process_source(
    clock_ahead_s: Callable[[], float | None],
    children: Callable[[], Mapping[str, int]],
    checks: Callable[[], Mapping[Check, str]],
) -> Source:
    """What this process is and has."""

    def read() -> Gauges:
        ahead = clock_ahead_s()
        return {
            "gitbot_server_info": [((version("gitbot"),), 1.0)],
            "gitbot_clock_ahead_seconds": [] if ahead is None else [((), ahead)],
            "gitbot_check": [((check.value,), not why) for check, why in checks().items()],
            "gitbot_loader_children": [((trust,), number) for trust, number in children().items()],
        }

    names = (
        "gitbot_server_info",
        "gitbot_check",
        "gitbot_clock_ahead_seconds",
        "gitbot_loader_children",
    )
    return Source(names=names, read=read)
