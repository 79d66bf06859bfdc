"""Say when drift is looked for next, and look at once when something has changed. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gitbot.decisions.drift.healing import due_heals, may_heal_at
from gitbot.decisions.drift.schedule import schedules_of
from gitbot.jobs.steps.drift.causes import looks_for_causes
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import may_now
from gitbot.model.desired import Environment
from gitbot.model.drift import DriftRow
from gitbot.model.freeze import Act
from gitbot.model.keys import DetectDrift, HealDrift
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


def wake_heals(
    ports: Ports, seen: Look, environment: Environment, rows: Iterable[DriftRow]
) -> None:
    """Wake the job that puts back what the environment lets gitbot put back, where it is due."""
    now, schemas = ports.engine.calendar.now(), ports.engine.clouds.schemas
    for row in due_heals(rows, environment.drift.heal, schemas):
        heals = ports.records.drift.heals(row.stack)
        at = may_heal_at(heals, now)
        allowed = may_now(ports, seen, environment, row.stack, Act.HEAL).allowed
        if at is not None and at <= now and allowed:
            ports.queue.enqueue(
                HealDrift(
                    repository=row.stack.repository,
                    environment=row.stack.environment,
                    stack=row.stack.name,
                    reason=f"{row.fingerprint[:16]}:{heals[-1] if heals else 'first'}:{now:%d%H%M}",
                )
            )


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
