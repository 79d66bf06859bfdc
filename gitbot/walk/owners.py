"""Read the owner of a new object again, where the object changes what others can read of it. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitbot.model.observed import Present
from gitbot.model.plan import Action
from gitbot.model.recorded import RecordedResource
from gitbot.walk.means import look_at
from gitbot.walk.tasks import Stage, Task


def changed_owner(
    stage: Stage, task: Task, records: Iterable[RecordedResource]
) -> tuple[RecordedResource, Mapping[str, Any]] | None:
    """The owner of the object that the task made, and its properties now; None if nothing of it is another.

    Raises:
        CloudError, TransientError: it could not be read.
    """
    schema = stage.means.schemas(task.step.change.type)
    parent = None if schema is None else schema.parent
    made = task.step.change.action in (Action.CREATE, Action.REPLACE)
    if parent is None or not parent.gives or not made:
        return None
    named = (parent.type, (task.bound or {}).get(parent.reference))
    for record in records:
        if (record.type, record.remote_id) == named:
            seen = look_at(stage.means, record)
            return (record, seen.properties) if isinstance(seen, Present) else None
    return None
