"""Plan and apply the stacks of a target. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gitbot.decisions.lookups import LookupWish
from gitbot.errors import CloudError, InvariantError, SpecError
from gitbot.jobs.steps.ahead import Ahead
from gitbot.jobs.steps.apply_stack import apply_plan, settle_stack
from gitbot.jobs.steps.focusing import plan_parts
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import observe_apart, read_state, unrefreshed
from gitbot.jobs.steps.planning import Planned, guarded, plan_stack
from gitbot.jobs.steps.runs import Books, Occasion, close_interrupted, close_run, open_run
from gitbot.jobs.steps.target import Target, stacks_of, wanted_of
from gitbot.jobs.steps.unplanned import Unplanned
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import StackId
from gitbot.model.plan import Guard, Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.runs import RunStatus
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order
from gitbot.reconciler.affected import environment_errors


def plan_target(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    *,
    unread: dict[str, str],
    problems: list[Diagnostic] | None = None,
    lease: Callable[[], Lease] | None = None,
) -> tuple[Planned, ...]:
    """The plan of every stack of the target, in the order of an apply: who uses an output comes after
    its stack. Under a lease, resolve open intents first.

    A stack with an object that the cloud refuses to show, or with a spec that cannot be planned, gets no
    plan: its name and the reason are put into ``unread``, and the others are planned. What is wrong with
    specs is put into ``problems``.

    Raises:
        SpecError: specs cannot be planned, and there are no ``problems`` to put that into.
        UserError, CloudError, TransientError: a plan could not be made.
    """
    rules = target.rules()
    recorded = engine.state.headers(target.repository, target.environment)
    if impossible := environment_errors(target.tree, recorded):
        raise SpecError(impossible)
    wanted = wanted_of(engine, target)
    named = stacks_of(target, rules, wanted, recorded)
    stacks = {name: named[name] for name in in_order(named, wanted.stacks, recorded)}
    unplanned = Unplanned(why=unread, hide=engine.hide)
    planned = _planned(engine, target, cloud, lease, stacks, wanted.stacks, unplanned)
    unplanned.tell(problems)
    recorded = engine.state.headers(target.repository, target.environment)
    shown = guarded(
        engine,
        [each.plan for each in planned],
        wanted=wanted,
        recorded=recorded,
        written=engine.wanted(target.tree, target.key).stacks,
    )
    pairs = zip(planned, shown, strict=True)
    return tuple(each.with_plan(_asked_for(target, plan)) for each, plan in pairs)


def _planned(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    lease: Callable[[], Lease] | None,
    stacks: Mapping[str, StackId],
    desired: Mapping[str, DesiredStack],
    unplanned: Unplanned,
) -> list[Planned]:
    """The plans without guards. The cloud is read once for all of them."""
    sources = [
        (desired.get(name), _state(engine, cloud, lease, stack, desired.get(name)))
        for name, stack in stacks.items()
    ]
    if target.focus.names:
        return plan_parts(
            engine,
            cloud,
            target.focus,
            stacks,
            dict(zip(stacks, sources, strict=True)),
            target.commit,
            unplanned,
            refresh=target.refresh,
            lookups=LookupWish(since=target.lookups_since, remarks=True),
        )
    return _planned_whole(engine, target, cloud, [*stacks.values()], sources, unplanned)


def _planned_whole(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    stacks: Sequence[StackId],
    sources: Sequence[tuple[DesiredStack | None, RecordedStack]],
    unplanned: Unplanned,
) -> list[Planned]:
    """The plans of whole stacks, each with the outputs of those before it."""
    looks = observe_apart(engine, cloud, sources) if target.refresh else None
    planned, ahead = [], Ahead()
    for number, (stack, (given, recorded)) in enumerate(zip(stacks, sources, strict=True)):
        wanted = ahead.of(given)
        seen = unrefreshed(engine, wanted, recorded) if looks is None else looks[number]
        try:
            if isinstance(seen, CloudError):
                raise seen
            plan = plan_stack(
                engine,
                cloud,
                stack=stack,
                desired=wanted,
                recorded=recorded,
                commit=target.commit,
                reviewed=target.reviewed,
                seen=seen,
                lookups=LookupWish(since=target.lookups_since, remarks=True),
            )
        except (CloudError, SpecError) as error:
            unplanned.note(stack.name, error, ahead)
            continue
        ahead.note(plan)
        planned.append(Planned(plan=plan, desired=wanted, recorded=recorded))
    return planned


def _state(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease] | None,
    stack: StackId,
    desired: DesiredStack | None,
) -> RecordedStack:
    """The state of the stack. Under a lease, its open intents are resolved first."""
    if lease is None:
        return read_state(engine, stack, desired)
    return settle_stack(engine, cloud, lease, stack, desired)


def _asked_for(target: Target, plan: Plan) -> Plan:
    """The plan; for a destroy without the guard against deleting much, which was asked for."""
    if not target.towards_nothing:
        return plan
    kept = tuple(hit for hit in plan.guards if hit.guard is not Guard.MASS_DELETE)
    return replace(plan, guards=kept)


def open_cloud(engine: Engine, target: Target, purpose: Purpose) -> Cloud:
    """A connection with the environment's role for the purpose."""
    return engine.clouds.open(target.rules(), purpose)


def apply_planned(
    engine: Engine,
    books: Books,
    target: Target,
    cloud: Cloud,
    lease: Callable[[], Lease],
    each: Planned,
    *,
    actor: str,
) -> WalkResult:
    """Walk one plan and record it, with a run and rows in the audit trail as the server writes them.

    Whoever types the command has seen the plan and sees the result, so the run counts as told.
    """
    if target.commit is None:
        raise InvariantError("only a commit can be applied")
    close_interrupted(books, each.plan.stack)
    occasion = Occasion(
        tip=target.commit,
        reviewed_digest=each.plan.digest,
        actor=actor,
        epoch=lease().epoch,
    )
    run = open_run(books, each.plan, occasion, RunStatus.RUNNING)
    result = apply_plan(
        engine,
        cloud,
        lease,
        plan=each.plan,
        desired=each.desired,
        recorded=each.recorded,
        commit=target.commit,
        reviewed=True,
    )
    close_run(books, run, result)
    books.records.runs.mark_shown([run.id], books.clock.now())
    return result
