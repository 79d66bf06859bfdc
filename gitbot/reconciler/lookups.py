"""Decide what to look for before resources are created, and what becomes of what is found. Pure.

A create first looks whether its object is there already: after a lost state or a restored backup it
would be made a second time, and a name that somebody else has would only be refused by the apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Lookup
from gitbot.model.ownership import Claimed, Owner, Whose
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.tags import LINEAGE_TAG, STACK_TAG
from gitbot.model.values import Json, Value
from gitbot.reconciler.naming import is_named
from gitbot.reconciler.pointers import Path, parse, put, value_at
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.owners import (
    say_found_twice,
    say_in_place,
    say_own_elsewhere,
    say_part_of_anothers,
    say_taken,
)
from gitbot.reconciler.recording import known_ids


def lookups_of(plan: Plan, recorded: RecordedStack, schemas: SchemaLookup) -> tuple[Lookup, ...]:
    """A question for each resource that the plan creates and that may be there already.

    None for one with an open intent: recovery finds its object.
    """
    lineage = recorded.lineage if recorded.serial else None
    begun = {intent.address for intent in recorded.intents}
    asked = (
        _lookup(plan, change, lineage, schemas(change.type))
        for change in plan.changes
        if change.address not in begun
    )
    return tuple(one for one in asked if one is not None)


def _lookup(
    plan: Plan, change: Change, lineage: str | None, schema: TypeSchema | None
) -> Lookup | None:
    if change.action is not Action.CREATE or schema is None:
        return None
    key = [*map(parse, schema.natural_key or ())]
    properties, declared = _known(change, key), _declared(change)
    parents = (schema.parent, *schema.parent.others) if schema.parent is not None else ()
    needed = {*(name for name, *_ in key), *_placing(change, schema)} & declared
    named = is_named(schema, properties) and needed <= properties.keys()
    if not named and any(one.reference in declared - properties.keys() for one in parents):
        return None  # whose it is can be said when the parent is known: the parent is found first
    return Lookup(
        address=change.address,
        type=change.type,
        route=schema.route,
        properties=properties,
        named=named,
        lineage=lineage,
        stack=plan.stack.label,
    )


def _known(change: Change, key: Iterable[Path]) -> Mapping[str, Json]:
    """What is known: plain properties, lists of one that name a parent, and of maps the parts of the key."""
    given = {path.path[1:]: path.after for path in change.paths if path.path.count("/") == 1}
    known = {name: plain for name, value in given.items() if (plain := _plain(value)) is not None}
    for path in key:
        plain = _plain(value_at(given, path)) if len(path) > 1 else None
        if plain is not None:
            known = put(known, path, plain)
    return known


def _plain(value: Value) -> Json:
    if isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], str):
        return [value[0]]
    return value if isinstance(value, (str, int, float, bool)) else None


def _declared(change: Change) -> frozenset[str]:
    return frozenset(path.path.split("/")[1] for path in change.paths)


def _placing(change: Change, schema: TypeSchema) -> Iterator[str]:
    """The properties that say where the name counts, or plain ones that may say it."""
    if schema.name_within is not None:
        yield from schema.name_within
        return
    for path in change.paths:
        if path.path in schema.create_only and not isinstance(path.after, (Mapping, list, tuple)):
            yield path.path[1:]


def claims_on(
    recorded: RecordedStack, lookups: Sequence[Lookup], found: Mapping[Address, Sequence[Found]]
) -> tuple[tuple[Lookup, Found | None, Claimed], ...]:
    """What must be asked of ownership: each found object that state does not have.

    For a resource of which nothing was found, the claim without an identifier asks of its parent.
    """
    known = known_ids(recorded)
    return tuple(
        (lookup, one, _claimed(recorded, lookup, one))
        for lookup in lookups
        for one in found.get(lookup.address, ()) or (None,)
        if one is None or (lookup.type, one.remote_id) not in known
    )


def _claimed(recorded: RecordedStack, lookup: Lookup, one: Found | None) -> Claimed:
    tags, properties = {}, lookup.properties
    if one is not None:
        tags = {LINEAGE_TAG: one.lineage or "", STACK_TAG: one.stack or ""}
        properties = {**properties, **one.parents}  # the spec says what it is to be part of
    return Claimed(
        stack=recorded.id,
        lineage=recorded.lineage,
        type=lookup.type,
        remote_id=one.remote_id if one is not None else RemoteId(""),
        recorded=False,
        properties=properties,
        tags={key: value for key, value in tags.items() if value},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What becomes of the creates.

    ``adopts`` are objects of the stack's own, to be adopted instead. ``rivals`` are sentences on
    objects that may make a create wrong: people decide. ``problems`` cannot be applied.
    """

    adopts: Mapping[Address, RemoteId] = field(default_factory=dict)
    rivals: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()


