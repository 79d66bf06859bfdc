"""Plan stacks: read the cloud as far as the plan needs it, then make the plan. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gitbot.decisions.lookups import STEADY, LookupWish
from gitbot.errors import CloudError, SpecError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.lookups import Looking, require_listed
from gitbot.jobs.steps.secrets import with_secret_versions
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.observed import Observation, ReadRequest, Unread
from gitbot.model.ownership import Owner
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack, StackHeader
from gitbot.model.wanted import Wanted
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import still_using, users_now
from gitbot.reconciler.guards import (
    guards,
    moved_tags,
    rename_candidates,
    renamed_stacks,
)
from gitbot.reconciler.lookups import (
    Proposal,
    adopting,
    claims_on,
    lookups_of,
    propose,
    with_rivals,
)
from gitbot.reconciler.makings import makings_of, refusals
from gitbot.reconciler.ownership import claims_of
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.reading import read_requests
from gitbot.walk.ownership import owners_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and the desired and recorded state it was made from."""

    plan: Plan
    desired: DesiredStack | None
    recorded: RecordedStack

    def with_plan(self, plan: Plan) -> Planned:
        """The same, with another version of the plan: the one with its guards."""
        return replace(self, plan=plan)


def read_state(engine: Engine, stack: StackId, desired: DesiredStack | None) -> RecordedStack:
    """The state of the stack, or of its former name (``metadata.moved``) before it is renamed."""
    recorded = engine.state.read(stack)
    if desired is None or desired.moved_from is None or not recorded.empty:
        return recorded
    former = engine.state.read(replace(stack, name=desired.moved_from))
    return recorded if former.empty else former


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The observed objects of one stack by address, and whose they are.

    ``read`` False: the cloud was not asked, and is not asked for anything else.
    """

    observed: Mapping[Address, Observation]
    owners: Mapping[Address, Owner]
    read: bool = True


def observe(
    engine: Engine, cloud: Cloud, stacks: Sequence[tuple[DesiredStack | None, RecordedStack]]
) -> tuple[Seen, ...]:
    """What the cloud shows of each stack.

    All stacks of a region are read together, so listing calls are made once and not once per stack.

    Raises:
        CloudError, TransientError: the cloud could not be read.
    """
    found: dict[int, Seen] = {}
    for region in sorted({recorded.id.region for _, recorded in stacks}):
        here = [n for n, (_, recorded) in enumerate(stacks) if recorded.id.region == region]
        seen = _observe(engine, cloud.at(region), [stacks[number] for number in here])
        found.update(zip(here, seen, strict=True))
    return tuple(found[number] for number in range(len(stacks)))


def _observe(
    engine: Engine, cloud: Cloud, stacks: Sequence[tuple[DesiredStack | None, RecordedStack]]
) -> tuple[Seen, ...]:
    """The same for stacks of one region, which the connection leads to."""
    wanted = [read_requests(*stack, engine.clouds.schemas) for stack in stacks]
    # Two stacks may use the same address, so number the addresses while reading.
    together = [
        replace(request, address=_room(number, request.address))
        for number, requests in enumerate(wanted)
        for request in requests
    ]
    seen = cloud.read(together) if together else {}
    observed = [
        {
            request.address: seen[_room(number, request.address)]
            for request in requests
            if _room(number, request.address) in seen
        }
        for number, requests in enumerate(wanted)
    ]
    return _with_owners(engine, cloud, [state for _, state in stacks], wanted, observed)


def observe_apart(
    engine: Engine, cloud: Cloud, stacks: Sequence[tuple[DesiredStack | None, RecordedStack]]
) -> Sequence[Seen | CloudError]:
    """Like ``observe``; a refusal stands in place of what the cloud shows of a stack.

    After a refusal each stack is read alone.
    """
    try:
        return observe(engine, cloud, stacks)
    except CloudError as error:
        if len(stacks) == 1:
            return [error]
    return [observe_apart(engine, cloud, [stack])[0] for stack in stacks]


def _with_owners(
    engine: Engine,
    cloud: Cloud,
    states: Sequence[RecordedStack],
    requests: Sequence[Sequence[ReadRequest]],
    observed: Sequence[Mapping[Address, Observation]],
) -> tuple[Seen, ...]:
    """The observations with the owners, asked for all stacks together."""
    claims = [claims_of(*each) for each in zip(states, requests, observed, strict=True)]
    asked = [claimed for some in claims for claimed in some.values()]
    owners = iter(owners_of(cloud, engine.state, engine.clouds.schemas, asked))
    return tuple(
        Seen(observed=seen, owners={address: next(owners) for address in some})
        for some, seen in zip(claims, observed, strict=True)
    )


def _room(number: int, address: Address) -> Address:
    return Address(f"{number}/{address}")


def unrefreshed(engine: Engine, desired: DesiredStack | None, recorded: RecordedStack) -> Seen:
    """Like ``observe`` for one stack, without reading: the cloud is assumed to equal state."""
    requests = read_requests(desired, recorded, engine.clouds.schemas)
    return Seen(observed={request.address: Unread() for request in requests}, owners={}, read=False)


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
    replaced. ``lookups`` says which answers of lookups count.

    Raises:
        SpecError: the plan has diagnostics, or would make something that its spec does not mean; a
            secret or lookup is not listed by the environment, or cannot be had.
        CloudError, TransientError: the cloud could not be read.
    """
    cloud = cloud.at(stack.region)
    if seen is None:
        (seen,) = observe(engine, cloud, [(desired, recorded)])
    if desired is not None:
        desired = with_secret_versions(cloud, desired, engine.redactor, ask=seen.read)
    make = partial(
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
    if desired is None:
        return make(desired=None, observed=seen.observed, owners=seen.owners)
    require_listed(desired, cloud)
    looking = Looking(engine, cloud, make, recorded, lookups)
    if not seen.read:
        return looking.plan(desired, seen.observed, seen.owners, ask=False)
    return _plan_with_adoptions(engine, cloud, looking, desired, recorded, seen)


def _plan_with_adoptions(
    engine: Engine,
    cloud: Cloud,
    looking: Looking,
    desired: DesiredStack,
    recorded: RecordedStack,
    seen: Seen,
) -> Plan:
    """The plan, which adopts what it would otherwise make a second time.

    Raises:
        SpecError, CloudError, TransientError: see ``plan_stack``.
    """
    plan = looking.plan(desired, seen.observed, seen.owners)
    while (proposal := _look_first(engine, cloud, plan, desired, recorded)).adopts:
        # What was found makes names known of what belongs to it: look again for the rest.
        desired = adopting(desired, proposal.adopts)
        (seen,) = observe(engine, cloud, [(desired, recorded)])
        plan = looking.plan(desired, seen.observed, seen.owners)
    _refuse_otherwise(engine, cloud, plan, desired)
    return with_rivals(looking.checked(desired, plan), proposal.rivals)


def _look_first(
    engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack, recorded: RecordedStack
) -> Proposal:
    """What becomes of the plan's creates, after a look at what is there.

    Raises:
        SpecError: one of them cannot be made.
    """
    schemas = engine.clouds.schemas
    lookups = lookups_of(plan, recorded, schemas)
    if not lookups:
        return Proposal()
    asked = claims_on(recorded, lookups, cloud.look(lookups))
    owners = owners_of(cloud, engine.state, schemas, [claimed for _, _, claimed in asked])
    proposal = propose(desired, asked, owners)
    if proposal.problems:
        raise SpecError(proposal.problems)
    return proposal


def _refuse_otherwise(engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack) -> None:
    """Ask the cloud about what the plan makes.

    Raises:
        SpecError: something would become other than its spec means.
    """
    makings = makings_of(plan, desired, engine.clouds.schemas)
    if makings and (problems := refusals(desired, cloud.objections(makings))):
        raise SpecError(problems)


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
