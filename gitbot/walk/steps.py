"""One step of a walk: decide it again with the values that are known now, then do it. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitbot.errors import CloudError, InvariantError, UserError
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.observed import Present
from gitbot.model.plan import Action, Change, PathChange
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Redactor, Unknown, Value, is_known, leaves, reveal
from gitbot.reconciler.compare import compare
from gitbot.reconciler.operations import operation_properties
from gitbot.reconciler.recording import record_of
from gitbot.walk import creating, deleting, updating
from gitbot.walk.graph import Phase, Step, may_turn_out_weaker
from gitbot.walk.means import Means, look_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step left: the address's record in state (None: nothing is recorded there), what the
    cloud says of the object where that was read, and what was done in the end."""

    record: RecordedResource | None
    attributes: Mapping[str, Value] | None = None
    did: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all steps of one walk share: means, the state at its start, and how to compare."""

    means: Means
    recorded: RecordedStack
    account: str
    redactor: Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One step ready to be done.

    ``previous`` is what state has under the address now; ``desired`` and ``bound`` are None where
    nothing is desired.
    """

    step: Step
    previous: RecordedResource | None
    desired: DesiredResource | None = None
    bound: Mapping[str, Value] | None = None


def execute(stage: Stage, task: Task) -> Outcome:
    """Do the step.

    Raises:
        CloudError, UserError, TransientError: it failed, with a message for people.
        LeaseLostError: nothing more may be done.
    """
    match task.step.key.phase:
        case Phase.MOVE:
            return _move(stage, task.step.change)
        case Phase.DELETE:
            return _delete(stage, task)
        case Phase.DEPOSED:
            return _delete_deposed(stage, task)
        case Phase.APPLY:
            return _apply(stage, task)


def _move(stage: Stage, change: Change) -> Outcome:
    assert change.moved_from is not None
    means = stage.means
    moved = replace(stage.recorded.resources[change.moved_from], address=change.address)
    # Tags first: until state has moved, the plan still says that it must.
    updating.take_over_tags(means, moved)
    means.store.put(means.lease(), means.stack, means.lineage, moved, change.moved_from)
    return Outcome(record=moved, did=Action.NOOP)


def _delete(stage: Stage, task: Task) -> Outcome:
    change = task.step.change
    if change.deposed_operation:
        old = _deposed(stage.recorded, change.deposed_operation)
        deleting.delete(stage.means, _emptied(old, task), deposed=True)
        return Outcome(record=task.previous, did=Action.DELETE)
    previous = _required(task)
    if change.action is Action.REPLACE and not _still_forces(stage, task):
        return Outcome(record=previous, did=Action.NOOP)
    deleting.delete(stage.means, _emptied(previous, task))
    return Outcome(record=None, did=Action.DELETE)


def _delete_deposed(stage: Stage, task: Task) -> Outcome:
    """The old object of this walk's own create-first replacement."""
    change = task.step.change
    old = stage.recorded.resources.get(change.moved_from or change.address)
    if old is None or (task.previous and task.previous.remote_id == old.remote_id):
        # It turned out that the object need not be replaced.
        return Outcome(record=task.previous, did=Action.UPDATE)
    old = replace(old, address=change.address)
    deleting.delete(stage.means, _emptied(old, task), deposed=True)
    return Outcome(record=task.previous, did=Action.REPLACE)


def _emptied(old: RecordedResource, task: Task) -> RecordedResource:
    """The old object as the spec lets it go by now: ``emptyOnDelete`` may have come after it."""
    wanted = task.desired is not None and task.desired.lifecycle.empty_on_delete
    return replace(old, empty_on_delete=True) if wanted else old


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
    if not _still_forces(stage, task):
        return _update(stage, task)
    return replace(_create(stage, task, deposes=True), did=Action.REPLACE)


def _create(stage: Stage, task: Task, *, deposes: bool) -> Outcome:
    desired, bound = _wanted(task)
    schema = _schema(stage, task)
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
    desired, bound = _wanted(task)
    schema = _schema(stage, task)
    adopts = change.action is Action.ADOPT
    previous = _adoptable(stage, task, desired, bound) if adopts else _required(task)
    wanted = _record_over(stage, task, previous)
    observed: Mapping[str, Any] | None = None
    paths = change.paths
    ignore = desired.lifecycle.ignore_changes
    if _undecided(change) or ignore:
        observed = _observe(stage, wanted)
    if _undecided(change) and observed is not None:
        paths = _compared(stage, task, observed)
        _refuse_stronger(change, paths)
        if not paths and not adopts:
            stage.means.store.put(
                stage.means.lease(), stage.means.stack, stage.means.lineage, wanted
            )
            return Outcome(record=wanted, attributes=observed, did=Action.NOOP)
    properties, changed, removed = operation_properties(
        schema, bound, paths, observed=observed, ignore=ignore
    )
    done = updating.update(
        stage.means,
        previous,
        wanted,
        properties,
        changed=changed,
        removed=removed,
        adopts=adopts,
    )
    did = Action.ADOPT if adopts else Action.UPDATE
    return Outcome(record=done, attributes=done.attributes, did=did)


