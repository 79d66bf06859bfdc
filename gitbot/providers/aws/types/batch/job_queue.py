"""AWS::Batch::JobQueue as a table. Shell.

JobQueueName (generated when absent), JobQueueType: replace. State, Priority, ComputeEnvironmentOrder,
SchedulingPolicyArn (it can be changed and never be taken away), JobStateTimeLimitActions, Tags: changed in place.
Attributes: JobQueueArn. A queue is disabled and then deleted; jobs that run go on. ServiceEnvironmentOrder is not handled.
https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateJobQueue.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteJobQueue.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import last_part
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.batch.family import (
    BATCH,
    ENABLED,
    NAMES,
    TAKEN,
    disabling,
    exists,
    failed,
    listing,
    ready,
    upper,
)

_NAME = Name(property="JobQueueName", longest=128)
_FIXED = ("JobQueueName", "JobQueueType")
_ORDER, _LIMITS_OF_TIME = "ComputeEnvironmentOrder", "JobStateTimeLimitActions"
_CHANGED = ("State", "Priority", _ORDER, "SchedulingPolicyArn", _LIMITS_OF_TIME)
_LISTING = listing("job_queues", "job-queue", _NAME)


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison: Batch takes names of environments and shows ARNs."""
    done = upper(properties, "JobQueueType")
    for name in (_ORDER, _LIMITS_OF_TIME):
        if isinstance(done.get(name), (list, tuple)):
            done[name] = [_element(one) for one in done[name]]
    return done


def _element(one: Any) -> Any:
    if not isinstance(one, Mapping):
        return one
    environment = one.get("ComputeEnvironment")
    named = {"ComputeEnvironment": last_part(environment)} if isinstance(environment, str) else {}
    return {**upper(one, "Action"), **named}


_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "JobQueueName": NAMES,
    _ORDER: {"minItems": 1, "maxItems": 3, "uniqueKeys": ["Order"]},
    f"{_ORDER}/*/ComputeEnvironment": {"minLength": 1},
    f"{_ORDER}/*/Order": {"minimum": 0},
    f"{_LIMITS_OF_TIME}/*/Reason": {"minLength": 1},
}
_RESETS = {
    "State": ENABLED,
    _LIMITS_OF_TIME: Removal(default=[], says="no job is ended for waiting long"),
}
_DELETE = Delete(
    call="delete_job_queue",
    first=disabling("update_job_queue", "JobQueue"),
)

JOB_QUEUE = native_type(
    Table(
        name="AWS::Batch::JobQueue",
        noun="job queue",
        dialect=BATCH,
        listing=_LISTING,
        identifier=itemgetter("JobQueueArn"),
        shows=shown("JobQueueArn", *_FIXED, *_CHANGED),
        addresses=lambda one: {"JobQueue": one["JobQueueArn"]},
        create=Create(
            call="create_job_queue",
            sends=(*_FIXED, *_CHANGED),
            gives=lambda answer, _: str(answer["JobQueueArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        updates=(Update(call="update_job_queue", sends=_CHANGED),),
        resets=_RESETS,
        exists=exists,
        ready=ready,
        failed=failed,
        delete=_DELETE,
        tags=_LISTING.tags,
        natural_key=("JobQueueName",),
        filled=("JobQueueType",),
        normalise=_normalised,
        refine=refining(_LIMITS),
        sets=(f"/{_ORDER}",),
        identities={f"/{_ORDER}": ("Order",)},
    )
)
