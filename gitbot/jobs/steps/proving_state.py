"""Give a rebuilt state its values, and prove it by the plan that is made on it. Shell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from gitbot.decisions.recovering import never_found
from gitbot.errors import SpecError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import Seen, observe
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.target import Target
from gitbot.model.desired import DesiredStack
from gitbot.model.drift import Difference
from gitbot.model.plan import Change, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.looked_up import out_of
from gitbot.reconciler.rebuilding import Rebuilt
from gitbot.reconciler.rebuilt_values import values_of, with_values
from gitbot.reconciler.refreshing import refresh
from gitbot.reconciler.silencing import silenced, without_undeclared


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What becomes of the state of one stack, and the plan that proves it.

    ``found`` says what was found of the objects. ``differs`` is what the objects have otherwise than
    the specs. ``plan`` is the plan on the new state; None where it is refused, and ``refusal`` says why.
    ``twice`` are its new resources of which there may be an object that nothing finds.
    """

    before: RecordedStack
    after: RecordedStack
    found: Rebuilt
    differs: tuple[Difference, ...] = ()
    plan: Plan | None = None
    refusal: SpecError | None = None
    twice: tuple[Change, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether the plan changes nothing, and nothing was left open."""
        return self.plan is not None and self.plan.empty and not self.found.rivals

    @property
    def changes(self) -> bool:
        """Whether the new state is another one than the store has, but for its serial."""
        return replace(self.after, serial=0) != replace(self.before, serial=0)


def proven(
    engine: Engine,
    cloud: Cloud,
    before: RecordedStack,
    found: Rebuilt,
    desired: DesiredStack | None,
    target: Target,
) -> Recovery:
    """The state with its values, and the plan on it."""
    (seen,) = observe(engine, cloud, [(desired, found.state)])
    state, schemas = found.state, engine.clouds.schemas
    if desired is not None:
        state = _with_values(engine, cloud, state, desired, target, seen)
    done = refresh(state, seen.observed, seen.owners, schemas, engine.redactor, engine.hide)
    quiet = silenced(done.after, desired, schemas, engine.redactor)
    after = without_undeclared(quiet, desired, schemas)
    after = replace(after, complete=False, edited=before.complete)
    one = Recovery(before=before, after=after, found=found, differs=done.taken)
    try:
        plan = plan_on(engine, cloud, desired, after, target)
        one = replace(one, plan=plan, twice=never_found(plan, schemas))
    except SpecError as error:
        return replace(one, refusal=error)
    return replace(one, after=_completed(one, engine, desired, target))


def _completed(
    one: Recovery, engine: Engine, desired: DesiredStack | None, target: Target
) -> RecordedStack:
    """The state as an apply leaves it, if the plan proves that there is nothing to apply."""
    if not one.proven:
        return one.after
    born_at = one.after.born_at or (engine.calendar.now() if desired is not None else None)
    return replace(
        one.after,
        complete=True,
        edited=False,
        desired_hash=None if desired is None else desired.hash,
        commit=target.commit,
        born_at=born_at,
    )


def _with_values(
    engine: Engine,
    cloud: Cloud,
    state: RecordedStack,
    desired: DesiredStack,
    target: Target,
    seen: Seen,
) -> RecordedStack:
    try:
        plan = plan_on(engine, cloud, desired, state, target, replace(seen, looks_first=False))
        answers = [one.found for one in plan.lookups if one.found is not None]
    except SpecError:
        answers = [*state.lookups.values()]
    values = values_of(
        desired,
        state,
        seen.observed,
        engine.clouds.schemas,
        partial(engine.loader.bind, reviewed=True),
        out_of(answers, (), fresh=False),
    )
    return with_values(
        state, desired, values, seen.observed, engine.clouds.schemas, engine.redactor
    )


def plan_on(
    engine: Engine,
    cloud: Cloud,
    desired: DesiredStack | None,
    state: RecordedStack,
    target: Target,
    seen: Seen | None = None,
) -> Plan:
    """The plan of the target on this state; see ``plan_stack``."""
    return plan_stack(
        engine,
        cloud,
        stack=state.id if desired is None else replace(state.id, name=desired.name),
        desired=desired,
        recorded=state,
        commit=target.commit,
        reviewed=True,
        seen=seen,
    )
