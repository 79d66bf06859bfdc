"""Finish the mutations that an earlier process announced and did not record. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.model.cloud import TAKE_OUT_OF_STATE, UNTRACEABLE
from gitbot.model.names import RemoteId
from gitbot.model.recorded import Intent, IntentKind, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.walk.creating import ask_again, look_for, resume_create
from gitbot.walk.deleting import resolve_delete
from gitbot.walk.means import Means, Tools, is_open, means_for, receipt_of
from gitbot.walk.power import drive_power
from gitbot.walk.updating import resume_update

CONSISTENCY_WINDOW = timedelta(seconds=60)
"""How long after its announcement a create may still be served, or its object be invisible. A client
waits this long for a reply; the services list a new object sooner."""
POLL_S = 2.0

ACTION = "recover"


def recover(
    tools: Tools, recorded: RecordedStack, window: timedelta = CONSISTENCY_WINDOW
) -> RecordedStack:
    """Close every intent that an earlier process left open, and return the state after that.

    A create whose object is found is finished; if the object cannot become ready, it is recorded as
    tainted. A create whose object is not found is sent again with its client token. Where that is
    not possible, it is given up once ``window`` has passed since it was announced. An object that
    this stack does not own is left alone: the next plan's create reports it.

    An update is finished by its handler. If that is refused, state records what the cloud shows. A
    deletion is never repeated: it is over when the object is gone. Machines get the power that they
    must have. Where the cloud refuses that, the intent stays open and the walk tries again.
    Recovery may be interrupted anywhere and run again.

    Raises:
        UserError: the intents belong to another account.
        TransientError, CloudError: something could not be read or finished; the rest was closed.
        LeaseLostError: another process took the environment over.
    """
    _check_account(recorded, tools.cloud)
    means = means_for(tools, recorded, None)
    open_errors: list[CloudError | UserError | TransientError] = []
    # Power last: an update that is finished here may stop and start the same machine.
    for intent in sorted(recorded.intents, key=lambda intent: intent.kind is IntentKind.POWER):
        if not is_open(means, intent):
            continue
        tools.progress(intent.address, ACTION, "start", intent.kind.value)
        try:
            became = _resolve(means, intent, window)
        except (CloudError, UserError, TransientError) as error:
            tools.progress(intent.address, ACTION, "failed", str(error))
            if is_open(means, intent) and not _may_wait(intent, error):
                open_errors.append(error)
        else:
            tools.progress(intent.address, ACTION, "done", became)
    if open_errors:
        raise open_errors[0]
    return means.store.read(recorded.id)


def _may_wait(intent: Intent, error: Exception) -> bool:
    """Whether the walk may begin although the intent is open.

    A machine may fail to start because AWS has no capacity for it. That must not keep people from
    applying the change of its type that would help.
    """
    return intent.kind is IntentKind.POWER and isinstance(error, CloudError)


def _check_account(recorded: RecordedStack, cloud: Cloud) -> None:
    for intent in recorded.intents:
        account = intent.resource.account
        if (account, intent.resource.region) != (cloud.account(), cloud.region):
            raise UserError(
                f"{recorded.id.label} has an unfinished {intent.kind.value} of {intent.address} in "
                f"account {account}, region {intent.resource.region}, but the credentials lead to "
                f"account {cloud.account()}, region {cloud.region}: apply with the former first"
            )


def _resolve(means: Means, intent: Intent, window: timedelta) -> str:
    """Close the intent; returns in words what became of it."""
    match intent.kind:
        case IntentKind.CREATE:
            return _resolve_create(means, intent, window)
        case IntentKind.UPDATE:
            return resume_update(means, intent)
        case IntentKind.DELETE:
            return "it is deleted" if resolve_delete(means, intent) else "it was not deleted"
        case IntentKind.POWER:
            gone = drive_power(means, intent) is None
            return "it is gone" if gone else f"it is {intent.power}"


def _resolve_create(means: Means, intent: Intent, window: timedelta) -> str:
    remote_id = intent.remote_id or look_for(means, intent) or ask_again(means, intent)
    if remote_id is None:
        remote_id = _find(means, intent, window)
    if remote_id is None:
        _refuse_to_guess(means, intent)
        means.store.abandon(means.lease(), means.stack, intent.operation)
        return "it was not created"
    made = resume_create(means, intent, remote_id)
    return f"{made.remote_id} was created and is recorded"


def _refuse_to_guess(means: Means, intent: Intent) -> None:
    """Stop where nobody can know whether the object was made.

    A request with a receipt has told its end. Without one, an object that has neither name nor tags
    can be there and not be found, and making another one would double it.

    Raises:
        CloudError: says what to look for, and what to do then.
    """
    schema = means.schemas(intent.resource.type)
    if schema is None or not schema.requests.traceless or receipt_of(means, intent) is not None:
        return
    key = schema.natural_key
    if key is not None and all(name in intent.resource.properties for name in key):
        return
    raise CloudError(
        f"{intent.address}: gitbot died while it asked for a new {intent.resource.type} at "
        f"{intent.asked_at or intent.begun_at:%Y-%m-%d %H:%M} UTC, and AWS cannot tell any more what "
        "became of that: such an object has neither a name nor tags. Look for it in the console. "
        f"Delete it if it is there. {TAKE_OUT_OF_STATE}",
        code=UNTRACEABLE,
    )


def _find(means: Means, intent: Intent, window: timedelta) -> RemoteId | None:
    """The created object. Looks again until an existing object would be visible."""
    until = intent.begun_at + window
    while True:
        found = look_for(means, intent)
        if found is not None:
            return found
        left = (until - means.clock.now()).total_seconds()
        if left <= 0:
            return None
        means.sleep(min(POLL_S, left))
