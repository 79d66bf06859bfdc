"""Compare a planned change again, now that the values it refers to are known. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.errors import CloudError, UserError
from gitbot.model.observed import Present
from gitbot.model.plan import Action, Change, PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.values import Unknown, Value, is_known, leaves, reveal
from gitbot.reconciler.compare import compare
from gitbot.reconciler.contents import replaced, with_replaced
from gitbot.reconciler.left_alone import left_alone
from gitbot.reconciler.pointers import MISSING, parse, value_at
from gitbot.reconciler.triggers import triggers_of
from gitbot.reconciler.weaker import may_turn_out_weaker
from gitbot.walk.means import look_at
from gitbot.walk.tasks import Stage, Task, previous_of, schema_of, wanted_of


def undecided(change: Change) -> bool:
    """Whether the plan did not know every value that this change sets."""
    return change.action is Action.REPLACE or any(
        any(isinstance(leaf, Unknown) for leaf in leaves(path.after)) for path in change.paths
    )


def still_forces(stage: Stage, task: Task) -> bool:
    """Whether the known values still make a planned replacement necessary."""
    change, previous = task.step.change, previous_of(task)
    if not may_turn_out_weaker(change) or previous.tainted or previous.type != change.type:
        return True
    if task.bound is None or not is_known(task.bound):
        return True
    wanted = task.desired.lifecycle.replace_when if task.desired else {}
    if triggers_of(wanted, previous.replace_when, stage.redactor):
        return True
    observed = look_at(stage.means, previous)
    if not isinstance(observed, Present):  # it went with what it was a part of
        return True
    return any(path.forces for path in compared(stage, task, observed.properties))


def observe(stage: Stage, resource: RecordedResource) -> Mapping[str, Any]:
    """The object's properties now. Raises CloudError when it is gone."""
    observed = look_at(stage.means, resource)
    if not isinstance(observed, Present):
        raise CloudError(f"{resource.remote_id} was deleted since the plan was made: run it again.")
    return observed.properties


def compared(stage: Stage, task: Task, observed: Mapping[str, Any]) -> tuple[PathChange, ...]:
    """How the object differs now from what is desired.

    A value that is made of a secret differs from its record when the secret is another one. Once it is
    known, it forces nothing where the object has it.
    """
    _, bound = wanted_of(task)
    schema, ignore = schema_of(stage, task), paths_left_alone(stage, task)
    found = compare(
        schema,
        desired=bound,
        recorded=task.previous.properties if task.previous else None,
        observed=observed,
        ignore=ignore,
        redactor=stage.redactor,
    )
    if task.previous is not None:
        more = replaced(schema, task.previous, bound, observed, ignore, stage.redactor)
        found = with_replaced(found, more)
    return tuple(one for one in found if not (one.forces and _has(observed, bound, one)))


def _has(observed: Mapping[str, Any], bound: Mapping[str, Value], path: PathChange) -> bool:
    wanted = value_at(bound, parse(path.path))
    known = wanted is not MISSING and is_known(wanted)
    return known and bool(reveal(wanted) == value_at(observed, parse(path.path)))


def paths_left_alone(stage: Stage, task: Task) -> tuple[str, ...]:
    """The JSON pointers of what the change leaves as the cloud has it."""
    desired, bound = wanted_of(task)
    recorded = task.previous.properties if task.previous else None
    return left_alone(schema_of(stage, task), desired.lifecycle, bound, recorded, stage.redactor)


def refuse_stronger(change: Change, paths: tuple[PathChange, ...]) -> None:
    """Refuse a change that, with the known values, would do more than was planned.

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
