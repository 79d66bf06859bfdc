"""The mutations: each one announced in state, done, and recorded, in that order. Shell.

Whatever dies between two lines of this module, state holds either what was done or an open intent
from which ``recovery`` finds it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gitbot.errors import CloudError, ConflictError, TransientError, UserError
from gitbot.model.cloud import Operation
from gitbot.model.names import RemoteId, StackId
from gitbot.model.observed import Absent, Found, Present, ReadRequest
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedResource
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Json
from gitbot.ports import Clock, Cloud, StateStore
from gitbot.reconciler.digest import operation_token
from gitbot.reconciler.recording import (
    after_failed_update,
    is_ours,
    known_ids,
    lineage_in,
    observed_record,
    ownership_tags,
    resumable,
    without_redacted,
)

DEADLINES: Mapping[IntentKind, timedelta] = {
    IntentKind.CREATE: timedelta(minutes=15),
    IntentKind.UPDATE: timedelta(minutes=15),
    IntentKind.DELETE: timedelta(minutes=15),
}
READ_BACK_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""How long a new object may stay invisible to reads after it was reported as ready."""

REFUSALS = (CloudError, UserError)
"""What a cloud's method raises when the call is refused for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What mutations work with.

    ``generation`` is part of every new operation id: one more than the state's serial when the
    walk began. Each begun intent raises the serial, so no two objects of an address ever share a
    token, not even after a deletion, and the same plan on the same state gives the same tokens.
    """

    stack: StackId
    lineage: str
    generation: int
    desired_hash: str
    cloud: Cloud
    store: StateStore
    lease: Callable[[], Lease]
    schemas: SchemaLookup
    clock: Clock
    sleep: Callable[[float], None]


def create(
    means: Means, wanted: RecordedResource, properties: Mapping[str, Json], *, deposes: bool
) -> RecordedResource:
    """Create the object, wait until it is ready, record it. Returns the record.

    ``properties`` are revealed. ``deposes``: what state has under the address becomes deposed.

    Raises:
        ConflictError: an object under its name exists that this stack does not own.
        CloudError, UserError: refused; nothing was made, or what was made is recorded as tainted.
        TransientError: unclear or unfinished; the intent stays open for recovery.
    """
    intent = _intent(means, IntentKind.CREATE, wanted, means.generation, deposes=deposes)
    operation = _operation(means, intent, properties)
    schema = means.schemas(wanted.type)
    named = schema is not None and schema.natural_key is not None
    found = means.cloud.find(operation) if named else None
    intent = replace(intent, absent_before=named and found is None)
    if found is not None and not _is_ours(means, intent, found):
        raise conflict(means, wanted, found)
    means.store.begin(means.lease(), means.stack, means.lineage, intent)
    remote_id = found.remote_id if found else _call_create(means, intent, operation)
    means.store.identify(means.lease(), means.stack, intent.operation, remote_id)
    return _complete_create(means, replace(intent, remote_id=remote_id), operation)


def conflict(means: Means, wanted: RecordedResource, found: Found) -> ConflictError:
    """What to tell when the name is taken."""
    if (wanted.type, found.remote_id) in known_ids(means.store.read(means.stack)):
        return ConflictError(
            f"{found.remote_id} is already recorded in this stack, so {wanted.address} cannot be "
            "created under the same name: if the resource was renamed, set `lifecycle.moved`; if "
            "it is being replaced, set `lifecycle.replace: delete-first`"
        )
    if found.lineage is not None and found.lineage != means.lineage:
        return ConflictError(
            f"{found.remote_id} exists already and belongs to another gitbot stack (lineage "
            f"{found.lineage}): choose another name, or destroy it there first"
        )
    return ConflictError(
        f"{found.remote_id} exists already and was not made by this stack: choose another name, "
        f"or take it over with `lifecycle.import: {found.remote_id}`"
    )


