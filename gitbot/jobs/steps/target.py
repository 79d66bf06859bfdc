"""Plan and apply one environment from the command line, without a pull request. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.decisions.claims import names_of
from gitbot.decisions.lookups import LookupWish
from gitbot.errors import CloudError, InvariantError, SpecError, UserError
from gitbot.jobs.steps.ahead import Ahead, Undone
from gitbot.jobs.steps.apply_stack import apply_plan, settle_stack
from gitbot.jobs.steps.focusing import plan_parts
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.planning import (
    Planned,
    guarded,
    observe_apart,
    plan_stack,
    read_state,
    unrefreshed,
)
from gitbot.jobs.steps.runs import Books, Occasion, close_interrupted, close_run, open_run
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.names import EnvironmentKey, Sha, StackId, region_of, written_name
from gitbot.model.plan import Guard, Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack, StackHeader
from gitbot.model.runs import RunStatus
from gitbot.model.wanted import Wanted
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order
from gitbot.reconciler.affected import environment_errors
from gitbot.reconciler.focus import NO_FOCUS, Focus


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The environment, or some stacks of it (``only``), that a command works on.

    ``towards_nothing``: destroy the stacks. ``commit`` is None for the files of the work tree,
    which can be planned but not applied. ``refresh`` False: do not read the cloud. ``focus``: what
    of the stacks is left out, or replaced. Answers of lookups that are older than ``lookups_since``
    are looked up again.
    """

    repository: str
    environment: str
    tree: LoadedTree
    commit: Sha | None
    only: tuple[str, ...] = ()
    towards_nothing: bool = False
    refresh: bool = True
    focus: Focus = NO_FOCUS
    lookups_since: datetime | None = None

    @property
    def key(self) -> EnvironmentKey:
        """The environment's key in the stores."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)

    def rules(self) -> Environment:
        """The environment. Raises SpecError for its errors, UserError when there is none.

        Errors of stacks that are not in ``only`` do not count.
        """
        errors = tuple(
            found
            for found in self.tree.errors(self.environment)
            if not self.only or found.stack is None or found.stack in map(written_name, self.only)
        )
        found = self.tree.environments.get(self.environment)
        if found is None or (errors and not self.towards_nothing):
            if errors:
                raise SpecError(errors)
            known = ", ".join(sorted(self.tree.environments)) or "none"
            raise UserError(f"there is no environment {self.environment!r}; there is: {known}")
        return found


def plan_target(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    *,
    unread: dict[str, str],
    lease: Callable[[], Lease] | None = None,
) -> tuple[Planned, ...]:
    """The plan of every stack of the target, in the order of an apply: who uses an output comes after
    its stack. Under a lease, resolve open intents first.

    A stack with an object that the cloud refuses to show gets no plan: its name and the refusal are
    put into ``unread``, and the others are planned.

    Raises:
        SpecError, UserError, CloudError, TransientError: a plan could not be made.
    """
    rules = target.rules()
    recorded = engine.state.headers(target.repository, target.environment)
    impossible = environment_errors(target.tree, recorded)
    if impossible:
        raise SpecError(impossible)
    wanted = _wanted(engine, target)
    named = _stacks(target, rules, wanted, recorded)
    stacks = {name: named[name] for name in in_order(named, wanted.stacks, recorded)}
    planned = _planned(engine, target, cloud, lease, stacks, wanted.stacks, unread)
    recorded = engine.state.headers(target.repository, target.environment)
    shown = guarded(
        engine,
        [each.plan for each in planned],
        wanted=wanted,
        recorded=recorded,
        written=engine.wanted(target.tree, target.key).stacks,
    )
    return tuple(
        Planned(plan=_asked_for(target, plan), desired=each.desired, recorded=each.recorded)
        for plan, each in zip(shown, planned, strict=True)
    )


def order_of_turns(
    engine: Engine, target: Target, planned: Sequence[Planned], unread: Mapping[str, str]
) -> Undone:
    """Which of the stacks come before which, and that those without a plan are not applied."""
    names = {each.plan.stack.name for each in planned} | unread.keys()
    recorded = engine.state.headers(target.repository, target.environment)
    before = in_order(names, _wanted(engine, target).stacks, recorded)
    return Undone(before=before, words=dict.fromkeys(unread, "could not be planned"))


def target_stacks(engine: Engine, target: Target) -> Mapping[StackId, str | None]:
    """The stacks that a change of the target touches, under every name that they have.

    Each with the hash of what it shall become; None when it is destroyed.

    Raises:
        SpecError, UserError: there is no such environment or stack.
    """
    recorded = engine.state.headers(target.repository, target.environment)
    wanted = _wanted(engine, target)
    stacks = _stacks(target, target.rules(), wanted, recorded)
    return {
        known: None if (desired := wanted.stacks.get(name)) is None else desired.hash
        for name, stack in stacks.items()
        for known in names_of(stack, wanted.stacks.get(name), recorded)
    }


def _stacks(
    target: Target, rules: Environment, wanted: Wanted, recorded: Sequence[StackHeader]
) -> Mapping[str, StackId]:
    """The stacks to plan, by name: those that are wanted, and those that state still has."""
    # A stack in another region is another stack. If it has resources, that is an error before.
    here = [
        header for header in recorded if header.id.region == region_of(header.id.name, rules.region)
    ]
    known = {header.id.name: header.id for header in here}
    moved = {stack.moved_from for stack in wanted.stacks.values()}
    # A destroy that died just before its end has nothing to delete, but must still be recorded.
    left = {each.id.name for each in here if not (each.empty and each.complete)} - moved
    return {
        name: known.get(name)
        or StackId(
            repository=target.repository,
            environment=rules.name,
            name=name,
            region=region_of(name, rules.region),
        )
        for name in _names(target, (set(wanted.stacks) | left) - wanted.entombed)
    }


def _planned(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    lease: Callable[[], Lease] | None,
    stacks: Mapping[str, StackId],
    desired: Mapping[str, DesiredStack],
    unread: dict[str, str],
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
            unread,
            refresh=target.refresh,
            lookups=LookupWish(since=target.lookups_since, remarks=True),
        )
    return _planned_whole(engine, target, cloud, [*stacks.values()], sources, unread)


def _planned_whole(
    engine: Engine,
    target: Target,
    cloud: Cloud,
    stacks: Sequence[StackId],
    sources: Sequence[tuple[DesiredStack | None, RecordedStack]],
    unread: dict[str, str],
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
                reviewed=True,
                seen=seen,
                lookups=LookupWish(since=target.lookups_since, remarks=True),
            )
        except CloudError as error:
            unread[stack.name] = engine.hide(str(error))
            ahead.unplanned.add(stack.name)
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


def _wanted(engine: Engine, target: Target) -> Wanted:
    found = engine.wanted(target.tree, target.key)
    return replace(found, stacks={}) if target.towards_nothing else found


def _names(target: Target, known: set[str]) -> tuple[str, ...]:
    unknown = sorted(set(target.only) - known)
    if unknown:
        raise UserError(
            f"{target.environment} has no stack {', '.join(unknown)}; it has: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    return tuple(sorted(target.only or known))
