"""Apply one plan under a lease, after resolving what an earlier apply left open. Shell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.planning import read_state
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.walk.means import Tools
from gitbot.walk.recovery import recover
from gitbot.walk.walk import walk


def settle_stack(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    stack: StackId,
    desired: DesiredStack | None,
) -> RecordedStack:
    """The stack's state with every open intent resolved: what a plan under the lease starts from.

    A stack that was moved gets its new name here.
    """
    recorded = read_state(engine, stack, desired)
    if recorded.id != stack:
        recorded = engine.state.rename(lease(), recorded.id, stack.name)
    if not recorded.intents:
        return recorded
    return recover(_tools(engine, cloud, lease), recorded)


def apply_plan(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    *,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    commit: Sha | None,
) -> WalkResult:
    """Walk the plan; an empty one only records that the stack is as ``commit`` wants it.

    Raises:
        LeaseLostError: another process took the environment over; nothing more was begun.
    """
    return walk(
        _tools(engine, cloud, lease),
        plan=plan,
        desired=desired,
        recorded=recorded,
        bind=partial(engine.loader.bind, reviewed=True),
        redactor=engine.redactor,
        commit=commit,
        parallelism=engine.parallelism,
        stop=engine.stop,
    )


def _tools(engine: Engine, cloud: Cloud, lease: Callable[[], Lease]) -> Tools:
    return Tools(
        cloud=cloud,
        store=engine.state,
        lease=lease,
        schemas=engine.clouds.schemas,
        clock=engine.clock,
        progress=engine.progress,
    )
