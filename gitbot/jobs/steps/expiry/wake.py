"""Look at expiry at once when something has changed that it depends on. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.keys import ExpireStacks


def wake_expiry(ports: Ports, seen: Look, environment: str, reason: str) -> None:
    """Look at the expiry of the environment, if anything of it expires. The same reason wakes once."""
    key, rules = seen.key(environment), seen.at_tip.environments.get(environment)
    headers = ports.engine.state.headers(key.repository, environment)
    if (
        (rules is not None and rules.expiry is not None)
        or any(header.lifetime is not None for header in headers)
        or ports.records.expiries.of_environment(key)
    ):
        ports.queue.enqueue(
            ExpireStacks(repository=key.repository, environment=environment, reason=reason)
        )
