"""The port through which all parts tell what they do: figures, spans and what a log line is about. Shell.

It is used like ``logging``: any part calls it, and ``use`` says once per process who receives it.
Until then nobody does, and a call costs a dictionary look-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from enum import StrEnum
from typing import ParamSpec, Protocol, TypeVar

from gitbot.model.names import Sha, StackId

P = ParamSpec("P")
T = TypeVar("T")


class Metric(StrEnum):
    """What is counted or measured, by the name that Prometheus has for it.

    The telemetry adapter says what each one means and which labels it has.
    """

    DELIVERIES = "gitbot_deliveries"
    API_REQUESTS = "gitbot_api_requests"
    JOBS = "gitbot_jobs"
    JOB_DURATION = "gitbot_job_duration_seconds"
    RUNS = "gitbot_runs"
    PLAN_DURATION = "gitbot_plan_duration_seconds"
    APPLY_DURATION = "gitbot_apply_duration_seconds"
    CHANGES = "gitbot_resource_changes"
    LEASES = "gitbot_lease_requests"
    GITHUB_REQUESTS = "gitbot_github_requests"
    GITHUB_DURATION = "gitbot_github_request_duration_seconds"
    GITHUB_REMAINING = "gitbot_github_rate_limit_remaining"
    GITHUB_LIMIT = "gitbot_github_rate_limit"
    AWS_CALLS = "gitbot_aws_calls"
    AWS_DURATION = "gitbot_aws_call_duration_seconds"
    AWS_THROTTLES = "gitbot_aws_throttles"
    LOADER_DEATHS = "gitbot_loader_deaths"


class Meter(Protocol):
    """Receives figures. Safe to call from any thread."""

    def add(self, metric: Metric, amount: float, labels: Mapping[str, str]) -> None:
        """Add to a counter."""

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str]) -> None:
        """Note one duration in seconds, or the newest value of a gauge."""


class Tracer(Protocol):
    """Receives spans. A span belongs to the one that is open around it in this context."""

    def span(self, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
        """Open a span for the time of the block. Of an error that leaves it, it keeps the type only."""

    def note(self, attributes: Mapping[str, str]) -> None:
        """Add to the span that is open in this context."""

    def carried(self) -> Mapping[str, str]:
        """What another process needs to go on with the span of this context; empty when there is none."""

    def resumed(self, carried: Mapping[str, str]) -> AbstractContextManager[None]:
        """Let the spans of the block belong to the span that ``carried`` was taken from."""


class _Nobody:
    """Receives nothing."""

    def add(self, metric: Metric, amount: float, labels: Mapping[str, str]) -> None:
        """Forget it."""

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str]) -> None:
        """Forget it."""

    def span(self, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
        """Open nothing."""
        return nullcontext()

    def note(self, attributes: Mapping[str, str]) -> None:
        """Forget it."""

    def carried(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def resumed(self, carried: Mapping[str, str]) -> AbstractContextManager[None]:
        """Resume nothing."""
        return nullcontext()


class _Receivers:
    """Who receives what is told; one of each in a process."""

    def __init__(self) -> None:
        self.meter: Meter = _Nobody()
        self.tracer: Tracer = _Nobody()

    @property
    def listen(self) -> bool:
        return not (isinstance(self.meter, _Nobody) and isinstance(self.tracer, _Nobody))


_receivers = _Receivers()
_nothing: Mapping[str, str] = {}
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_nothing)


@contextmanager
def use(meter: Meter | None = None, tracer: Tracer | None = None) -> Iterator[None]:
    """Let these receive everything that is told while the block lasts; None leaves what is there."""
    before = (_receivers.meter, _receivers.tracer)
    _receivers.meter, _receivers.tracer = meter or before[0], tracer or before[1]
    try:
        yield
    finally:
        _receivers.meter, _receivers.tracer = before


def is_heard() -> bool:
    """Whether anybody receives figures or spans, so that it is worth the work to gather them."""
    return _receivers.listen


def count(metric: Metric, amount: float = 1.0, /, **labels: str) -> None:
    """Add to a counter."""
    _receivers.meter.add(metric, amount, labels)


def observe(metric: Metric, value: float, /, **labels: str) -> None:
    """Note one duration in seconds, or the newest value of a gauge."""
    _receivers.meter.observe(metric, value, labels)


def span(name: str, /, **attributes: str) -> AbstractContextManager[None]:
    """A span for the time of the block."""
    return _receivers.tracer.span(name, attributes)


def note(**attributes: str) -> None:
    """Add to the span that is open here."""
    _receivers.tracer.note(attributes)


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Let every log line of the block name these; empty ones are left out, inner ones win."""
    told = {name: value for name, value in fields.items() if value}
    token = _about.set({**_about.get(), **told})
    try:
        yield
    finally:
        _about.reset(token)


def subject() -> Mapping[str, str]:
    """What the code that runs now is about: the fields of all ``about`` around it."""
    return _about.get()


@contextmanager
def doing(name: str, /, duration: Metric | None = None, **fields: str) -> Iterator[None]:
    """A span about these fields, which log lines name too.

    ``duration`` also receives how long the block took, with the label ``outcome``: ``ok`` or
    ``failed``.
    """
    began, outcome = time.monotonic(), "failed"
    with about(**fields), span(name, **subject()):
        try:
            yield
            outcome = "ok"
        finally:
            if duration is not None:
                observe(duration, time.monotonic() - began, outcome=outcome)


def fields_of(stack: StackId, commit: Sha | None) -> Mapping[str, str]:
    """The fields of ``about`` for what is done to a stack."""
    return {"environment": stack.environment, "stack": stack.name, "commit": commit or ""}


def carried() -> Mapping[str, str]:
    """What a job needs to go on with what this code is about: the delivery and the trace."""
    delivery = subject().get("delivery", "")
    return {**_receivers.tracer.carried(), **({"delivery": delivery} if delivery else {})}


@contextmanager
def resumed(given: Mapping[str, str]) -> Iterator[None]:
    """Go on with what ``carried`` gave, in another thread or process."""
    with about(delivery=given.get("delivery", "")), _receivers.tracer.resumed(given):
        yield


def here(work: Callable[P, T]) -> Callable[P, T]:
    """``work`` for another thread, where it is about the same and its spans belong to the same one."""
    context = copy_context()

    def run(*given: P.args, **named: P.kwargs) -> T:
        # Each call has a copy of its own, because two threads cannot be in one context.
        return context.copy().run(work, *given, **named)

    return run
