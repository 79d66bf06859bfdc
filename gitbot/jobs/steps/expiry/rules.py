"""Read the rules by which the stacks of an environment expire. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.agreements import rules_at
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment


def rules_now(ports: Ports, seen: Look, environment: str) -> Environment | None:
    """The environment at the tip; while its file has errors, as it was when it was last applied.

    A broken file holds every destruction back, but neither warnings nor stops. None when the tip
    does not have the environment, or it was never applied.
    """
    found = seen.at_tip.environments.get(environment)
    if found is not None or not seen.at_tip.errors(environment):
        return found
    applied = ports.records.journal.applied_tip(seen.key(environment))
    return None if applied is None else rules_at(seen, applied, environment)
