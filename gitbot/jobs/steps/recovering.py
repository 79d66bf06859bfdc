"""Rebuild state from the ownership tags of what is in the cloud. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.recovering import lineage_of, strangers
from gitbot.errors import SpecError, UserError
from gitbot.jobs.steps.foretelling import look_first
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import observe, read_state
from gitbot.jobs.steps.proving_state import Recovery, plan_on, proven
from gitbot.jobs.steps.tagged_objects import TaggedObjects
from gitbot.jobs.steps.target import Target, stacks_of, wanted_of
from gitbot.model.codec import as_stored
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import IntentKind, Lease, RecordedStack
from gitbot.model.recovery import Stranger
from gitbot.ports.cloud import Cloud
from gitbot.ports.records import Records
from gitbot.reconciler.across import in_order, supplied
from gitbot.reconciler.claimants import Named
from gitbot.reconciler.rebuilding import Rebuilt, adopted, rebuild


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The recovered stacks of an environment, and the tagged objects that belong to none of them."""

    stacks: tuple[Recovery, ...]
    strangers: tuple[Stranger, ...]


def recover_state(engine: Engine, target: Target, cloud: Cloud, lineage: str | None) -> Recovered:
    """What the states of the target's stacks become by what is in the cloud. Writes nothing.

    Raises:
        UserError: a stack is unknown, objects of several states carry its name, or a machine that an
            apply has stopped waits for its start.
        SpecError: the specs have errors.
        CloudError, TransientError: the cloud could not be read.
    """
    rules = target.rules()
    wanted = wanted_of(engine, target)
    headers = engine.state.headers(target.repository, target.environment)
    named = stacks_of(target, rules, wanted, headers)
    outputs = dict(engine.state.outputs(target.key))
    looks = {region: TaggedObjects(engine, cloud.at(region)) for region in _regions(named.values())}
    done: list[Recovery] = []
    for name in in_order(named, wanted.stacks, headers):
        stack = named[name]
        desired = supplied(wanted, outputs, engine.redactor).stacks.get(name)
        one = _recover(engine, looks[stack.region], stack, desired, target, lineage)
        outputs[name] = one.after.outputs
        done.append(one)
    lineages = {one.after.lineage: one.after.id for one in done}
    left = {
        (one.type, one.remote_id): one
        for look in looks.values()
        for one in strangers(target.environment, look.live, lineages, look.taken)
    }
    return Recovered(stacks=tuple(done), strangers=tuple(left.values()))


def record(
    engine: Engine, records: Records, lease: Callable[[], Lease], one: Recovery, *, actor: str
) -> None:
    """Write the new state in one transaction, with a row in the audit trail.

    Raises:
        StaleError, ConflictError: the state moved since it was read.
    """
    if one.before.empty:
        engine.state.bring(lease(), as_stored(one.after))
    else:
        engine.state.rebuild(lease(), one.before, one.after)
    records.journal.audit(
        at=engine.clock.now(),
        actor=actor,
        action="state recover",
        subject=str(one.after.id),
        detail={
            "lineage": one.after.lineage,
            "proven": one.proven,
            "objects": {at: each.remote_id for at, each in one.after.resources.items()},
        },
    )


def _regions(stacks: Iterable[StackId]) -> Sequence[str]:
    return sorted({stack.region for stack in stacks})


def _recover(
    engine: Engine,
    look: TaggedObjects,
    stack: StackId,
    desired: DesiredStack | None,
    target: Target,
    lineage: str | None,
) -> Recovery:
    state = read_state(engine, stack, desired)
    _refuse_stopped(state)
    former = None if desired is None or desired.moved_from is None else desired.moved_from
    labels = {stack.label, *([replace(stack, name=former).label] if former else [])}
    taken = look.others(stack)
    own = lineage_of(state, labels, look.live, taken, lineage)
    before = state if own is None else replace(state, lineage=own)
    recorded = [(one.type, one.remote_id) for one in before.resources.values()]
    recorded += [(one.resource.type, one.resource.remote_id) for one in before.deposed]
    known = look.read([each for each in recorded if each not in look.live])
    live = {each: one for each, one in look.live.items() if each not in taken}
    found = rebuild(before, {**live, **known}, engine.clouds.schemas, look.cloud.account())
    if desired is not None:
        found = _with_untagged(engine, look.cloud, found, desired, target)
    return proven(engine, look.cloud, state, found, desired, target)


def _refuse_stopped(state: RecordedStack) -> None:
    for intent in state.intents:
        if intent.kind is IntentKind.POWER:
            raise UserError(
                f"an apply of {state.id.label} was cut off while {intent.address} "
                f"({intent.resource.remote_id}) was to become {intent.power}: apply it first, "
                "then recover"
            )


def _with_untagged(
    engine: Engine, cloud: Cloud, found: Rebuilt, desired: DesiredStack, target: Target
) -> Rebuilt:
    """The same with the objects that carry no tags and have the names, or the parents, that the specs
    give. Their former addresses are left where another one of the specs has the object now."""
    loose = {
        at: one
        for at, one in found.state.resources.items()
        if at not in desired.resources and at not in found.found
    }
    schemas = engine.clouds.schemas
    kept = {at: one for at, one in found.state.resources.items() if at not in loose}
    state = replace(found.state, resources=kept)
    news: dict[Address, Named] = {}
    while True:
        (seen,) = observe(engine, cloud, [(desired, state)])
        try:
            plan = plan_on(engine, cloud, desired, state, target, replace(seen, looks_first=False))
            adopts = look_first(engine, cloud, plan, desired, state).adopts
        except SpecError:
            break  # the plan on what was found says why
        if not adopts:
            break
        named = {at: (desired.resources[at].type, own) for at, own in adopts.items()}
        news |= named
        state = adopted(state, named, schemas, cloud.account())
    now = {each: at for at, each in news.items()}
    moved = {
        at: now[each] for at, one in loose.items() if (each := (one.type, one.remote_id)) in now
    }
    back = {at: one for at, one in loose.items() if at not in moved}
    return replace(
        found,
        state=replace(state, resources=dict(sorted({**state.resources, **back}.items()))),
        found={**found.found, **{at: e for at, e in news.items() if at not in moved.values()}},
        moved={**found.moved, **moved},
    )
