"""Plan one stack again and see what differs, with one look at the cloud. Shell."""

from __future__ import annotations

from gitbot.decisions.drift.ignores import in_force, is_ignored
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.observing import Seen, observe
from gitbot.jobs.steps.planning import Planned, guarded, plan_stack
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.drift import Difference
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.drift import differences


def plan_afresh(
    ports: Ports,
    seen: Look,
    rules: Environment,
    cloud: Cloud,
    desired: DesiredStack,
    recorded: RecordedStack,
) -> tuple[Planned, tuple[Difference, ...]]:
    """The plan with its guards, and how the cloud differs from what was last applied.

    What the specs say to ignore does not differ.

    Raises:
        CloudError, TransientError: the cloud refused to be read, or did not answer.
    """
    engine, stack = ports.engine, seen.stack_id(rules, desired.name)
    (looked,) = observe(engine, cloud, [(desired, recorded)])
    plan = plan_stack(
        engine,
        cloud,
        stack=stack,
        desired=desired,
        recorded=recorded,
        commit=seen.tip,
        reviewed=True,
        seen=looked,
    )
    headers = engine.state.headers(stack.repository, stack.environment)
    (plan,) = guarded(engine, [plan], wanted=seen.wanted(rules.name), recorded=headers)
    planned = Planned(plan=plan, desired=desired, recorded=recorded)
    return planned, _differing(ports, rules, desired, recorded, looked)


def _differing(
    ports: Ports,
    rules: Environment,
    desired: DesiredStack,
    recorded: RecordedStack,
    looked: Seen,
) -> tuple[Difference, ...]:
    """How the stack differs from what was last applied, without what the specs say to ignore."""
    engine = ports.engine
    ignored = {each: one.lifecycle.untold for each, one in desired.resources.items()}
    found = differences(
        recorded, looked.observed, engine.clouds.schemas, engine.redactor, ignored=ignored
    )
    left = in_force(rules.drift.ignore, recorded.id.name, engine.calendar.now())
    return tuple(one for one in found if not is_ignored(one, left))