def _adoptable(
    stage: Stage, task: Task, desired: DesiredResource, bound: Mapping[str, Value]
) -> RecordedResource:
    """The object to adopt, as a record that claims nothing yet.

    Raises:
        UserError: another stack owns it.
    """
    change, schema = task.step.change, _schema(stage, task)
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
    updating.refuse_foreign(stage.means, record)
    return replace(record, properties={})


def _record_over(stage: Stage, task: Task, previous: RecordedResource) -> RecordedResource:
    """The record of the same object with what is desired now."""
    desired, bound = _wanted(task)
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
    )


def _refresh(stage: Stage, task: Task) -> Outcome:
    """Nothing is done to the object; what is recorded of it follows the spec."""
    previous = task.previous
    if previous is None or task.desired is None or task.bound is None or not is_known(task.bound):
        return Outcome(record=previous, did=Action.NOOP)
    record = _record_over(stage, task, previous)
    if record != previous:
        stage.means.store.put(stage.means.lease(), stage.means.stack, stage.means.lineage, record)
    return Outcome(record=record, did=Action.NOOP)


def _undecided(change: Change) -> bool:
    """Whether the plan could not know all that this change sets."""
    return change.action is Action.REPLACE or any(
        any(isinstance(leaf, Unknown) for leaf in leaves(path.after)) for path in change.paths
    )


def _still_forces(stage: Stage, task: Task) -> bool:
    """Whether a planned replacement is one with the values that are known now."""
    change, previous = task.step.change, _required(task)
    if not may_turn_out_weaker(change) or previous.tainted or previous.type != change.type:
        return True
    if task.bound is None or not is_known(task.bound):
        return True
    observed = _observe(stage, previous)
    return any(path.forces for path in _compared(stage, task, observed))


def _observe(stage: Stage, resource: RecordedResource) -> Mapping[str, Any]:
    observed = look_at(stage.means, resource)
    if not isinstance(observed, Present):
        raise CloudError(f"{resource.remote_id} was deleted since the plan was made: run it again.")
    return observed.properties


def _compared(stage: Stage, task: Task, observed: Mapping[str, Any]) -> tuple[PathChange, ...]:
    desired, bound = _wanted(task)
    return compare(
        _schema(stage, task),
        desired=bound,
        recorded=task.previous.properties if task.previous else None,
        observed=observed,
        ignore=desired.lifecycle.ignore_changes,
        redactor=stage.redactor,
    )


def _refuse_stronger(change: Change, paths: tuple[PathChange, ...]) -> None:
    """Stop where the known values would do more than what was planned.

    Raises:
        UserError: names the paths.
    """
    forcing = sorted(path.path for path in paths if path.forces)
    if forcing:
        raise UserError(
            f"now that its references are known, {', '.join(forcing)} would force a replacement, "
            "but the plan was an update: nothing was done to it; plan again"
        )
    planned = {path.path: path.after for path in change.paths}
    tops = {path.split("/")[1] for path in planned}
    more = sorted(
        path.path
        for path in paths
        if path.path.split("/")[1] not in tops
        or (is_known(planned.get(path.path)) and planned.get(path.path, path.after) != path.after)
    )
    if more:
        raise UserError(
            f"{', '.join(more)} would change differently from what was planned: nothing was done "
            "to it; plan again"
        )


def _wanted(task: Task) -> tuple[DesiredResource, Mapping[str, Value]]:
    """What is desired, with every value known.

    Raises:
        UserError: a value is still unknown although everything that it refers to exists.
    """
    if task.desired is None or task.bound is None:
        raise InvariantError(f"{task.step.key.address} is to be applied, but nothing is desired")
    missing = sorted({leaf.template for leaf in leaves(task.bound) if isinstance(leaf, Unknown)})
    if missing:
        raise UserError(
            f"the value of {', '.join(missing)} is not known, although what it refers to exists: "
            "the cloud does not give that attribute for this object"
        )
    return task.desired, task.bound


def _required(task: Task) -> RecordedResource:
    if task.previous is None:
        raise InvariantError(f"{task.step.key.address} is planned as existing, but not recorded")
    return task.previous


def _schema(stage: Stage, task: Task) -> TypeSchema:
    schema = stage.means.schemas(task.step.change.type)
    if schema is None:
        raise UserError(f"the resource type {task.step.change.type} is not in the schema pack")
    return schema


def references(tree: Value) -> frozenset[Address]:
    """The resources that the tree's unknowns use."""
    return frozenset(
        address
        for leaf in leaves(tree)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    )
