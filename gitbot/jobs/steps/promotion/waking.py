"""Wake the promotions into the environments that an event concerns, and say what they wait for. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gitbot.decisions.promotion.schedule import schedules_of
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment
from gitbot.model.keys import Promote
from gitbot.model.promotion import How
from gitbot.model.time import Schedule


def promotion_schedules(
    ports: Ports, seen: Look, environment: Environment, now: datetime
) -> Iterable[Schedule]:
    """When the promotions into the environment are looked at again."""
    rules = environment.promotes_from
    if rules is None or rules.how is How.OFF:
        return ()
    return schedules_of(ports.records.promotions.of_target(seen.key(environment.name)))


def wake_promotions(ports: Ports, seen: Look, reason: str, *, source: str = "") -> None:
    """Wake the promotions into every environment; with ``source``, those that come from it."""
    for name, environment in sorted(seen.at_tip.environments.items()):
        rules = environment.promotes_from
        if rules is None or rules.how is How.OFF:
            wakes = _left_open(ports, seen, name)
        else:
            wakes = source in ("", rules.source)
        if wakes:
            key = Promote(repository=seen.repository.id, environment=name, reason=reason)
            ports.queue.enqueue(key)


def _left_open(ports: Ports, seen: Look, environment: str) -> bool:
    """Whether a pull request of the environment is open although nothing is promoted to it any more."""
    return any(row.live for row in ports.records.promotions.of_target(seen.key(environment)))


def wake_promotion_of(ports: Ports, repository: str, number: int, reason: str) -> None:
    """Wake the promotions whose pull request this is; none for any other pull request."""
    rows = ports.records.promotions.of_pull_request(repository, number)
    for name in sorted({row.target.environment for row in rows}):
        ports.queue.enqueue(Promote(repository=repository, environment=name, reason=reason))
