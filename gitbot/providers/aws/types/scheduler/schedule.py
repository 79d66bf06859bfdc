"""AWS::Scheduler::Schedule as a table. Shell.

Name (generated when absent), GroupName (``default`` when absent): replace. ScheduleExpression,
ScheduleExpressionTimezone, FlexibleTimeWindow, Target, State, Description, StartDate, EndDate, KmsKeyArn:
changed in place. It has no tags: its owner is the owner of its group. Attributes: Arn. The identifier is the
name alone, so that a name that several groups have is refused.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, Removal
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.instants import one_instant
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.scheduler.family import SCHEDULER, TAKEN

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="Name", longest=64)
_DATES = ("StartDate", "EndDate")
_SETS = (
    *("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target"),
    *("State", "Description", "KmsKeyArn", *_DATES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Schedules(Plain):
    """Schedules by name: a listing says in which group each is."""

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        return aws.each(lambda name: self._found(aws, name), ids)

    def _found(self, aws: Connection, name: str) -> Described | None:
        listed = ask_pages(aws, SCHEDULER, "list_schedules", "Schedules", NamePrefix=name)
        groups = sorted(one["GroupName"] for one in listed if one["Name"] == name)
        if len(groups) > 1:
            raise CloudError(
                f"Schedule {name} is in the groups {', '.join(groups)}, and its name alone identifies "
                "it. Give one of them another name.",
                code="Ambiguous",
            )
        return self._in(aws, groups[0], name) if groups else None

    def _in(self, aws: Connection, group: str, name: str) -> Described | None:
        try:
            one: Described = ask(aws, SCHEDULER, "get_schedule", Name=name, GroupName=group)
        except CloudError as error:
            if error.code in SCHEDULER.absent:
                return None
            raise
        return one

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        group = str(operation.properties.get("GroupName") or "default")
        one = self._in(aws, group, _NAME.of(operation))
        return iter(()) if one is None else iter((one,))


def _shows(one: Described) -> Properties:
    dates = {name: one_instant(one[name]) for name in _DATES if one.get(name) is not None}
    return {**shown("Name", "GroupName", "Arn", *_SETS)(one), **dates}


def _normalised(properties: Properties) -> Properties:
    dates = {name: one_instant(properties[name]) for name in _DATES if properties.get(name)}
    return {**properties, **dates}


_RESETS = {
    "ScheduleExpressionTimezone": Removal(default="UTC", says="its times are UTC"),
    "State": Removal(default="ENABLED", says="the schedule is enabled"),
    "Description": Removal(default=None, says="the description is removed"),
    "KmsKeyArn": Removal(default=None, says="it is encrypted with a key of AWS"),
    "StartDate": Removal(default=None, says="it runs from now on"),
    "EndDate": Removal(default=None, says="it runs without end"),
}

_RETRIES = "/Target/RetryPolicy"
_AGE, _ATTEMPTS = "MaximumEventAgeInSeconds", "MaximumRetryAttempts"
_REMOVALS = {
    _RETRIES: Removal(
        default={_AGE: 86400, _ATTEMPTS: 185}, says="it is tried 185 times more, for a day at most"
    ),
    f"{_RETRIES}/{_AGE}": Removal(default=86400, says="it is tried for a day at most"),
    f"{_RETRIES}/{_ATTEMPTS}": Removal(default=185, says="it is tried 185 times more at most"),
}
"""What EventBridge Scheduler fills in: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html"""
_REFINED = refining({f"/{name}": {"pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}"} for name in _DATES})

SCHEDULE = native_type(
    Table(
        name="AWS::Scheduler::Schedule",
        noun="schedule",
        dialect=SCHEDULER,
        listing=_Schedules(dialect=SCHEDULER, call="get_schedule", name=_NAME),
        identifier=itemgetter("Name"),
        shows=_shows,
        addresses=shown("Name", "GroupName"),
        create=Create(
            call="create_schedule",
            sends=("Name", "GroupName", *_SETS),
            gives=lambda _, given: str(given["Name"]),
            name=_NAME,
            token="ClientToken",
            taken=TAKEN,
        ),
        delete=Delete(call="delete_schedule"),
        updates=(Update(call="update_schedule", sends=_SETS, whole=True),),
        resets=_RESETS,
        removals=_REMOVALS,
        looks=("list_schedules",),
        filled=("GroupName",),
        natural_key=("Name", "GroupName"),
        parent=Parent(type="AWS::Scheduler::ScheduleGroup", reference="GroupName"),
        normalise=_normalised,
        refine=_REFINED,
        passes_role_to="scheduler.amazonaws.com",
    )
)