def _call_create(means: Means, intent: Intent, operation: Operation) -> RemoteId:
    """The create call; an error is believed only after a look at what it left behind."""
    try:
        return means.cloud.create(operation)
    except (*REFUSALS, TransientError) as error:
        found = _look_after(means, operation, error)
        if found is not None and found.operation == intent.operation:
            return found.remote_id
        if isinstance(error, TransientError):
            if found is not None and _is_ours(means, intent, found):
                return found.remote_id
            # The call may still come through: only recovery, later, may say that it did not.
            raise
        # Refused: without our own tag, what has the name now was made by somebody else.
        means.store.abandon(means.lease(), means.stack, intent.operation)
        if found is not None:
            raise conflict(means, intent.resource, found) from error
        raise


def _look_after(means: Means, operation: Operation, error: Exception) -> Found | None:
    try:
        return means.cloud.find(operation)
    except (*REFUSALS, TransientError) as second:
        raise TransientError(f"{error} (and what became of it cannot be read: {second})") from error


def _complete_create(means: Means, intent: Intent, operation: Operation) -> RecordedResource:
    """From an identified object to a finished record; ``intent.remote_id`` is set."""
    assert intent.remote_id is not None
    made = replace(intent.resource, remote_id=intent.remote_id)
    try:
        means.cloud.settle(operation, intent.remote_id)
        observed = _read_back(means, made)
    except REFUSALS as error:
        tainted = replace(made, tainted=True)
        means.store.finish(means.lease(), means.stack, intent.operation, tainted)
        raise CloudError(
            f"{made.remote_id} was created but did not become ready: {error} "
            "It is recorded as tainted and will be replaced by the next apply.",
            code=error.code if isinstance(error, CloudError) else "",
        ) from error
    done = observed_record(made, observed.properties)
    means.store.finish(means.lease(), means.stack, intent.operation, done)
    return replace(done, attributes=observed.properties)


def resume_create(means: Means, intent: Intent) -> RecordedResource:
    """Go on with an identified create of a process that died; raises as ``create`` does."""
    intent = replace(intent, resource=resumable(intent.resource))
    operation = _operation(means, intent, without_redacted(intent.resource.properties))
    return _complete_create(means, intent, operation)


def look_for(means: Means, intent: Intent) -> Found | None:
    """The object that an unidentified create made, if it can be seen."""
    operation = _operation(means, intent, without_redacted(intent.resource.properties))
    found = means.cloud.find(operation)
    if found is None or not _is_ours(means, intent, found):
        return None
    return found


def update(
    means: Means,
    previous: RecordedResource,
    wanted: RecordedResource,
    properties: Mapping[str, Json],
    *,
    changed: frozenset[str],
    removed: frozenset[str],
    adopts: bool = False,
) -> RecordedResource:
    """Change the object in place and record it; ``adopts`` puts ownership tags on it first.

    Raises:
        CloudError, UserError, TransientError: not or only partly done; state claims only what the
            cloud shows.
    """
    intent = _intent(means, IntentKind.UPDATE, wanted, means.generation)
    operation = replace(
        _operation(means, intent, properties),
        changed=changed,
        removed=removed,
        recorded=previous.properties,
    )
    means.store.begin(means.lease(), means.stack, means.lineage, intent)
    try:
        if adopts:
            means.cloud.adopt(operation, wanted.remote_id)
        if changed or removed:
            means.cloud.update(operation, wanted.remote_id)
        observed = _read_back(means, wanted)
    except (*REFUSALS, TransientError):
        resolve_update(means, intent, None if adopts else previous)
        raise
    done = observed_record(wanted, observed.properties)
    means.store.finish(means.lease(), means.stack, intent.operation, done)
    return replace(done, attributes=observed.properties)


def resolve_update(means: Means, intent: Intent, previous: RecordedResource | None) -> None:
    """Close an update's intent with no more than what the cloud shows.

    ``previous`` None: the object was to be adopted, and is left to the next plan.
    """
    if previous is not None:
        observed = look_at(means, intent.resource)
        if isinstance(observed, Present):
            partial = after_failed_update(
                previous, intent.resource, observed.properties, means.schemas(previous.type)
            )
            means.store.put(means.lease(), means.stack, means.lineage, partial)
    means.store.abandon(means.lease(), means.stack, intent.operation)


