"""AWS::Batch::JobDefinition as a table. Shell.

JobDefinitionName (generated when absent): replace. Type, ContainerProperties, EcsProperties, EksProperties or
NodeProperties, Parameters, RetryStrategy, Timeout (seconds), PlatformCapabilities, PropagateTags, SchedulingPriority,
ConsumableResourceProperties: changed in place, which registers a new revision of the name and deregisters those before
it; jobs that were submitted go on. Tags: changed in place, on the newest revision. Attributes: JobDefinitionArn, which
changes with the revision. ResourceRetentionPolicy is not handled: one revision is active.
https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DeregisterJobDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Properties,
    Table,
    Update,
    given,
    shown,
)
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import tag_map
from gitbot.providers.aws.types.batch.definition_shapes import BODIES, IDENTITIES, cased, refine
from gitbot.providers.aws.types.batch.family import BATCH

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="JobDefinitionName", longest=128)
_CALL, _KEY = "describe_job_definitions", "JobDefinitions"
_CHANGED = (
    *("Type", *BODIES, "Parameters", "RetryStrategy", "Timeout", "PlatformCapabilities"),
    *("PropagateTags", "SchedulingPriority", "ConsumableResourceProperties"),
)
_OLDER = "Older"
"""Our key for the ARNs of the active revisions before the newest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Definitions(Plain):
    """Definitions by name: the newest active revision is the object."""

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        return aws.each(lambda name: _newest(aws, name), ids)


def _newest(aws: Connection, name: str) -> Described | None:
    found = ask_pages(aws, BATCH, _CALL, _KEY, JobDefinitionName=name, Status="ACTIVE")
    active = sorted(found, key=itemgetter("Revision"))
    if not active:
        return None
    return {**active[-1], _OLDER: [one["JobDefinitionArn"] for one in active[:-1]]}


def _active(aws: Connection, names: Iterable[str]) -> Mapping[str, str]:
    """Those of the names that have an active revision; AWS's index has each revision."""
    return {name: name for name in names if _newest(aws, name) is not None}


def _name_in(arn: str) -> str:
    return arn.partition(":job-definition/")[2].rpartition(":")[0]


_LISTING = _Definitions(
    dialect=BATCH,
    call=_CALL,
    answer=_KEY,
    tags=PlainTags(
        dialect=BATCH,
        target=lambda one: {"ResourceArn": one["JobDefinitionArn"]},
        mapped=True,
        as_map=True,
    ),
    name=_NAME,
    index=Index("batch:job-definition", own=_name_in, whole=_active),
)


def _made(operation: Operation) -> Properties:
    return cased(given(operation, ("JobDefinitionName", *_CHANGED)))


def _registered(values: Properties, one: Described) -> Properties:
    """A new revision, which begins without anything: what no spec says of the old one is in it too."""
    gone = {*values, *BODIES}
    kept = {name: value for name, value in shown(*_CHANGED)(one).items() if name not in gone}
    wanted = cased({name: value for name, value in values.items() if value is not None})
    own = {"JobDefinitionName": one["JobDefinitionName"], "Tags": tag_map(one["Tags"])}
    return {**own, **kept, **wanted}


def _deregistered(values: Properties, one: Described) -> Properties:
    return {"JobDefinition": one[_OLDER][0]} if one[_OLDER] else {}


def _deregister_older(aws: Connection, one: Described) -> None:
    """An older revision would be the newest one then."""
    for arn in one[_OLDER]:
        ask(aws, BATCH, "deregister_job_definition", JobDefinition=arn)


_UPDATES = (
    Update(call="register_job_definition", sends=_CHANGED, whole=True, parameters=_registered),
    Update(call="deregister_job_definition", sends=_CHANGED, steps=True, parameters=_deregistered),
)
_REMOVALS = {
    "/Parameters": Removal(default=None, says="no parameter has a default"),
    "/RetryStrategy": Removal(default=None, says="a job is tried once"),
    "/Timeout": Removal(default=None, says="a job may take any time"),
    "/PlatformCapabilities": Removal(default=["EC2"], says="jobs run on machines of EC2"),
    "/PropagateTags": Removal(default=False, says="tasks do not get the tags of jobs"),
    "/SchedulingPriority": Removal(default=None, says="jobs have no priority in their share"),
    "/ConsumableResourceProperties": Removal(default=None, says="jobs need no such resource"),
}
# https://docs.aws.amazon.com/batch/latest/APIReference/API_DeregisterJobDefinition.html
_EARLIER = Caution(
    secret=True,
    says="Batch shows the earlier revisions of a job definition, with the values that they have, for 180 days.",
)
_CREATE = Create(
    call="register_job_definition",
    sends=("JobDefinitionName", *_CHANGED),
    parameters=_made,
    gives=lambda answer, _: str(answer["JobDefinitionName"]),
    name=_NAME,
    revises=True,
)

JOB_DEFINITION = native_type(
    Table(
        name="AWS::Batch::JobDefinition",
        noun="job definition",
        dialect=BATCH,
        listing=_LISTING,
        identifier=itemgetter("JobDefinitionName"),
        shows=shown("JobDefinitionName", "JobDefinitionArn", *_CHANGED),
        create=_CREATE,
        updates=_UPDATES,
        removals=_REMOVALS,
        delete=Delete(
            call="deregister_job_definition",
            parameters=lambda one: {"JobDefinition": one["JobDefinitionArn"]},
            first=_deregister_older,
        ),
        tags=_LISTING.tags,
        natural_key=("JobDefinitionName",),
        cautions=(_EARLIER,),
        filled=BODIES,
        follows={"JobDefinitionArn": _CHANGED},
        identities=IDENTITIES,
        normalise=cased,
        refine=refine,
        passes_role_to="ecs-tasks.amazonaws.com",
    )
)
