"""What each metric means, its labels and its kind. Pure.

The names and units follow https://prometheus.io/docs/practices/naming/. Every label has few values: names of
jobs, environments and AWS operations, never of people, stacks, commits or files. None is called ``job`` or
``instance``: Prometheus gives these to what it reads, and would rename ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gitbot.ports.telemetry import Metric


class Kind(StrEnum):
    """The kinds of metrics that Prometheus knows."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A metric. ``shared``: every server reads it from the database, so all tell the same."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    shared: bool = False


Sample: TypeAlias = tuple[Sequence[str], float]
"""The values of a gauge's labels, in the order of the table, and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where gauges come from. ``read`` gives the samples of each gauge of ``names``.

    An error of ``read`` leaves these gauges out, and nothing else.
    """

    names: tuple[str, ...]
    read: Callable[[], Mapping[str, Iterable[Sample]]]


SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)

TOLD: Mapping[Metric, Declared] = {
    Metric.DELIVERIES: Declared(
        kind=Kind.COUNTER,
        help="Requests to the webhook: heard, ignored, pong, refused (its signature), malformed, put_off (the "
        "database or the queue was away) or failed.",
        labels=("event", "outcome"),
    ),
    Metric.API_REQUESTS: Declared(
        kind=Kind.COUNTER,
        help="Requests to the API by the name of the route, none where there is no such route, and by status.",
        labels=("route", "status"),
    ),
    Metric.JOBS: Declared(
        kind=Kind.COUNTER,
        help="Attempts of jobs by how they ended: done, failed, gave_up or retried.",
        labels=("kind", "outcome"),
    ),
    Metric.JOB_DURATION: Declared(
        kind=Kind.HISTOGRAM, help="Time of one attempt of a job.", labels=("kind",), buckets=LONG
    ),
    Metric.RUNS: Declared(
        kind=Kind.COUNTER,
        help="Plans and applies of a stack by the status that they were given.",
        labels=("kind", "status"),
    ),
    Metric.PLAN_DURATION: Declared(
        kind=Kind.HISTOGRAM,
        help="Time to plan one stack; ok or failed.",
        labels=("outcome",),
        buckets=LONG,
    ),
    Metric.APPLY_DURATION: Declared(
        kind=Kind.HISTOGRAM,
        help="Time to carry out the plan of one stack; ok, or failed when it was broken off.",
        labels=("outcome",),
        buckets=LONG,
    ),
    Metric.CHANGES: Declared(
        kind=Kind.COUNTER,
        help="Changes of resources that were carried out, by action; done or failed.",
        labels=("action", "outcome"),
    ),
    Metric.LEASES: Declared(
        kind=Kind.COUNTER,
        help="How often the lease of an environment was asked for: taken, or waited because somebody else had it.",
        labels=("environment", "outcome"),
    ),
    Metric.GITHUB_REQUESTS: Declared(
        kind=Kind.COUNTER,
        help="Requests to GitHub's API by the status of the answer; none where there was no answer.",
        labels=("method", "status"),
    ),
    Metric.GITHUB_DURATION: Declared(
        kind=Kind.HISTOGRAM,
        help="Time of a request to GitHub's API.",
        labels=("method",),
        buckets=SHORT,
    ),
    Metric.GITHUB_REMAINING: Declared(
        kind=Kind.GAUGE,
        help="Requests that GitHub's newest answer said are left in this hour.",
        labels=("resource",),
    ),
    Metric.GITHUB_LIMIT: Declared(
        kind=Kind.GAUGE,
        help="Requests that GitHub allows in an hour.",
        labels=("resource",),
    ),
    Metric.AWS_CALLS: Declared(
        kind=Kind.COUNTER,
        help="Calls to AWS, repetitions not counted: ok, refused, throttled (to the end) or unanswered.",
        labels=("service", "operation", "outcome"),
    ),
    Metric.AWS_DURATION: Declared(
        kind=Kind.HISTOGRAM,
        help="Time of a call to AWS with all its repetitions.",
        labels=("service",),
        buckets=SHORT,
    ),
    Metric.AWS_THROTTLES: Declared(
        kind=Kind.COUNTER,
        help="Answers of AWS that ask for fewer requests, also those after which a repetition worked.",
        labels=("service", "operation"),
    ),
    Metric.LOADER_DEATHS: Declared(
        kind=Kind.COUNTER,
        help="Child processes that specs have killed, by their limits of memory or time.",
        labels=("trust",),
    ),
}
"""What parts tell when it happens. Each server counts its own."""

READ: Mapping[str, Declared] = {
    "gitbot_server_info": Declared(
        kind=Kind.GAUGE, help="Always 1, with the version.", labels=("version",)
    ),
    "gitbot_check": Declared(
        kind=Kind.GAUGE,
        help="The checks of /readyz: 1 where all is well, 0 where something is wrong.",
        labels=("check",),
    ),
    "gitbot_clock_ahead_seconds": Declared(
        kind=Kind.GAUGE, help="How far this machine's clock is ahead of GitHub's."
    ),
    "gitbot_loader_children": Declared(
        kind=Kind.GAUGE,
        help="Child processes that load specs: for reviewed ones and for others.",
        labels=("trust",),
    ),
    "gitbot_queue_jobs": Declared(
        kind=Kind.GAUGE,
        help="Jobs in the queue: queued, delayed (they wait for a time) or running.",
        labels=("kind", "state"),
        shared=True,
    ),
    "gitbot_queue_oldest_seconds": Declared(
        kind=Kind.GAUGE,
        help="For how long the oldest job that could run has waited.",
        labels=("kind",),
        shared=True,
    ),
    "gitbot_inbox_deliveries": Declared(
        kind=Kind.GAUGE,
        help="Deliveries that were taken and have no jobs yet.",
        shared=True,
    ),
    "gitbot_inbox_oldest_seconds": Declared(
        kind=Kind.GAUGE,
        help="For how long the oldest of them has waited.",
        shared=True,
    ),
    "gitbot_held_runs": Declared(
        kind=Kind.GAUGE,
        help="Applies that wait until somebody releases them.",
        labels=("repository", "environment"),
        shared=True,
    ),
    "gitbot_drifted_stacks": Declared(
        kind=Kind.GAUGE,
        help="Stacks with an open or acknowledged finding: drift, error, unmanaged or roll-up.",
        labels=("repository", "environment", "finding"),
        shared=True,
    ),
}
"""What is read when Prometheus asks."""
