"""Compute the state of a stack after each kind of write, for any store. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.errors import ConflictError, InvariantError, StaleError
from gitbot.model.expiry import Life
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, RemoteId, Sha
from gitbot.model.recorded import (
    Deposed,
    Done,
    Intent,
    IntentKind,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from gitbot.reconciler.leases import refuse_moved


def in_lineage(state: RecordedStack, lineage: str) -> RecordedStack:
    """The state, with the lineage that the writer read.

    Raises:
        StaleError: the state has another lineage. Somebody else wrote to a new stack first, or the
            store was replaced.
    """
    if state.serial and state.lineage != lineage:
        raise StaleError(
            f"The state of {state.id.label} is of lineage {state.lineage}, but the plan was made"
            f" on {lineage}: plan again."
        )
    return replace(state, lineage=lineage)


def begun(state: RecordedStack, intent: Intent) -> RecordedStack:
    """The state with this intent; it replaces an intent of the same operation in its place."""
    known = any(found.operation == intent.operation for found in state.intents)
    intents = (
        tuple(intent if i.operation == intent.operation else i for i in state.intents)
        if known
        else (*state.intents, intent)
    )
    return _grown(replace(state, intents=intents, complete=False, edited=False))


def identified(state: RecordedStack, operation: str, remote_id: RemoteId) -> RecordedStack:
    """The state with the identifier of the object that the create made."""
    intent = replace(_intent(state, operation), remote_id=remote_id)
    return begun(state, intent)


def received(state: RecordedStack, operation: str, receipt: str) -> RecordedStack:
    """The state with the receipt of the request that the intent announced."""
    return begun(state, replace(_intent(state, operation), receipt=receipt))


def finished(
    state: RecordedStack, operation: str, resource: RecordedResource | None
) -> RecordedStack:
    """The state with the intent's result instead of the intent.

    Raises:
        InvariantError: no such intent, or a result that does not fit its kind.
    """
    intent = _intent(state, operation)
    if (resource is None) != (intent.kind is IntentKind.DELETE):
        raise InvariantError(f"A {intent.kind} of {intent.address} was finished as another kind.")
    rest = replace(abandoned(state, operation), done=_done(state.done, intent))
    if resource is not None:
        return _recorded(rest, intent, resource)
    if intent.deposed:
        gone = intent.resource
        return replace(
            rest, deposed=tuple(old for old in rest.deposed if not _is_object(old.resource, gone))
        )
    return replace(rest, resources=_without(rest.resources, intent.address))


def _done(done: Done | None, intent: Intent) -> Done:
    """With the intent counted under its lease. That of an earlier lease was counted out with it."""
    if done is not None and done.epoch > intent.epoch:
        return done
    known = done.finished if done is not None and done.epoch == intent.epoch else {}
    count = known.get(intent.kind, 0) + 1
    return Done(epoch=intent.epoch, finished={**known, intent.kind.value: count})


def _recorded(state: RecordedStack, intent: Intent, resource: RecordedResource) -> RecordedStack:
    old = state.resources.get(intent.address)
    deposed = state.deposed
    if intent.deposes and old is not None and not _is_object(old, resource):
        deposed = (*deposed, Deposed(resource=old, operation=intent.operation))
    return replace(state, resources=_with(state.resources, resource), deposed=deposed)


def abandoned(state: RecordedStack, operation: str) -> RecordedStack:
    """The state without the intent. Raises InvariantError when there is none."""
    gone = _intent(state, operation)
    return _grown(replace(state, intents=tuple(i for i in state.intents if i is not gone)))


def put(
    state: RecordedStack, resource: RecordedResource, moved_from: Address | None
) -> RecordedStack:
    """The state with the resource at its address, and nothing at the one that it moved from."""
    rest = state.resources if moved_from is None else _without(state.resources, moved_from)
    return _grown(replace(state, resources=_with(rest, resource)))


def forgotten(state: RecordedStack, address: Address) -> RecordedStack:
    """The state without the resource. The cloud is not touched."""
    return _grown(replace(state, resources=_without(state.resources, address)))


def looked_up(state: RecordedStack, lookups: Mapping[Address, KeptLookup]) -> RecordedStack:
    """The state with exactly these answers. What was made with others is not complete."""
    kept = dict(sorted(lookups.items()))
    return _grown(replace(state, lookups=kept, complete=False, edited=False))


def given(state: RecordedStack, outputs: Mapping[str, RecordedOutput]) -> RecordedStack:
    """The state with these outputs. Objects that leave are still there, so it is not complete."""
    return _grown(replace(state, outputs=dict(outputs), complete=False, edited=False))


def rewritten(state: RecordedStack, wanted: RecordedStack) -> RecordedStack:
    """The state with the resources and deposed objects of ``wanted``, which was made from it.

    Raises:
        StaleError: the state moved since.
        InvariantError: an intent is open.
    """
    if (state.lineage, state.serial) != (wanted.lineage, wanted.serial):
        raise StaleError(f"the state of {state.id.label} moved meanwhile: look at it again")
    if state.intents:
        raise InvariantError(f"{state.id.label} has an open intent of {state.intents[0].address}")
    return _grown(
        replace(
            state,
            resources=dict(sorted(wanted.resources.items())),
            deposed=wanted.deposed,
            complete=state.complete and wanted.complete,
            edited=state.edited or (state.complete and not wanted.complete),
        )
    )


def renamed(state: RecordedStack, other: RecordedStack, name: str) -> RecordedStack:
    """The state under another name, under which ``other`` was known.

    Raises:
        ConflictError: the other one has resources.
    """
    refuse_moved(state)
    after = replace(state, id=replace(state.id, name=name))
    if not other.empty:
        raise ConflictError(
            f"{state.id.label} cannot become {after.id.label}: state has resources of both"
        )
    return replace(after, serial=max(state.serial, other.serial) + 1)


def brought(state: RecordedStack, wanted: RecordedStack) -> RecordedStack:
    """The state that was brought from elsewhere, where nothing was, or a copy that was moved away.

    Raises:
        ConflictError: something was.
    """
    if not state.empty and state.moved is None:
        raise ConflictError(f"this store has state of {state.id.label} already")
    # What was done was done under a lease of the other store.
    return replace(wanted, serial=max(state.serial, wanted.serial) + 1, done=None)


def settled(state: RecordedStack) -> RecordedStack:
    """The state that was brought, kept here from now on."""
    return replace(state, serial=state.serial + 1, moved=None)


def retired(state: RecordedStack, lineage: str, moved: Moved) -> RecordedStack:
    """The state as a copy of one that is kept elsewhere. Its objects belong to another lineage now."""
    return replace(_grown(state), lineage=lineage, moved=moved)


def completed(
    state: RecordedStack,
    outputs: Mapping[str, RecordedOutput],
    desired_hash: str | None,
    commit: Sha | None,
    life: Life,
) -> RecordedStack:
    """The state with the result of an apply that finished without failures.

    Raises:
        InvariantError: an intent is still open, so the apply cannot have finished.
    """
    if state.intents:
        raise InvariantError(
            f"The apply of {state.id.label} was marked as finished while"
            f" {state.intents[0].address} has an open intent."
        )
    return _grown(
        replace(
            state,
            outputs=dict(outputs),
            desired_hash=desired_hash,
            commit=commit,
            complete=True,
            edited=False,
            lifetime=life.lifetime,
            module_tags=dict(life.module_tags),
            born_at=None if desired_hash is None else state.born_at or life.at,
            uses=dict(life.uses),
        )
    )


def _grown(state: RecordedStack) -> RecordedStack:
    """Every change comes here. Raises UserError if the state is kept in another store."""
    refuse_moved(state)
    return replace(state, serial=state.serial + 1)


def _intent(state: RecordedStack, operation: str) -> Intent:
    for intent in state.intents:
        if intent.operation == operation:
            return intent
    raise InvariantError(f"{state.id.label} has no open intent {operation}.")


def _is_object(one: RecordedResource, other: RecordedResource) -> bool:
    return (one.type, one.remote_id) == (other.type, other.remote_id)


def _with(
    resources: Mapping[Address, RecordedResource], resource: RecordedResource
) -> dict[Address, RecordedResource]:
    # Sorted by address, as every store reads them back.
    return dict(sorted({**resources, resource.address: resource}.items()))


def _without(
    resources: Mapping[Address, RecordedResource], address: Address
) -> dict[Address, RecordedResource]:
    return {key: resource for key, resource in resources.items() if key != address}
