"""Hold what every mutation of a walk works with; announce intents and read objects. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gitbot.errors import CloudError, ConflictError, UserError
from gitbot.model.cloud import TURN, Operation
from gitbot.model.names import StackId
from gitbot.model.observed import Absent, Found, Present, ReadRequest
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.model.timeouts import Timeouts
from gitbot.model.values import Json
from gitbot.ports.cloud import Cloud
from gitbot.ports.jobs import Hiding, Progress
from gitbot.ports.state import StateStore
from gitbot.ports.time import Clock
from gitbot.reconciler.digest import operation_token
from gitbot.reconciler.recording import known_ids, ownership_tags

DEADLINE = timedelta(minutes=15)
"""How long one mutation may take, its waiting included, where its spec does not say."""
READ_BACK_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""How long a new object may stay invisible to reads after it was made or was reported as ready."""

REFUSALS = (CloudError, UserError)
"""What a cloud's method raises when the call is refused for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports that the walk and recovery use. ``clock`` tells real time.

    ``hiding`` hides secrets in everything that is written while its block lasts.
    """

    cloud: Cloud
    store: StateStore
    lease: Callable[[], Lease]
    schemas: SchemaLookup
    clock: Clock
    progress: Progress
    hiding: Hiding
    turn: timedelta = TURN
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the mutations of one stack work with: the tools, and whose objects they are.

    ``generation`` is part of every new operation id. It is one more than the state's serial when
    the walk began. Each intent raises the serial, so two objects of an address never share a token,
    not even after a deletion. The same plan on the same state gives the same tokens.
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
    progress: Progress
    hiding: Hiding
    turn: timedelta
    sleep: Callable[[float], None]


def means_for(tools: Tools, recorded: RecordedStack, desired_hash: str | None) -> Means:
    """The means to change the stack whose state was read as ``recorded``."""
    return Means(
        stack=recorded.id,
        lineage=recorded.lineage,
        generation=recorded.serial + 1,
        desired_hash=desired_hash or "",
        cloud=tools.cloud,
        store=tools.store,
        lease=tools.lease,
        schemas=tools.schemas,
        clock=tools.clock,
        progress=tools.progress,
        hiding=tools.hiding,
        turn=tools.turn,
        sleep=tools.sleep,
    )


def patience(schemas: SchemaLookup, kind: IntentKind, resource: RecordedResource) -> timedelta:
    """How long a mutation of the resource may take: as its spec says, else as its type does.

    Starting and stopping it is updating it.
    """
    schema = schemas(resource.type)
    for said in (resource.timeouts, *((schema.requests.timeouts,) if schema is not None else ())):
        given = _of_kind(said, kind)
        if given is not None:
            return given
    return DEADLINE


def _of_kind(said: Timeouts, kind: IntentKind) -> timedelta | None:
    match kind:
        case IntentKind.CREATE:
            return said.create
        case IntentKind.DELETE:
            return said.delete
        case _:
            return said.update


def new_intent(
    means: Means,
    kind: IntentKind,
    resource: RecordedResource,
    generation: int,
    *,
    deposed: bool = False,
) -> Intent:
    """The intent of a mutation that is about to begin; ``announce`` writes it to state."""
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
        deadline=now + patience(means.schemas, kind, resource),
        deposed=deposed,
    )


def announce(means: Means, intent: Intent) -> Intent:
    """Write the intent to state, so that a crash from here on is recovered; returns it as written.

    An intent of an earlier process gets this lease's epoch and a new deadline.

    Raises:
        LeaseLostError: another process may mutate this environment; make no call.
    """
    lease = means.lease()
    now = means.clock.now()
    deadline = now + patience(means.schemas, intent.kind, intent.resource)
    intent = replace(intent, epoch=lease.epoch, begun_at=now, deadline=deadline)
    means.store.begin(lease, means.stack, means.lineage, intent)
    return intent


def is_open(means: Means, intent: Intent) -> bool:
    """Whether state still has the intent."""
    return any(
        still.operation == intent.operation for still in means.store.read(means.stack).intents
    )


def receipt_of(means: Means, intent: Intent) -> str | None:
    """The receipt that state has by now with the intent."""
    state = means.store.read(means.stack)
    kept = (one.receipt for one in state.intents if one.operation == intent.operation)
    return next(kept, None)


def operation_for(means: Means, intent: Intent, properties: Mapping[str, Json]) -> Operation:
    """The operation that asks the cloud to do what the intent says."""
    resource = intent.resource
    return Operation(
        token=intent.operation,
        request_token=intent.request_token,
        receipt=intent.receipt,
        address=intent.address,
        type=resource.type,
        route=resource.route,
        properties=properties,
        ownership=ownership_tags(means.stack, means.lineage, intent.address, intent.operation),
        empty_on_delete=resource.empty_on_delete,
        snapshot_on_delete=resource.snapshot_on_delete,
        deadline=means.clock.now() + patience(means.schemas, intent.kind, resource),
        turn=means.turn,
        watch=lambda text: means.progress(intent.address, intent.kind.value, "waiting", text),
        accepted=lambda receipt: _keep(means, intent, receipt),
    )


def _keep(means: Means, intent: Intent, receipt: str) -> None:
    """Record the receipt of the intent's request, if it is another one than state has."""
    if receipt != intent.receipt:
        means.store.receive(means.lease(), means.stack, intent.operation, receipt)


def look_at(
    means: Means,
    resource: RecordedResource,
    *,
    surfaces: frozenset[str] | None = None,
) -> Present | Absent:
    """The recorded object as it is now, with the properties that its record has; see ``ReadRequest``."""
    request = ReadRequest(
        address=resource.address,
        type=resource.type,
        remote_id=resource.remote_id,
        route=resource.route,
        surfaces=frozenset(resource.properties) if surfaces is None else surfaces,
    )
    observed = means.cloud.read([request])[resource.address]
    return observed if isinstance(observed, Present) else Absent()


def read_back(means: Means, resource: RecordedResource) -> Present:
    """The object as it is after a mutation; waits a little until reads show it.

    Raises:
        CloudError: it no longer exists.
    """
    for pause in (*READ_BACK_PAUSES_S, None):
        observed = look_at(means, resource)
        if isinstance(observed, Present):
            return observed
        if pause is not None:
            means.sleep(pause)
    raise CloudError(f"{resource.remote_id} cannot be read any more: it was deleted meanwhile.")


def conflict(means: Means, wanted: RecordedResource, found: Found) -> ConflictError:
    """The error for a name or identifier that is taken: who has it, and what to do."""
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