def delete(means: Means, resource: RecordedResource, *, deposed: bool = False) -> None:
    """Delete the object and drop it from state; deleting the absent succeeds.

    Raises:
        CloudError, UserError, TransientError: it is still there and still recorded, or that cannot
            be read and the intent stays open.
    """
    intent = _intent(means, IntentKind.DELETE, resource, resource.generation, deposed=deposed)
    operation = replace(
        _operation(means, intent, without_redacted(resource.properties)),
        recorded=resource.properties,
    )
    means.store.begin(means.lease(), means.stack, means.lineage, intent)
    try:
        means.cloud.delete(operation, resource.remote_id)
    except (*REFUSALS, TransientError):
        if resolve_delete(means, intent):
            return
        raise
    means.store.finish(means.lease(), means.stack, intent.operation, None)


def resolve_delete(means: Means, intent: Intent) -> bool:
    """Close a deletion's intent by looking; True when the object is gone."""
    gone = isinstance(look_at(means, intent.resource), Absent)
    if gone:
        means.store.finish(means.lease(), means.stack, intent.operation, None)
    else:
        means.store.abandon(means.lease(), means.stack, intent.operation)
    return gone


def take_over_tags(means: Means, moved: RecordedResource) -> None:
    """Put the ownership tags of its new address on a moved object; idempotent."""
    intent = _intent(means, IntentKind.UPDATE, moved, means.generation)
    means.cloud.adopt(
        _operation(means, intent, without_redacted(moved.properties)), moved.remote_id
    )


def refuse_foreign(means: Means, resource: RecordedResource) -> None:
    """Stop before an object is adopted that state or another stack has already.

    Raises:
        ConflictError: names who has it.
    """
    schema = means.schemas(resource.type)
    if (resource.type, resource.remote_id) in known_ids(means.store.read(means.stack)):
        raise conflict(means, resource, Found(remote_id=resource.remote_id))
    if schema is None or schema.tags_path is None:
        return
    name = schema.tags_path.split("/")[1]
    observed = look_at(means, replace(resource, properties={name: None}))
    tags = observed.properties.get(name) if isinstance(observed, Present) else None
    lineage = lineage_in(tags)
    if lineage not in (None, means.lineage):
        raise conflict(means, resource, Found(remote_id=resource.remote_id, lineage=lineage))


def look_at(means: Means, resource: RecordedResource) -> Present | Absent:
    """The recorded object as it is now, with the surfaces that its record has."""
    request = ReadRequest(
        address=resource.address,
        type=resource.type,
        remote_id=resource.remote_id,
        route=resource.route,
        surfaces=frozenset(resource.properties),
    )
    observed = means.cloud.read([request])[resource.address]
    return observed if isinstance(observed, Present) else Absent()


def _read_back(means: Means, resource: RecordedResource) -> Present:
    """The object as it is after a mutation."""
    for pause in (*READ_BACK_PAUSES_S, None):
        observed = look_at(means, resource)
        if isinstance(observed, Present):
            return observed
        if pause is not None:
            means.sleep(pause)
    raise CloudError(f"{resource.remote_id} cannot be read any more: it was deleted meanwhile.")


def _intent(
    means: Means,
    kind: IntentKind,
    resource: RecordedResource,
    generation: int,
    *,
    deposes: bool = False,
    deposed: bool = False,
) -> Intent:
    now = means.clock.now()
    name = f"{kind.value} deposed" if deposed else kind.value
    return Intent(
        operation=operation_token(means.lineage, resource.address, generation, name),
        kind=kind,
        address=resource.address,
        resource=resource,
        remote_id=None if kind is IntentKind.CREATE else resource.remote_id,
        desired_hash=means.desired_hash,
        epoch=means.lease().epoch,
        begun_at=now,
        deadline=now + DEADLINES[kind],
        deposes=deposes,
        deposed=deposed,
    )


def _operation(means: Means, intent: Intent, properties: Mapping[str, Json]) -> Operation:
    resource = intent.resource
    return Operation(
        token=intent.operation,
        address=intent.address,
        type=resource.type,
        route=resource.route,
        properties=properties,
        ownership=ownership_tags(means.stack, means.lineage, intent.address, intent.operation),
        empty_on_delete=resource.empty_on_delete,
        deadline=means.clock.now() + DEADLINES[intent.kind],
    )


def _is_ours(means: Means, intent: Intent, found: Found) -> bool:
    return is_ours(found, intent, means.lineage, known_ids(means.store.read(means.stack)))
