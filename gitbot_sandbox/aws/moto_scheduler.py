"""Make moto's EventBridge Scheduler refuse, delete and tag as AWS does. Shell.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import index


def patch() -> None:
    """Make all patches of this module."""
    from moto.scheduler.models import EventBridgeSchedulerBackend as Backend
    from moto.scheduler.models import scheduler_backends

    wrap(Backend, "create_schedule_group", _one_of_a_name)
    wrap(Backend, "delete_schedule_group", _if_there)
    wrap(Backend, "create_schedule", _in_a_group)
    wrap(Backend, "update_schedule", _enabled_unless_told)
    index(scheduler_backends, "scheduler:schedule-group", _groups)


def _one_of_a_name(create: Any) -> Any:
    """Defect: a group of the same name is replaced, with its schedules."""
    from moto.core.exceptions import JsonRESTError

    def created(self: Any, name: str, tags: Any) -> Any:
        if name in self.schedule_groups:
            raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
        return create(self, name, tags)

    return created


def _if_there(delete: Any) -> Any:
    """Defect: to delete a group that does not exist is an internal error."""

    def deleted(self: Any, name: str | None) -> None:
        self.get_schedule_group(name)
        delete(self, name)

    return deleted


def _in_a_group(create: Any) -> Any:
    """Defect: a group that does not exist is an internal error."""

    def created(self: Any, *, group_name: str | None, **given: Any) -> Any:
        self.get_schedule_group(group_name)
        return create(self, group_name=group_name, **given)

    return created


def _enabled_unless_told(update: Any) -> Any:
    """Defect: an update without a state leaves none; AWS takes ENABLED."""

    def updated(self: Any, *, state: str | None, **given: Any) -> Any:
        return update(self, state=state or "ENABLED", **given)

    return updated


def _groups(backend: Any) -> Iterator[tuple[str, Any]]:
    for group in backend.schedule_groups.values():
        yield group.arn, backend.tagger.get_tag_dict_for_resource(group.arn)
