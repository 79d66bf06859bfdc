"""Do one step of a walk, with the values that are known by now. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitbot.errors import InvariantError, UserError
from gitbot.model.desired import DesiredResource
from gitbot.model.observed import Found
from gitbot.model.plan import Action, Change
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value, is_known, reveal
from gitbot.ports.telemetry import span
from gitbot.reconciler.operations import operation_properties
from gitbot.reconciler.own_tags import is_own_tag
from gitbot.reconciler.recording import (
    kept_in_snapshot,
    known_ids,
    record_of,
    without_redacted,
)
from gitbot.reconciler.shapes import wrong_shapes
from gitbot.reconciler.triggers import values_kept
from gitbot.reconciler.weaker import may_turn_out_weaker
from gitbot.walk import creating, deleting, updating
from gitbot.walk.graph import Phase
from gitbot.walk.means import conflict
from gitbot.walk.opening import opened
from gitbot.walk.ownership import refuse_anothers
from gitbot.walk.recheck import (
    compared,
    observe,
    paths_left_alone,
    refuse_stronger,
    still_forces,
    undecided,
)
from gitbot.walk.tasks import Outcome, Stage, Task, previous_of, schema_of, wanted_of


def execute(stage: Stage, task: Task) -> Outcome:
    """Do the step.

    Raises:
        CloudError, UserError, TransientError: it failed, with a message for people.
        LeaseLostError: nothing more may be done.
    """
    change = task.step.change
    with span("change", address=change.address, type=change.type, action=change.action.value):
        match task.step.key.phase:
            case Phase.MOVE:
                return _move(stage, change)
            case Phase.DELETE:
                return _delete(stage, task)
            case Phase.DEPOSED:
                return _delete_deposed(stage, task)
            case Phase.APPLY:
                with opened(stage, task) as known:
                    return _apply(stage, known)


def _move(stage: Stage, change: Change) -> Outcome:
    assert change.moved_from is not None
    means = stage.means
    moved = replace(stage.recorded.resources[change.moved_from], address=change.address)
    # Tags first: after a crash in between, the plan still has the move and does both again.
    updating.take_over_tags(means, moved)
    means.store.put(means.lease(), means.stack, means.lineage, moved, change.moved_from)
    return Outcome(record=moved, did=Action.NOOP)


def _delete(stage: Stage, task: Task) -> Outcome:
    change = task.step.change
    if change.deposed_operation:
        old = _deposed(stage.recorded, change.deposed_operation)
        left = deleting.delete(stage.means, _to_delete(stage, old, task), deposed=True)
        return Outcome(record=task.previous, did=Action.DELETE, left=left)
    previous = previous_of(task)
    if change.action is Action.REPLACE and _is_needless(stage, task):
        return Outcome(record=previous, did=Action.NOOP)
    left = deleting.delete(stage.means, _to_delete(stage, previous, task))
    return Outcome(record=None, did=Action.DELETE, left=left)


def _is_needless(stage: Stage, task: Task) -> bool:
    """Whether the object can stay, now that the values are known, those made of secrets too."""
    if not may_turn_out_weaker(task.step.change):
        return False
    with opened(stage, task) as known:
        return not still_forces(stage, known)


def _delete_deposed(stage: Stage, task: Task) -> Outcome:
    """Delete the old object of a create-first replacement that this walk made."""
    change = task.step.change
    old = stage.recorded.resources.get(change.moved_from or change.address)
    if old is None or (task.previous and task.previous.remote_id == old.remote_id):
        # The known values made no replacement necessary.
        return Outcome(record=task.previous, did=Action.UPDATE)
    old = replace(old, address=change.address)
    left = deleting.delete(stage.means, _to_delete(stage, old, task), deposed=True)
    return Outcome(record=task.previous, did=Action.REPLACE, left=left)


def _to_delete(stage: Stage, old: RecordedResource, task: Task) -> RecordedResource:
    """The old object, with what the spec says now of its deletion."""
    if task.desired is None:
        return old
    said = task.desired.lifecycle
    return replace(
        old,
        empty_on_delete=old.empty_on_delete or said.empty_on_delete,
        snapshot_on_delete=kept_in_snapshot(
            old, stage.means.schemas(old.type), said=said.snapshot_on_delete
        ),
    )


def _deposed(recorded: RecordedStack, operation: str) -> RecordedResource:
    for old in recorded.deposed:
        if old.operation == operation:
            return old.resource
    raise InvariantError(f"the plan deletes a deposed object that state does not know: {operation}")


def _apply(stage: Stage, task: Task) -> Outcome:
    change = task.step.change
    match change.action:
        case Action.FORGET:
            stage.means.store.forget(stage.means.lease(), stage.means.stack, change.address)
            return Outcome(record=None, did=Action.FORGET)
        case Action.NOOP:
            return _refresh(stage, task)
        case Action.CREATE:
            return _create(stage, task, deposes=False)
        case Action.UPDATE | Action.ADOPT:
            return _update(stage, task)
        case Action.REPLACE:
            return _replace(stage, task)
        case Action.DELETE:
            raise InvariantError("a deletion has no apply step")


def _replace(stage: Stage, task: Task) -> Outcome:
    if task.previous is None:
        return replace(_create(stage, task, deposes=False), did=Action.REPLACE)
    if not still_forces(stage, task):
        return _update(stage, task)
    return replace(_create(stage, task, deposes=True), did=Action.REPLACE)


def _create(stage: Stage, task: Task, *, deposes: bool) -> Outcome:
    desired, bound = wanted_of(task)
    schema = schema_of(stage, task)
    _require_shape(schema, bound)
    wanted = record_of(
        desired,
        bound,
        schema=schema,
        route=schema.route,
        account=stage.account,
        region=stage.means.cloud.region,
        redactor=stage.redactor,
        generation=stage.means.generation,
    )
    made = creating.create(stage.means, wanted, reveal(bound), deposes=deposes)
    return Outcome(record=made, attributes=made.attributes, did=Action.CREATE)


def _update(stage: Stage, task: Task) -> Outcome:
    change = task.step.change
    desired, bound = wanted_of(task)
    schema = schema_of(stage, task)
    _require_shape(schema, bound)
    adopts = change.action is Action.ADOPT
    previous = _adoptable(stage, task, desired, bound) if adopts else previous_of(task)
    wanted = _record_over(stage, task, previous)
    observed: Mapping[str, Any] | None = None
    paths = tuple(path for path in change.paths if not is_own_tag(path.path))
    marks = len(paths) < len(change.paths)
    ignore = paths_left_alone(stage, task)
    if undecided(change) or ignore:
        observed = observe(stage, wanted)
    if undecided(change) and observed is not None:
        paths = compared(stage, task, observed)
        refuse_stronger(change, paths)
        if not paths and not adopts and not marks:
            stage.means.store.put(
                stage.means.lease(), stage.means.stack, stage.means.lineage, wanted
            )
            return Outcome(record=wanted, attributes=observed, did=Action.NOOP)
    properties, changed, removed = operation_properties(
        schema, without_redacted(bound), paths, observed=observed, ignore=ignore
    )
    done = updating.update(
        stage.means,
        previous,
        wanted,
        properties,
        changed=changed,
        removed=removed,
        adopts=adopts,
        marks=marks,
    )
    did = Action.ADOPT if adopts else Action.UPDATE
    return Outcome(record=done, attributes=done.attributes, did=did)


def _require_shape(schema: TypeSchema, bound: Mapping[str, Value]) -> None:
    """Refuse values that the cloud gave in another shape than the type wants.

    Raises:
        UserError: names them; nothing was done.
    """
    if wrong := wrong_shapes(schema, bound):
        raise UserError(
            f"{'; '.join(wrong)}: nothing was done to it. Correct the expression, for a list of one "
            "write `[...]` around it"
        )


def _adoptable(
    stage: Stage, task: Task, desired: DesiredResource, bound: Mapping[str, Value]
) -> RecordedResource:
    """The object to adopt, as a record that manages no property yet.

    Raises:
        UserError: another stack owns it.
    """
    change, schema = task.step.change, schema_of(stage, task)
    if change.remote_id is None:
        raise InvariantError(f"{change.address} is to be adopted, but the plan names no object")
    record = record_of(
        desired,
        bound,
        schema=schema,
        route=schema.route,
        account=stage.account,
        region=stage.means.cloud.region,
        redactor=stage.redactor,
        generation=stage.means.generation,
        remote_id=change.remote_id,
    )
    if (record.type, record.remote_id) in known_ids(stage.means.store.read(stage.means.stack)):
        raise conflict(stage.means, record, Found(remote_id=record.remote_id))
    refuse_anothers(stage.means, record, takes_over=change.takes_over)
    return replace(record, properties={})


def _record_over(stage: Stage, task: Task, previous: RecordedResource) -> RecordedResource:
    """The record of the same object, with what is desired now."""
    desired, bound = wanted_of(task)
    return record_of(
        desired,
        bound,
        schema=stage.means.schemas(desired.type),
        route=previous.route,
        account=previous.account,
        region=previous.region,
        redactor=stage.redactor,
        generation=previous.generation,
        remote_id=previous.remote_id,
        attributes=previous.attributes,
        replace_when=values_kept(
            desired.lifecycle.replace_when, previous.replace_when, stage.redactor
        ),
    )


def _refresh(stage: Stage, task: Task) -> Outcome:
    """Record what the spec says now about an object that does not change."""
    previous = task.previous
    if previous is None or task.desired is None or task.bound is None:
        return Outcome(record=previous, did=Action.NOOP)
    if not is_known([task.bound, task.desired.lifecycle.replace_when]):
        return Outcome(record=previous, did=Action.NOOP)
    record = _record_over(stage, task, previous)
    if record != previous:
        stage.means.store.put(stage.means.lease(), stage.means.stack, stage.means.lineage, record)
    return Outcome(record=record, did=Action.NOOP)
