"""Change and adopt objects in place, and finish an update that a crashed process began. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from gitbot.errors import TransientError
from gitbot.model.cloud import Operation
from gitbot.model.names import RemoteId
from gitbot.model.observed import Present
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.model.values import Json
from gitbot.reconciler.operations import split_by_restart, storable
from gitbot.reconciler.partial import after_failed_update
from gitbot.reconciler.recording import (
    observed_record,
    without_redacted,
)
from gitbot.walk.means import (
    REFUSALS,
    Means,
    announce,
    is_open,
    look_at,
    new_intent,
    operation_for,
    read_back,
)
from gitbot.walk.power import while_stopped

Change: TypeAlias = Callable[[Operation, RemoteId], None]
"""``Cloud.update``, or ``Cloud.resume`` for an update that an earlier process began."""


def update(
    means: Means,
    previous: RecordedResource,
    wanted: RecordedResource,
    properties: Mapping[str, Json],
    *,
    changed: frozenset[str],
    removed: frozenset[str],
    adopts: bool = False,
    marks: bool = False,
) -> RecordedResource:
    """Change the object in place and record it; ``adopts`` and ``marks`` put ownership tags on it first.

    A machine that must be stopped for the change is started again, whether the change succeeds or
    not.

    Raises:
        CloudError, UserError: refused or only partly done; state records what the cloud shows.
        TransientError: the outcome is unclear; an open intent makes recovery finish it.
    """
    intent = new_intent(means, IntentKind.UPDATE, wanted, means.generation)
    operation = replace(
        operation_for(means, intent, properties),
        changed=changed,
        removed=removed,
        recorded=previous.properties,
    )
    intent = announce(means, _that_sends(means, intent, operation))
    try:
        if adopts or marks:
            means.cloud.adopt(operation, wanted.remote_id)
        return _drive(means, intent, operation, means.cloud.update)
    except (*REFUSALS, TransientError) as error:
        if adopts:  # if we crash, the next plan compares with the cloud and adopts again
            _close(means, intent, None)
        elif not isinstance(error, TransientError):
            _close(means, intent, previous)
        raise


def _that_sends(means: Means, intent: Intent, operation: Operation) -> Intent:
    """The intent, with as much of what the operation sends as state may have."""
    wanted = intent.resource
    sets, withheld, removes = storable(operation, wanted.properties, means.schemas(wanted.type))
    return replace(intent, sets=sets, withheld=withheld, removes=removes)


def resume_update(means: Means, intent: Intent) -> str:
    """Finish an update of an earlier process; returns in words what became of it.

    What state does not have (sensitive values, the record of an adoption) is left to the next plan.

    Raises:
        CloudError, UserError: refused; the intent is closed with what the cloud shows.
        TransientError: unclear; the intent stays open.
    """
    previous = means.store.read(means.stack).resources.get(intent.address)
    if previous is None or not isinstance(look_at(means, intent.resource), Present):
        _close(means, intent, None)
        return "it is left to the next plan"
    intent = announce(means, intent)
    operation = replace(
        operation_for(
            means, intent, {**without_redacted(intent.resource.properties), **intent.sets}
        ),
        changed=frozenset(intent.sets),
        removed=frozenset(intent.removes),
        recorded=previous.properties,
    )
    try:
        _drive(means, intent, operation, means.cloud.resume, previous if intent.withheld else None)
    except REFUSALS:
        _close(means, intent, previous)
        raise
    return "finished, but for its sensitive values" if intent.withheld else "finished"


def take_over_tags(means: Means, moved: RecordedResource) -> None:
    """Put the ownership tags of its new address on a moved object. Idempotent."""
    intent = new_intent(means, IntentKind.UPDATE, moved, means.generation)
    means.cloud.adopt(
        operation_for(means, intent, without_redacted(moved.properties)), moved.remote_id
    )


def _drive(
    means: Means,
    intent: Intent,
    operation: Operation,
    change: Change,
    partly: RecordedResource | None = None,
) -> RecordedResource:
    """Make the changes and record the result; returns the record.

    The changes that need a stop come last, in one stop. The result is recorded before the machine
    is started: after that only its power is left to restore, and that has an intent of its own.
    ``partly`` is the record before the update: with it, only what the cloud shows is recorded.
    """
    remote_id = intent.resource.remote_id
    schema = means.schemas(intent.resource.type)
    at_once, when_stopped = split_by_restart(operation, schema)
    if at_once.changed or at_once.removed:
        change(at_once, remote_id)

    def finish() -> RecordedResource:
        observed = read_back(means, intent.resource)
        done = (
            observed_record(
                intent.resource, observed.properties, schema, operation.changed | operation.removed
            )
            if partly is None
            else after_failed_update(partly, intent.resource, observed.properties, schema)
        )
        means.store.finish(means.lease(), means.stack, intent.operation, done)
        return replace(done, attributes=observed.properties)

    if not (when_stopped.changed or when_stopped.removed):
        return finish()

    def change_and_finish() -> RecordedResource:
        change(when_stopped, remote_id)
        return finish()

    return while_stopped(means, intent.resource, change_and_finish)


def _close(means: Means, intent: Intent, previous: RecordedResource | None) -> None:
    """Close an update's intent, if it is open, and record only what the cloud shows.

    With ``previous`` None, nothing is recorded: the next plan sees what is left to do.
    """
    if not is_open(means, intent):
        return
    observed = look_at(means, intent.resource) if previous is not None else None
    if previous is None or not isinstance(observed, Present):
        means.store.abandon(means.lease(), means.stack, intent.operation)
        return
    partial = after_failed_update(
        previous, intent.resource, observed.properties, means.schemas(previous.type)
    )
    means.store.finish(means.lease(), means.stack, intent.operation, partial)
