"""Plan one stack: read what it needs to know of the cloud, then decide. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.jobs.world import Engine
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.observed import Observation, Unread
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.ports import Cloud
from gitbot.reconciler.guards import guards, renamed_stacks
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.reading import read_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what it was made from."""

    plan: Plan
    desired: DesiredStack | None
    recorded: RecordedStack


def read_state(engine: Engine, stack: StackId, desired: DesiredStack | None) -> RecordedStack:
    """The stack's state, under its former name (``metadata.moved``) while that is where it is."""
    recorded = engine.state.read(stack)
    if desired is None or desired.moved_from is None or not recorded.empty:
        return recorded
    former = engine.state.read(replace(stack, name=desired.moved_from))
    return recorded if former.empty else former


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
    observed: Mapping[Address, Observation] = {each.address: Unread() for each in requests}
    if refresh and requests:
        observed = cloud.read(requests)
    return make_plan(
        stack=stack,
        desired=desired,
        recorded=recorded,
        observed=observed,
        schemas=schemas,
        account=cloud.account(),
        commit=commit,
        redactor=engine.redactor,
        bind=engine.loader.bind,
        pack_version=engine.clouds.pack_version,
    )


def guarded(
    plans: Sequence[Plan],
    *,
    desired: Iterable[DesiredStack],
    recorded: Sequence[RecordedStack],
    environment_has_errors: bool,
    schemas: SchemaLookup,
) -> tuple[Plan, ...]:
    """The plans of one apply with the guards that they meet together.

    ``desired`` and ``recorded`` are all stacks of the environment.
    """
    names = renamed_stacks(desired, recorded, schemas)
    renamed = {*names, *names.values()}
    deletions = sum(
        change.action is Action.DELETE and change.deposed_operation is None
        for plan in plans
        for change in plan.changes
    )
    return tuple(
        replace(
            plan,
            guards=guards(
                plan,
                environment_resources=sum(len(stack.resources) for stack in recorded),
                environment_deletions=deletions,
                environment_has_errors=environment_has_errors,
                renamed=plan.stack.name in renamed,
            ),
        )
        for plan in plans
    )