def propose(
    desired: DesiredStack,
    asked: Sequence[tuple[Lookup, Found | None, Claimed]],
    owners: Sequence[Owner],
    recorded: Mapping[Address, RecordedResource],
) -> Proposal:
    """Adopt what is the stack's own; refuse what another owner has; ask where it is not certain.

    ``recorded`` is what state has at the addresses of the spec.
    """
    own: dict[Address, list[Found]] = {}
    rivals: dict[Address, tuple[str, ...]] = {}
    problems = Problems(desired)
    for (lookup, one, claimed), owner in zip(asked, owners, strict=True):
        resource = desired.resources[lookup.address]
        if one is None:
            _check_parent(resource, claimed, owner, problems)
        elif owner.whose is Whose.OURS and one.address in (None, lookup.address):
            own.setdefault(lookup.address, []).append(one)
        elif owner.whose is Whose.OURS:
            say_own_elsewhere(problems, resource, one.remote_id, one.address or "")
        elif not lookup.named and owner.here is not None:
            continue  # a stack of this store has it in use: another repository's may have our name
        elif not lookup.named or _may_go(claimed, owner):
            words = f"`{one.remote_id}` belongs to {owner.name}"
            rivals[lookup.address] = (*rivals.get(lookup.address, ()), words)
        else:
            say_taken(problems, resource, one.remote_id, owner)
    adopts = _adopted(desired, own, recorded, problems)
    return Proposal(adopts=adopts, rivals=rivals, problems=problems.found)


def _adopted(
    desired: DesiredStack,
    own: Mapping[Address, Sequence[Found]],
    recorded: Mapping[Address, RecordedResource],
    problems: Problems,
) -> Mapping[Address, RemoteId]:
    """The stack's own objects that are adopted. Adds a problem where that is not certain.

    Nothing is adopted at an address that state has: a read asks for what state has there, which is gone, so that the
    resource would be created, looked for and found for ever.
    """
    for address, some in own.items():
        ids, resource = [one.remote_id for one in some], desired.resources[address]
        if address in recorded:
            tagged = any(one.lineage for one in some)
            say_in_place(problems, resource, recorded[address], ids, tagged=tagged)
        elif len(ids) > 1:
            say_found_twice(problems, resource, ids)
    return {at: some[0].remote_id for at, some in own.items() if at not in recorded}


def _may_go(claimed: Claimed, owner: Owner) -> bool:
    """Whether a stack of the same environment has the object: it may let go in the same apply."""
    here = owner.here
    return here is not None and here.environment_key == claimed.stack.environment_key


def _check_parent(
    resource: DesiredResource, claimed: Claimed, owner: Owner, problems: Problems
) -> None:
    """Refuse to make a part of an object of another environment or of another state."""
    if owner.whose is Whose.ANOTHERS and not _may_go(claimed, owner):
        say_part_of_anothers(problems, resource, owner.name)


def adopting(desired: DesiredStack, adopts: Mapping[Address, RemoteId]) -> DesiredStack:
    """The stack, with an import of each object that is its own already."""
    return replace(
        desired,
        resources={
            address: _importing(resource, adopts.get(address))
            for address, resource in desired.resources.items()
        },
    )


def _importing(resource: DesiredResource, remote_id: RemoteId | None) -> DesiredResource:
    if remote_id is None:
        return resource
    return replace(resource, lifecycle=replace(resource.lifecycle, import_id=remote_id))


def with_rivals(plan: Plan, rivals: Mapping[Address, tuple[str, ...]]) -> Plan:
    """The plan, whose creates name what stands beside them."""
    if not rivals:
        return plan
    return replace(
        plan,
        changes=tuple(
            replace(change, rivals=rivals.get(change.address, ())) for change in plan.changes
        ),
    )
