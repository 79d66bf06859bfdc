"""Plan one stack: read what it needs to know of the cloud, then decide. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gitbot.jobs.world import Engine
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Sha, StackId
from gitbot.model.observed import Observation, Unread
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports import Cloud
from gitbot.reconciler.guards import guards
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.reading import read_requests


def plan_stack(
    engine: Engine,
    cloud: Cloud,
    *,
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    commit: Sha | None,
    refresh: bool = True,
) -> Plan:
    """The plan of one stack, without guards. ``desired`` None is a plan towards nothing.

    Raises:
        SpecError: plan-time diagnostics.
        CloudError, TransientError: the cloud could not be read.
    """
    schemas = engine.clouds.schemas
    requests = read_requests(desired, recorded, schemas)
    observed: dict[str, Observation]
    if refresh:
        observed = dict(cloud.read(requests)) if requests else {}
    else:
        observed = {request.address: Unread() for request in requests}
    return make_plan(
        stack=stack,
        desired=desired,
        recorded=recorded,
        observed=observed,  # type: ignore[arg-type]
        schemas=schemas,
        account=cloud.account(),
        commit=commit,
        redactor=engine.redactor,
        bind=engine.loader.bind,
        pack_version=engine.clouds.pack_version,
    )


def guarded(
    plans: Sequence[Plan], *, recorded: Sequence[RecordedStack], environment_has_errors: bool
) -> tuple[Plan, ...]:
    """The plans of one apply with the guards that they meet together."""
    total = sum(len(stack.resources) for stack in recorded)
    return tuple(
        replace(
            plan,
            guards=guards(
                plan,
                environment_resources=total,
                environment_has_errors=environment_has_errors,
            ),
        )
        for plan in plans
    )
