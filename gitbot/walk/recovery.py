"""Recovery: what became of the mutations that an earlier process announced and did not record. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.model.names import RemoteId
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.ports import Clock, Cloud, Progress, StateStore
from gitbot.walk import mutations
from gitbot.walk.mutations import Means

CONSISTENCY_WINDOW = timedelta(seconds=60)
"""For how long after its announcement a create may still come through or be invisible: as long as
a client waits for a reply, and longer than the services take to list a new object."""
POLL_S = 2.0

ACTION = "recover"


def recover(
    *,
    recorded: RecordedStack,
    cloud: Cloud,
    store: StateStore,
    lease: Callable[[], Lease],
    schemas: SchemaLookup,
    clock: Clock,
    progress: Progress,
    window: timedelta = CONSISTENCY_WINDOW,
    sleep: Callable[[float], None] = time.sleep,
) -> RecordedStack:
    """Resolve every open intent by looking at the cloud; returns the state without them.

    A create that came through is gone on with (recorded as tainted if it cannot become ready); one
    that cannot be found is given up once ``window`` has passed since it was announced. An update is
    reduced to what the cloud shows. A deletion is over when the object is gone. An object that this
    stack does not own is left alone: the next plan's create then reports it. May be interrupted
    anywhere and run again.

    Raises:
        UserError: the intents belong to another account.
        TransientError, CloudError: something could not be read or finished; the rest was resolved,
            that intent is still open.
        LeaseLostError: another process took the environment over.
    """
    means = Means(
        stack=recorded.id,
        lineage=recorded.lineage,
        generation=recorded.serial + 1,
        desired_hash="",
        cloud=cloud,
        store=store,
        lease=lease,
        schemas=schemas,
        clock=clock,
        sleep=sleep,
    )
    _check_account(recorded, cloud)
    open_errors: list[CloudError | UserError | TransientError] = []
    for intent in recorded.intents:
        progress(intent.address, ACTION, "start", intent.kind.value)
        try:
            became = _resolve(means, intent, window)
        except (CloudError, UserError, TransientError) as error:
            progress(intent.address, ACTION, "failed", str(error))
            if _is_open(means, intent):
                open_errors.append(error)
        else:
            progress(intent.address, ACTION, "done", became)
    if open_errors:
        raise open_errors[0]
    return store.read(recorded.id)


def _check_account(recorded: RecordedStack, cloud: Cloud) -> None:
    for intent in recorded.intents:
        account = intent.resource.account
        if (account, intent.resource.region) != (cloud.account(), cloud.region):
            raise UserError(
                f"{recorded.id.label} has an unfinished {intent.kind.value} of {intent.address} in "
                f"account {account}, region {intent.resource.region}, but the credentials lead to "
                f"account {cloud.account()}, region {cloud.region}: apply with the former first"
            )


def _is_open(means: Means, intent: Intent) -> bool:
    return any(
        still.operation == intent.operation for still in means.store.read(means.stack).intents
    )


def _resolve(means: Means, intent: Intent, window: timedelta) -> str:
    match intent.kind:
        case IntentKind.CREATE:
            return _resolve_create(means, intent, window)
        case IntentKind.UPDATE:
            previous = means.store.read(means.stack).resources.get(intent.address)
            mutations.resolve_update(means, intent, previous)
            return "recorded as far as it came"
        case IntentKind.DELETE:
            gone = mutations.resolve_delete(means, intent)
            return "it is deleted" if gone else "it was not deleted"


def _resolve_create(means: Means, intent: Intent, window: timedelta) -> str:
    if intent.remote_id is None:
        found = _find(means, intent, window)
        if found is None:
            means.store.abandon(means.lease(), means.stack, intent.operation)
            return "it was not created"
        state = means.store.identify(means.lease(), means.stack, intent.operation, found)
        intent = next(each for each in state.intents if each.operation == intent.operation)
    made = mutations.resume_create(means, intent)
    return f"{made.remote_id} was created and is recorded"


def _find(means: Means, intent: Intent, window: timedelta) -> RemoteId | None:
    """The created object; looks again until it would be visible if it were there."""
    until = intent.begun_at + window
    while True:
        found = mutations.look_for(means, intent)
        if found is not None:
            return found.remote_id
        left = (until - means.clock.now()).total_seconds()
        if left <= 0:
            return None
        means.sleep(min(POLL_S, left))
