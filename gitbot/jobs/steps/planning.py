"""Plan one stack, and put guards on the plans of an apply. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gitbot.decisions.lookups import STEADY, LookupWish
from gitbot.errors import SpecError, UnplannableError
from gitbot.jobs.steps.foretelling import (
    foretold,
    look_first,
    telling_copies,
    wrong_besides,
)
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.lookups import Looking, require_listed
from gitbot.jobs.steps.observing import Seen, observe
from gitbot.jobs.steps.secrets import with_secret_versions
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack, StackHeader
from gitbot.model.wanted import Wanted
from gitbot.ports.cloud import Cloud
from gitbot.ports.telemetry import Metric, doing, fields_of
from gitbot.reconciler.across import still_using, users_now
from gitbot.reconciler.guards import guards, moved_tags
from gitbot.reconciler.lookups import adopting, with_rivals
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.renames import rename_candidates, renamed_stacks
from gitbot.reconciler.unrecorded import telling_begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and the desired and recorded state it was made from."""

    plan: Plan
    desired: DesiredStack | None
    recorded: RecordedStack

    def with_plan(self, plan: Plan) -> Planned:
        """The same, with another version of the plan: the one with its guards."""
        return replace(self, plan=plan)


def plan_stack(
    engine: Engine,
    cloud: Cloud,
    *,
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    commit: Sha | None,
    reviewed: bool,
    seen: Seen | None = None,
    forced: Collection[Address] = (),
    lookups: LookupWish = STEADY,
) -> Plan:
    """The plan of one stack, without guards. ``desired`` None plans its destruction.

    ``reviewed``: the specs are those of the tip, or of a person's own clone. A child process that
    has seen no other specs then evaluates their expressions. ``seen`` is the result of
    ``observe`` or ``unrefreshed``; with None the cloud is read now. Resources in ``forced`` are
    replaced. ``lookups`` says which answers of lookups count, and whether versions of secrets do.

    Raises:
        SpecError: the plan has diagnostics, or would make something that its spec does not mean; a
            secret or lookup is not listed by the environment, or cannot be had.
        CloudError, TransientError: the cloud could not be read.
    """
    cloud = cloud.at(stack.region)
    with doing("plan", Metric.PLAN_DURATION, **fields_of(stack, commit)):
        if seen is None:
            (seen,) = observe(engine, cloud, [(desired, recorded)])
        make = _maker(engine, cloud, stack, recorded, commit, reviewed=reviewed, forced=forced)
        if desired is None:
            plan = _plan_unwanted(engine, cloud, make, recorded, seen)
        else:
            plan = _plan_wanted(engine, cloud, make, desired, recorded, seen, lookups)
    return _telling_begun(engine, plan, recorded)


def _telling_begun(engine: Engine, plan: Plan, recorded: RecordedStack) -> Plan:
    """The plan, with what an apply has begun and not recorded. Costs a read of the lease if there is anything."""
    if not recorded.intents:
        return plan
    lease = engine.state.lease(plan.stack.environment_key)
    return telling_begun(plan, recorded.intents, lease)


def _plan_unwanted(
    engine: Engine, cloud: Cloud, make: partial[Plan], recorded: RecordedStack, seen: Seen
) -> Plan:
    """The plan towards nothing. Raises as ``plan_stack``."""
    plan = make(desired=None, observed=seen.observed, owners=seen.owners)
    if not seen.read:
        return plan
    return foretold(engine, cloud, telling_copies(cloud, plan, recorded), None, recorded)


def _plan_wanted(
    engine: Engine,
    cloud: Cloud,
    make: partial[Plan],
    desired: DesiredStack,
    recorded: RecordedStack,
    seen: Seen,
    lookups: LookupWish,
) -> Plan:
    """The plan of a stack that is wanted. Raises as ``plan_stack``."""
    ask = seen.read and lookups.fresh
    desired = with_secret_versions(cloud, desired, engine.redactor, ask=ask)
    require_listed(desired, cloud)
    looking = Looking(engine, cloud, make, recorded, lookups)
    looks = seen.read and seen.looks_first
    try:
        plan = looking.plan(desired, seen.observed, seen.owners, ask=seen.read)
    except UnplannableError as error:
        if not looks:
            raise
        more = wrong_besides(engine, cloud, error.plan, desired, recorded)
        raise SpecError((*error.diagnostics, *more)) from error
    return _plan_with_adoptions(engine, cloud, looking, plan, desired, recorded) if looks else plan


def _maker(
    engine: Engine,
    cloud: Cloud,
    stack: StackId,
    recorded: RecordedStack,
    commit: Sha | None,
    *,
    reviewed: bool,
    forced: Collection[Address],
) -> partial[Plan]:
    """``make_plan`` for this stack. What is desired and observed is still to be given."""
    return partial(
        make_plan,
        stack=stack,
        recorded=recorded,
        schemas=engine.clouds.schemas,
        account=cloud.account(),
        commit=commit,
        redactor=engine.redactor,
        bind=partial(engine.loader.bind, reviewed=reviewed),
        pack_version=engine.clouds.pack_version,
        forced=forced,
    )


def _plan_with_adoptions(
    engine: Engine,
    cloud: Cloud,
    looking: Looking,
    plan: Plan,
    desired: DesiredStack,
    recorded: RecordedStack,
) -> Plan:
    """The plan, made again so that it adopts what it would otherwise make a second time.

    Raises:
        SpecError, CloudError, TransientError: see ``plan_stack``.
    """
    while (proposal := look_first(engine, cloud, plan, desired, recorded)).adopts:
        # What was found makes names known of what belongs to it: look again for the rest.
        desired = adopting(desired, proposal.adopts)
        (seen,) = observe(engine, cloud, [(desired, recorded)])
        plan = looking.plan(desired, seen.observed, seen.owners)
    plan = telling_copies(cloud, plan, recorded)
    plan = foretold(engine, cloud, plan, desired, recorded)
    return with_rivals(looking.checked(desired, plan), proposal.rivals)


def guarded(
    engine: Engine,
    plans: Sequence[Plan],
    *,
    wanted: Wanted,
    recorded: Sequence[StackHeader],
    claimed: Collection[StackId] = (),
    written: Mapping[str, DesiredStack] | None = None,
) -> tuple[Plan, ...]:
    """The plans of one apply, with the guards that they meet together.

    ``wanted`` and ``recorded`` are all stacks of the environment. ``claimed`` are stacks that
    another pull request has applied: they are missing from the specs, but were not renamed.
    ``written`` are the stacks of the specs, where ``wanted`` has them not: for a destroy.
    """
    users = users_now(wanted.stacks if written is None else written, recorded)
    names = _renamed(engine, wanted, [one for one in recorded if one.id not in claimed])
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
                environment_resources=sum(stack.resources for stack in recorded),
                environment_deletions=deletions,
                environment_has_errors=wanted.errors,
                renamed=plan.stack.name in renamed,
                moved_tags=moved_tags(wanted.stacks.get(plan.stack.name), recorded),
                users=still_using(plan, plans, users),
            ),
        )
        for plan in plans
    )


def _renamed(engine: Engine, wanted: Wanted, recorded: Sequence[StackHeader]) -> Mapping[str, str]:
    """The former names of stacks that look renamed. Reads only the states that it needs."""
    fresh, gone = rename_candidates(wanted, recorded)
    if not fresh or not gone:
        return {}
    states = [engine.state.read(stack) for stack in gone]
    return renamed_stacks(fresh, states, engine.clouds.schemas)
