"""Define the input and the outcome of one step of a walk. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitbot.errors import InvariantError, UserError
from gitbot.model.desired import DesiredResource
from gitbot.model.plan import Action
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Redactor, Unknown, Value, leaves
from gitbot.reconciler.binding import Binder
from gitbot.walk.graph import Step
from gitbot.walk.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a step.

    ``record`` is what state has under the address now, None for nothing. ``attributes`` are the
    observed properties of the object, None where it was not read. ``did`` is the action that the
    step was in the end. ``left`` says in what a deletion keeps what the object held.
    """

    record: RecordedResource | None
    attributes: Mapping[str, Value] | None = None
    did: Action
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all steps of one walk share: the means, the state at the start, how to redact and bind."""

    means: Means
    recorded: RecordedStack
    account: str
    redactor: Redactor
    bind: Binder


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One step ready to be done.

    ``previous`` is what state has under the address now; ``desired``, whose ``replace_when`` is bound,
    and ``bound``, its properties, are None where nothing is desired.
    """

    step: Step
    previous: RecordedResource | None
    desired: DesiredResource | None = None
    bound: Mapping[str, Value] | None = None


def wanted_of(task: Task) -> tuple[DesiredResource, Mapping[str, Value]]:
    """The desired resource and its properties, with every value known.

    Raises:
        UserError: a value is still unknown although everything that it refers to exists.
    """
    if task.desired is None or task.bound is None:
        raise InvariantError(f"{task.step.key.address} is to be applied, but nothing is desired")
    values = [task.bound, task.desired.lifecycle.replace_when]
    missing = sorted({leaf.template for leaf in leaves(values) if isinstance(leaf, Unknown)})
    if missing:
        raise UserError(
            f"the value of {', '.join(missing)} is not known, although what it refers to exists: "
            "the cloud does not give that attribute for this object"
        )
    return task.desired, task.bound


def previous_of(task: Task) -> RecordedResource:
    """What state has under the address. Raises InvariantError when it has nothing."""
    if task.previous is None:
        raise InvariantError(f"{task.step.key.address} is planned as existing, but not recorded")
    return task.previous


def schema_of(stage: Stage, task: Task) -> TypeSchema:
    """The schema of the change's type. Raises UserError when no such type is known."""
    schema = stage.means.schemas(task.step.change.type)
    if schema is None:
        raise UserError(f"the resource type {task.step.change.type} is not in the schema pack")
    return schema
