"""Create objects, and finish a create that a crashed process began. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.errors import CloudError, ConflictError, TransientError
from gitbot.model.cloud import FAILED, NEVER_READY, Operation
from gitbot.model.names import RemoteId
from gitbot.model.observed import Found, Present
from gitbot.model.placement import PLACEMENT
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.model.values import Json
from gitbot.reconciler.partial import after_refused_follow_up
from gitbot.reconciler.recording import (
    is_ours,
    known_ids,
    observed_record,
    resumable,
    without_redacted,
)
from gitbot.walk.means import (
    REFUSALS,
    Means,
    announce,
    conflict,
    look_at,
    new_intent,
    operation_for,
    read_back,
    receipt_of,
)


def create(
    means: Means, wanted: RecordedResource, properties: Mapping[str, Json], *, deposes: bool
) -> RecordedResource:
    """Create the object, wait until it is ready, record it; returns the record.

    ``properties`` are in the clear. With ``deposes``, what state has under the address becomes
    deposed.

    Raises:
        ConflictError: an object under its name exists that this stack does not own.
        CloudError, UserError: refused; nothing was made, or what was made is recorded: as tainted,
            or as far as it is finished.
        TransientError: unclear or unfinished; the intent stays open for recovery.
    """
    intent = new_intent(means, IntentKind.CREATE, wanted, means.generation)
    schema = means.schemas(wanted.type)
    # Which of several choices an earlier call took is not known, so no call may be sent again.
    if schema is not None and schema.client_token and PLACEMENT not in wanted.properties:
        intent = replace(intent, request_token=intent.operation, asked_at=intent.begun_at)
    operation = operation_for(means, intent, properties)
    first = replace(operation, asked=False)
    looks = schema is not None and schema.natural_key is not None and not schema.refuses_taken
    found = means.cloud.find(first) if looks else None
    if found is not None and not _is_ours(means, intent, found):
        raise conflict(means, wanted, found)
    intent = replace(intent, absent_before=looks and found is None, deposes=deposes)
    intent = announce(means, intent)
    remote_id = found.remote_id if found else _call_create(means, intent, first)
    return _complete(means, _identified(means, intent, remote_id), operation)


def look_for(means: Means, intent: Intent) -> RemoteId | None:
    """The object that a create with no known identifier made; None if it is not visible (yet)."""
    operation = operation_for(means, intent, without_redacted(intent.resource.properties))
    found = means.cloud.find(operation)
    if found is None or not _is_ours(means, intent, found):
        return None
    return found.remote_id


def ask_again(means: Means, intent: Intent) -> RemoteId | None:
    """The object of a create with no known identifier, from a second call with the same token.

    The cloud returns the object of the first call, or makes it now if that call never came through.
    Returns None where the cloud refuses, and where a second call is not safe: the call takes no
    token, the token counts no more, or a sensitive property is not in state.
    """
    properties = without_redacted(intent.resource.properties)
    if intent.request_token is None or properties.keys() != intent.resource.properties.keys():
        return None
    if not _token_counts(means, intent):
        return None
    intent = announce(means, intent)
    try:
        return means.cloud.create(operation_for(means, intent, properties))
    except REFUSALS:
        return None


def _token_counts(means: Means, intent: Intent) -> bool:
    """Whether the cloud still knows the token, so that a second call makes no second object."""
    schema = means.schemas(intent.resource.type)
    if schema is None or schema.requests.token_lasts is None:
        return True
    asked_at = intent.asked_at or intent.begun_at
    return means.clock.now() < asked_at + schema.requests.token_lasts


def resume_create(means: Means, intent: Intent, remote_id: RemoteId) -> RecordedResource:
    """Finish a create of an earlier process whose object is ``remote_id``. Raises as ``create``."""
    if intent.remote_id is None:
        intent = _identified(means, intent, remote_id)
    operation = operation_for(means, intent, without_redacted(intent.resource.properties))
    return _complete(means, intent, operation, resumed=True)


def _identified(means: Means, intent: Intent, remote_id: RemoteId) -> Intent:
    """The intent with the identifier, which is recorded, and with the receipt that state has."""
    state = means.store.identify(means.lease(), means.stack, intent.operation, remote_id)
    (receipt,) = (one.receipt for one in state.intents if one.operation == intent.operation)
    return replace(intent, remote_id=remote_id, receipt=receipt)


def _call_create(means: Means, intent: Intent, operation: Operation) -> RemoteId:
    """Make the create call. After an error, look first whether the object exists all the same."""
    try:
        return means.cloud.create(operation)
    except (*REFUSALS, TransientError) as error:
        # A refused request has an end, and no object; of an unanswered one the receipt tells more.
        receipt = receipt_of(means, intent) if isinstance(error, TransientError) else None
        found = _look_after(means, replace(operation, asked=True, receipt=receipt), error)
        if found is not None and _says_ours(means, intent, found):
            return found.remote_id
        if isinstance(error, TransientError):
            if found is not None and _is_ours(means, intent, found):
                return found.remote_id
            # The call may still come through, so the intent stays open for recovery.
            raise
        # The call was refused, so an object without our tags is somebody else's.
        means.store.abandon(means.lease(), means.stack, intent.operation)
        if found is not None:
            raise conflict(means, intent.resource, found) from error
        raise


def _look_after(means: Means, operation: Operation, error: Exception) -> Found | None:
    try:
        return means.cloud.find(operation)
    except (*REFUSALS, TransientError) as second:
        raise TransientError(f"{error} (and what became of it cannot be read: {second})") from error


def _complete(
    means: Means, intent: Intent, operation: Operation, *, resumed: bool = False
) -> RecordedResource:
    """Wait until the identified object is ready, and record it; if ``resumed``, as far as it is sure."""
    assert intent.remote_id is not None
    made = replace(intent.resource, remote_id=intent.remote_id)
    operation = replace(operation, receipt=intent.receipt)
    try:
        means.cloud.settle(operation, intent.remote_id)
        observed = read_back(means, made)
    except ConflictError:  # the request failed because the name was taken: the object is not ours
        means.store.abandon(means.lease(), means.stack, intent.operation)
        raise
    except REFUSALS as error:
        code = error.code if isinstance(error, CloudError) else ""
        partial, became = _unsettled(means, made, code)
        means.store.finish(means.lease(), means.stack, intent.operation, partial)
        raise CloudError(
            f"{made.remote_id} was created but {became}: {error}", code=code
        ) from error
    done = observed_record(made, observed.properties, means.schemas(made.type))
    if resumed:  # not before: what is left out of the record is in no attribute either
        done = resumable(done)
    means.store.finish(means.lease(), means.stack, intent.operation, done)
    return replace(done, attributes=observed.properties)


def _unsettled(means: Means, made: RecordedResource, code: str) -> tuple[RecordedResource, str]:
    """The record of an object whose creation did not end well, and in words what becomes of it.

    An object that is there and was only refused a follow-up call is kept: the next plan makes that
    call. One that is gone, or does not get ready, is tainted.
    """
    observed = look_at(means, made) if code not in (NEVER_READY, FAILED) else None
    if isinstance(observed, Present):
        partial = after_refused_follow_up(made, observed.properties, means.schemas(made.type))
        return partial, "is not finished, and the next apply goes on with it"
    return (
        replace(made, tainted=True),
        "did not become ready, and the next apply replaces it (it is recorded as tainted)",
    )


def _says_ours(means: Means, intent: Intent, found: Found) -> bool:
    """Whether the tags of the found object say that this create made it, or an earlier one that came through late."""
    return _is_ours(means, replace(intent, absent_before=False), found)


def _is_ours(means: Means, intent: Intent, found: Found) -> bool:
    return is_ours(found, intent, means.lineage, known_ids(means.store.read(means.stack)))
