"""Ask state and the cloud which stack owns an object. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitbot.errors import ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.ownership import Claimed, Holding, Owner, Whose
from gitbot.model.recorded import RecordedResource, StackHeader
from gitbot.model.schema import SchemaLookup
from gitbot.model.tags import LINEAGE_TAG
from gitbot.ports.cloud import Cloud
from gitbot.ports.state import StateStore
from gitbot.reconciler.ownership import owner_of, parent_of
from gitbot.reconciler.recording import known_ids
from gitbot.walk.means import Means, look_at

_Object = tuple[str, RemoteId]
_NONE: Mapping[_Object, Observation] = {}


def owners_of(
    cloud: Cloud,
    store: StateStore,
    schemas: SchemaLookup,
    claimed: Sequence[Claimed],
    seen: Mapping[_Object, Observation] = _NONE,
) -> tuple[Owner, ...]:
    """The owner of each claimed object.

    Costs one query, one more where tags name another lineage, and one read of the parents that are not among ``seen``,
    what has been read already.

    Raises:
        CloudError, TransientError: a parent could not be read.
    """
    parents = [_parent(schemas, each) for each in claimed]
    distinct = sorted({parent for parent in parents if parent is not None})
    unread = [parent for parent in distinct if parent not in seen]
    there_is = {**seen, **_read(cloud, schemas, unread)}
    holders = _holders(cloud, store, [*((c.type, c.remote_id) for c in claimed), *distinct])
    lineages = _lineages(store, claimed, there_is.values())

    def owner_of_parent(child: Claimed, parent: _Object | None) -> Owner | None:
        there = None if parent is None else there_is.get(parent)
        if parent is None or not isinstance(there, Present):
            return None
        held = holders.get(parent, ())
        return owner_of(_of_parent(child, parent, there, held), held, None, lineages)

    return tuple(
        owner_of(each, holders.get((each.type, each.remote_id), ()), whose, lineages)
        for each, parent in zip(claimed, parents, strict=True)
        for whose in (owner_of_parent(each, parent),)
    )


def _of_parent(child: Claimed, parent: _Object, there: Present, held: Sequence[Holding]) -> Claimed:
    """The claim of the child's stack on what the child is part of."""
    return replace(
        child,
        type=parent[0],
        remote_id=parent[1],
        recorded=any(each.stack == child.stack for each in held),
        tags=there.ownership,
    )


def _lineages(
    store: StateStore, claimed: Sequence[Claimed], parents: Iterable[Observation]
) -> Mapping[str, StackHeader]:
    """The stacks of the store by lineage, where the tags of an object name another one than the claim's."""
    tags = [each.tags for each in claimed]
    tags += [each.ownership for each in parents if isinstance(each, Present)]
    named = {each[LINEAGE_TAG] for each in tags if LINEAGE_TAG in each}
    repositories = {each.stack.repository for each in claimed}
    if named <= {each.lineage for each in claimed}:
        return {}
    return {each.lineage: each for one in repositories for each in store.headers(one)}


def refuse_anothers(means: Means, resource: RecordedResource, *, takes_over: bool = False) -> Any:
    """Look at the object once more before it is adopted or deleted; an absent one passes.

    So does, where the stack ``takes_over``, one that its stack has let go of. Returns how the cloud describes it; None where that is not known.

    Raises:
        ConflictError: it belongs to another stack; says to which.
    """
    observed = look_at(means, resource, surfaces=_parents(means.schemas, resource))
    if not isinstance(observed, Present):
        return None
    claimed = Claimed(
        stack=means.stack,
        lineage=means.lineage,
        type=resource.type,
        remote_id=resource.remote_id,
        recorded=(resource.type, resource.remote_id) in known_ids(means.store.read(means.stack)),
        properties=observed.properties,
        tags=observed.ownership,
    )
    (owner,) = owners_of(means.cloud, means.store, means.schemas, [claimed])
    if owner.whose is Whose.ANOTHERS and not (takes_over and owner.let_go):
        raise ConflictError(f"{resource.remote_id} belongs to {owner.name}: nothing was done to it")
    return observed.described


def _parent(schemas: SchemaLookup, claimed: Claimed) -> _Object | None:
    """What the object is part of, where that says whose it is: the tag of a lineage says it alone."""
    return None if LINEAGE_TAG in claimed.tags else parent_of(schemas(claimed.type), claimed)


def _parents(schemas: SchemaLookup, resource: RecordedResource) -> frozenset[str]:
    """The properties that name what the object is part of."""
    schema = schemas(resource.type)
    parent = None if schema is None else schema.parent
    return frozenset(one.reference for one in (parent, *parent.others)) if parent else frozenset()


def _read(
    cloud: Cloud, schemas: SchemaLookup, objects: Sequence[_Object]
) -> Mapping[_Object, Observation]:
    """The objects with their ownership tags, and whatever else costs no further call."""
    places = {Address(f"parent/{number}"): each for number, each in enumerate(objects)}
    requests = [
        ReadRequest(
            address=address,
            type=type_,
            remote_id=remote_id,
            route=schema.route,
            surfaces=frozenset(),
        )
        for address, (type_, remote_id) in places.items()
        if (schema := schemas(type_)) is not None
    ]
    observed = cloud.read(requests) if requests else {}
    return {places[address]: one for address, one in observed.items()}


def _holders(
    cloud: Cloud, store: StateStore, objects: Sequence[_Object]
) -> Mapping[_Object, Sequence[Holding]]:
    """The records of each object in this account and region."""
    found: dict[_Object, list[Holding]] = {}
    place = (cloud.account(), cloud.region)
    for each in store.holders(objects) if objects else ():
        if (each.account, each.region) == place:
            found.setdefault((each.type, each.remote_id), []).append(each)
    return found
