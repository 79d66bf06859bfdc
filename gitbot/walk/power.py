"""Stop a machine for a change and start it again, also after a crash in between. Shell.

Before the first call, an open intent in state says which power the machine must have in the end.
The intent is closed only when the cloud says that the machine has that power, or that it is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gitbot.errors import CloudError, TransientError
from gitbot.model.cloud import Power
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.reconciler.recording import observed_record, without_redacted
from gitbot.walk.means import REFUSALS, Means, announce, new_intent, operation_for, read_back


def while_stopped(
    means: Means, resource: RecordedResource, work: Callable[[], RecordedResource]
) -> RecordedResource:
    """Do ``work`` while the machine is stopped, start it if it ran before, and return its last
    record.

    The machine is started also when ``work`` fails. An object without a power switch is left alone.

    Raises:
        CloudError, UserError, TransientError: the stop, the work or the start failed. If the
            machine does not run again, the message says so, and an open intent makes recovery start
            it.
    """
    operation = operation_for(
        means,
        new_intent(means, IntentKind.POWER, resource, means.generation),
        without_redacted(resource.properties),
    )
    power = means.cloud.power(operation, resource.remote_id)
    intent = _to_start_again(means, resource, power)
    try:
        if power is not None:
            means.cloud.stop(operation, resource.remote_id)
        done = work()
    except (*REFUSALS, TransientError) as error:
        if intent is not None:
            _start_after(means, intent, error)
        raise
    if intent is None:
        return done
    try:
        return drive_power(means, intent) or done
    except REFUSALS as error:
        raise CloudError(
            f"it is changed, but {_not_started(resource, error)}", code=_code(error)
        ) from error


def drive_power(means: Means, intent: Intent) -> RecordedResource | None:
    """Give the machine the power that the intent names, wait for it, and close the intent.

    Safe to repeat. Returns the machine's record with its observed properties; None when the machine
    is gone or state has no record of it.

    Raises:
        CloudError, TransientError: it does not have that power; the intent stays open.
    """
    resource = intent.resource
    intent = announce(means, intent)
    operation = operation_for(means, intent, without_redacted(resource.properties))
    if means.cloud.power(operation, resource.remote_id) is None:
        means.store.abandon(means.lease(), means.stack, intent.operation)
        return None
    switch = means.cloud.stop if intent.power is Power.STOPPED else means.cloud.start
    switch(operation, resource.remote_id)
    record = _record(means, resource)
    if record is None:
        means.store.abandon(means.lease(), means.stack, intent.operation)
        return None
    observed = read_back(means, record)  # a start changes its network addresses
    done = observed_record(record, observed.properties, means.schemas(record.type))
    means.store.finish(means.lease(), means.stack, intent.operation, done)
    return replace(done, attributes=observed.properties)


def switch(means: Means, resource: RecordedResource, power: Power) -> None:
    """Start or stop the machine and wait, outside of an apply.

    There is no intent: whoever calls this knows by its own rows what must be, and calls it again
    after a crash. Starting a running machine and stopping a stopped one succeeds.

    Raises:
        CloudError, UserError, TransientError: it does not have that power.
        LeaseLostError: another process may change the environment; no call was made.
    """
    intent = new_intent(means, IntentKind.POWER, resource, means.generation)
    operation = operation_for(means, intent, without_redacted(resource.properties))
    call = means.cloud.stop if power is Power.STOPPED else means.cloud.start
    call(operation, resource.remote_id)


def open_power_intents(means: Means) -> tuple[Intent, ...]:
    """The open intents of machines that do not yet have the power that they must have."""
    intents = means.store.read(means.stack).intents
    return tuple(intent for intent in intents if intent.kind is IntentKind.POWER)


def _to_start_again(means: Means, resource: RecordedResource, power: Power | None) -> Intent | None:
    """The announced intent to start the machine after the change; None if it was not running.

    If an earlier process stopped the machine for a change, it counts as running.
    """
    for intent in open_power_intents(means):
        if (intent.resource.type, intent.remote_id) == (resource.type, resource.remote_id):
            return intent
    if power not in (Power.RUNNING, Power.STARTING):
        return None
    intent = new_intent(means, IntentKind.POWER, resource, means.generation)
    return announce(means, replace(intent, power=Power.RUNNING))


def _start_after(means: Means, intent: Intent, error: Exception) -> None:
    """Start the machine after a change that failed with ``error``."""
    try:
        drive_power(means, intent)
    except (*REFUSALS, TransientError) as second:
        text = f"{error} And {_not_started(intent.resource, second)}"
        if isinstance(error, TransientError):
            raise TransientError(text) from second
        raise CloudError(text, code=_code(error)) from second


def _not_started(resource: RecordedResource, error: Exception) -> str:
    return f"{resource.remote_id} is stopped and could not be started again: {error} The next apply tries it again."


def _code(error: Exception) -> str:
    return error.code if isinstance(error, CloudError) else ""


def _record(means: Means, resource: RecordedResource) -> RecordedResource | None:
    """The machine's record. Its address may have changed since the intent was written."""
    for record in means.store.read(means.stack).resources.values():
        if (record.type, record.remote_id) == (resource.type, resource.remote_id):
            return record
    return None
