"""Say when drift is looked for next, and look at once when something has changed. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gitbot.decisions.drift.schedule import schedules_of
from gitbot.jobs.steps.drift.causes import looks_for_causes
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment
from gitbot.model.keys import DetectDrift
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import Schedule


def drift_schedules(
    ports: Ports, seen: Look, environment: Environment, now: datetime
) -> Iterable[Schedule]:
    """When drift of the environment is looked for: by its rules, and by what waits."""
    key = seen.key(environment.name)
    rows = ports.records.drift.of_environment(key)
    looks = {stack: at for stack, at in looks_for_causes(ports, rows, now)}
    return schedules_of(key, environment.drift, rows, looks)


def wake_drift(ports: Ports, environment: EnvironmentKey, reason: str) -> None:
    """Look for drift at once, if people are told of some now: it may be over.

    The same reason wakes it once.
    """
    if any(row.live for row in ports.records.drift.of_environment(environment)):
        ports.queue.enqueue(
            DetectDrift(
                repository=environment.repository,
                environment=environment.environment,
                reason=reason,
            )
        )
