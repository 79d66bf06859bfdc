"""Delete objects, and close a deletion that a crashed process began. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.errors import TransientError, UnfinishedError
from gitbot.model.observed import Absent
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.reconciler.recording import without_redacted
from gitbot.walk.means import REFUSALS, Means, announce, look_at, new_intent, operation_for
from gitbot.walk.ownership import refuse_anothers


def delete(means: Means, resource: RecordedResource, *, deposed: bool = False) -> tuple[str, ...]:
    """Delete the object and drop it from state; deleting an absent object succeeds.

    Returns in what is kept what it held, such as a snapshot, in words: what was told last, since a call may be repeated.

    Raises:
        ConflictError: the object belongs to another stack by now; nothing was done to it.
        UnfinishedError: emptying the object takes another apply; state counts how far it is.
        CloudError, UserError, TransientError: the object is still there and still recorded; or
            whether it is there cannot be read, and the intent stays open.
    """
    described = refuse_anothers(means, resource)
    intent = announce(
        means,
        new_intent(means, IntentKind.DELETE, resource, resource.generation, deposed=deposed),
    )
    operation = replace(
        operation_for(means, intent, without_redacted(resource.properties)),
        recorded=resource.properties,
        described=described,
        left=(left := list[str]()).append,
    )
    try:
        means.cloud.delete(operation, resource.remote_id)
    except (*REFUSALS, TransientError) as error:
        if resolve_delete(means, intent):
            return tuple(left[-1:])
        if isinstance(error, UnfinishedError):
            raise _counted(means, resource, error, deposed=deposed) from error
        raise
    _close(means, intent)
    return tuple(left[-1:])


def _counted(
    means: Means, resource: RecordedResource, error: UnfinishedError, *, deposed: bool
) -> UnfinishedError:
    """The error with the count of all turns so far, which state keeps for the next one."""
    total = resource.emptied + error.done
    kept = means.store.read(means.stack).resources.get(resource.address)
    if not deposed and kept is not None:
        means.store.put(means.lease(), means.stack, means.lineage, replace(kept, emptied=total))
    text = f"{total} {error.of} are deleted so far; the next apply goes on."
    return UnfinishedError(text, done=total, of=error.of)


def resolve_delete(means: Means, intent: Intent) -> bool:
    """Close a deletion's intent after reading the object; returns whether the object is gone.

    A deletion is never repeated here: only the next plan, which people can see, may delete.
    """
    if isinstance(look_at(means, intent.resource), Absent):
        _close(means, intent)
        return True
    means.store.abandon(means.lease(), means.stack, intent.operation)
    return False


def _close(means: Means, intent: Intent) -> None:
    """Record that the object is gone, and close the intents for its power."""
    state = means.store.finish(means.lease(), means.stack, intent.operation, None)
    for other in state.intents:
        if other.kind is IntentKind.POWER and other.remote_id == intent.resource.remote_id:
            means.store.abandon(means.lease(), means.stack, other.operation)
