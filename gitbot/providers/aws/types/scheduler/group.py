"""AWS::Scheduler::ScheduleGroup as a table. Shell.

Name (generated when absent): replace. Tags: changed in place. Attributes: Arn, State, CreationDate.
A deletion deletes the schedules of the group.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
"""

from __future__ import annotations

from gitbot.model.schema import Losses
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.table import Create, Delete, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.scheduler.family import SCHEDULER, TAKEN

_NAME = Name(property="Name", longest=64)
_LISTING = Plain(
    dialect=SCHEDULER,
    call="get_schedule_group",
    asks=named("Name"),
    tags=PlainTags(
        dialect=SCHEDULER,
        target=lambda one: {"ResourceArn": one["Arn"]},
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    index=Index("scheduler:schedule-group"),
)

SCHEDULE_GROUP = native_type(
    Table(
        name="AWS::Scheduler::ScheduleGroup",
        noun="schedule group",
        dialect=SCHEDULER,
        listing=_LISTING,
        shows=shown("Name", "Arn", "State"),
        addresses=shown("Name"),
        create=Create(
            call="create_schedule_group",
            sends=("Name",),
            gives=lambda _, given: str(given["Name"]),
            name=_NAME,
            token="ClientToken",
            taken=TAKEN,
        ),
        ready=lambda one: bool(one["State"] == "ACTIVE"),
        delete=Delete(call="delete_schedule_group"),
        tags=_LISTING.tags,
        natural_key=("Name",),
        losses=Losses(gone="its schedules are deleted with it"),
    )
)
