"""Finish what an earlier apply of a stack left open, and apply one plan. Under a lease. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import recorded_state
from gitbot.model.cloud import unwatched
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.plan import Action, Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.ports.telemetry import Metric, doing, fields_of
from gitbot.reconciler.handing_over import waiting_users
from gitbot.reconciler.silencing import silenced
from gitbot.reconciler.taking_back import taken_back
from gitbot.walk.means import Tools
from gitbot.walk.recovery import recover
from gitbot.walk.walk import walk

STOPPING = "the server is stopping: this apply continues when it is back"


def settle_stack(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    stack: StackId,
    desired: DesiredStack | None,
) -> RecordedStack:
    """The state of the stack after every open intent is resolved. Plan from this under the lease.

    Also gives a renamed stack its new name, and old objects that are wanted again their addresses, and
    takes out what is sensitive and stands there in plain.
    """
    recorded = recorded_state(engine, stack, desired)
    if recorded.id != stack:
        recorded = engine.state.rename(lease(), recorded.id, stack.name)
    if recorded.intents:
        recorded = recover(tools_of(engine, stack, cloud.at(stack.region), lease), recorded)
    wanted = taken_back(recorded, desired, engine.clouds.schemas, engine.redactor)
    wanted = silenced(wanted, desired, engine.clouds.schemas, engine.redactor)
    return recorded if wanted is recorded else engine.state.rewrite(lease(), wanted)


def apply_plan(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    *,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    commit: Sha | None,
    reviewed: bool,
    waits: Callable[[str], None] = unwatched,
) -> WalkResult:
    """Walk the plan. An empty plan only records that the stack is as ``commit`` wants it.

    ``reviewed``: the specs are those of the tip, or of a person's own clone. Their expressions are
    never evaluated in a child process that unreviewed specs have used, nor the other way round.
    ``waits`` is told what a step has been waiting for that takes long; it is called from the
    threads of the walk.

    Raises:
        LeaseLostError: another process took over the environment. No further change was begun.
    """
    with doing("apply", Metric.APPLY_DURATION, **fields_of(plan.stack, commit)):
        result = walk(
            tools_of(engine, plan.stack, cloud.at(plan.stack.region), lease, waits),
            plan=plan,
            desired=desired,
            recorded=recorded,
            bind=partial(engine.loader.bind, reviewed=reviewed),
            redactor=engine.redactor,
            commit=commit,
            now=engine.calendar.now(),
            parallelism=engine.parallelism,
            stop=engine.stop,
            kept_for=_kept_for(engine, plan, recorded),
        )
    # What a resource type refuses, it may quote.
    failures = (replace(one, message=engine.hide(one.message)) for one in result.failures)
    return replace(result, failures=tuple(failures), goes_on=engine.hide(result.goes_on))


def _kept_for(engine: Engine, plan: Plan, recorded: RecordedStack) -> Sequence[str]:
    """The stacks that use what leaves. Costs a read of the environment's headers if anything does."""
    if not any(one.action in (Action.DELETE, Action.REPLACE) for one in plan.effective):
        return ()
    others = engine.state.headers(plan.stack.repository, plan.stack.environment)
    return waiting_users(plan, recorded.outputs, others)


def tools_of(
    engine: Engine,
    stack: StackId,
    cloud: Cloud,
    lease: Callable[[], Lease],
    waits: Callable[[str], None] = unwatched,
) -> Tools:
    """The ports that the walk of the stack uses, under this lease."""

    def progress(address: Address, action: str, phase: str, detail: str) -> None:
        detail = engine.hide(detail)
        engine.progress(stack, address, action, phase, detail)
        if phase == "waiting":
            waits(f"{address}: {detail}")

    return Tools(
        cloud=cloud,
        store=engine.state,
        lease=lease,
        schemas=engine.clouds.schemas,
        clock=engine.clock,
        turn=engine.turn,
        progress=progress,
        hiding=engine.hiding,
    )
