"""AWS::Batch::ComputeEnvironment as a table. Shell.

ComputeEnvironmentName (generated when absent), Type, EksConfiguration and all of ComputeResources but the numbers of
vCPUs: replace. State, ServiceRole, Tags, and of ComputeResources MinvCpus, MaxvCpus and DesiredvCpus
(growing only, since Batch itself scales): changed in place. Attributes: ComputeEnvironmentArn. It is disabled and then
deleted, with its machines. UnmanagedvCpus, Context, EcsSettings and managed instances are not handled; neither is what
tells CloudFormation how to change machines (ReplaceComputeEnvironment, UpdatePolicy,
ComputeResources/UpdateToLatestImageVersion): new ones come with a new environment.
https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateComputeEnvironment.html
https://docs.aws.amazon.com/batch/latest/userguide/updating-compute-environments.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.short_names import with_short_names
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
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

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="ComputeEnvironmentName", longest=128)
_RESOURCES = "ComputeResources"
_FIXED = ("ComputeEnvironmentName", "Type", "EksConfiguration")
_CHANGED = ("State", "ServiceRole", _RESOURCES)
_SCALED = ("MinvCpus", "MaxvCpus", "DesiredvCpus")
_BUILT = (
    *("Type", "AllocationStrategy", "BidPercentage", "Ec2Configuration", "Ec2KeyPair", "ImageId"),
    *("InstanceRole", "InstanceTypes", "LaunchTemplate", "PlacementGroup", "ScalingPolicy"),
    *("SecurityGroupIds", "SpotIamFleetRole", "Subnets", "Tags"),
)
"""What the machines of an environment are made with."""
_LISTING = listing("compute_environments", "compute-environment", _NAME)


def _resources(values: Properties, one: Described) -> Properties:
    """The parameters of an update. Batch has scaled up already where it shows more vCPUs than are desired."""
    given = values.get(_RESOURCES) or {}
    has = one.get(_RESOURCES) or {}
    scaled = {name: given[name] for name in _SCALED if given.get(name) is not None}
    if scaled.get("DesiredvCpus", 0) < has.get("DesiredvCpus", 0):
        scaled.pop("DesiredvCpus", None)
    rest = {name: value for name, value in values.items() if name != _RESOURCES}
    return {**rest, _RESOURCES: scaled} if _RESOURCES in values else rest


def _users(aws: Connection, one: Described) -> list[str]:
    """The queues that send it jobs."""
    return [
        f"job queue {queue['JobQueueName']}"
        for queue in ask_pages(aws, BATCH, "describe_job_queues", "JobQueues")
        if queue["Status"] not in ("DELETING", "DELETED")
        and any(
            each["ComputeEnvironment"] == one["ComputeEnvironmentArn"]
            for each in queue.get("ComputeEnvironmentOrder") or ()
        )
    ]


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison."""
    return with_short_names(_in_capitals(properties), roles=("ServiceRole",))


def _in_capitals(properties: Properties) -> dict[str, Any]:
    """The properties with all that Batch writes in capitals."""
    done = upper(properties, "Type")
    if isinstance(done.get(_RESOURCES), Mapping):
        done[_RESOURCES] = upper(done[_RESOURCES], "Type", "AllocationStrategy")
    return done


_MANAGED = {"properties": {"Type": {"enumCaseInsensitive": ["managed"]}}}
_MACHINES = {"properties": {"Type": {"enumCaseInsensitive": ["ec2", "spot"]}}}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "allOf": [
            {
                "if": _MANAGED,
                "then": {"required": [_RESOURCES]},
                "else": {"not": {"required": [_RESOURCES]}},
            }
        ]
    },
    "ComputeEnvironmentName": NAMES,
    "State": {"enum": ["ENABLED", "DISABLED"]},
    "ServiceRole": {"minLength": 1},
    _RESOURCES: {
        "required": ["Type", "MaxvCpus", "Subnets"],
        "allOf": [{"if": _MACHINES, "then": {"required": ["InstanceTypes", "InstanceRole"]}}],
    },
    f"{_RESOURCES}/Type": {"enumCaseInsensitive": ["ec2", "fargate", "fargate_spot", "spot"]},
    "EksConfiguration/AccessEntry": {"required": ["DesiredState"]},
    f"{_RESOURCES}/MinvCpus": {"minimum": 0},
    f"{_RESOURCES}/DesiredvCpus": {"minimum": 0},
    f"{_RESOURCES}/MaxvCpus": {"minimum": 0},
}


def _creating(operation: Operation) -> Properties:
    given = shown(*_FIXED, *_CHANGED)(operation.properties)
    return _in_capitals({name: value for name, value in given.items() if value is not None})


_INSTEAD = {
    "/ReplaceComputeEnvironment": "Leave it out: where its machines change, a plan shows a new environment, and else none.",
    "/UpdatePolicy": "Leave it out: a new environment takes the place of one whose machines change, so none is updated under jobs.",
}
"""What CloudFormation is told by properties that are not of the object."""
_NO_MACHINES = Removal(default=0, says="no machine waits for jobs")
_CREATE = Create(
    call="create_compute_environment",
    sends=(*_FIXED, *_CHANGED),
    parameters=_creating,
    gives=lambda answer, _: str(answer["ComputeEnvironmentArn"]),
    name=_NAME,
    taken=TAKEN,
)
_DELETE = Delete(
    call="delete_compute_environment",
    first=disabling("update_compute_environment", "ComputeEnvironment"),
    users=_users,
)

COMPUTE_ENVIRONMENT = native_type(
    Table(
        name="AWS::Batch::ComputeEnvironment",
        noun="compute environment",
        dialect=BATCH,
        listing=_LISTING,
        identifier=itemgetter("ComputeEnvironmentArn"),
        shows=shown("ComputeEnvironmentArn", *_FIXED, *_CHANGED),
        addresses=lambda one: {"ComputeEnvironment": one["ComputeEnvironmentArn"]},
        create=_CREATE,
        updates=(Update(call="update_compute_environment", sends=_CHANGED, parameters=_resources),),
        resets={"State": ENABLED, f"{_RESOURCES}/MinvCpus": _NO_MACHINES},
        exists=exists,
        ready=ready,
        failed=failed,
        delete=_DELETE,
        tags=_LISTING.tags,
        looks=("describe_job_queues",),
        natural_key=("ComputeEnvironmentName",),
        handled=tuple(f"/{_RESOURCES}/{name}" for name in (*_SCALED, *_BUILT)),
        create_only=tuple(f"/{_RESOURCES}/{name}" for name in _BUILT),
        partial=(f"/{_RESOURCES}",),
        filled=("ServiceRole", f"{_RESOURCES}/DesiredvCpus", f"{_RESOURCES}/AllocationStrategy"),
        grows=(f"/{_RESOURCES}/DesiredvCpus",),
        write_only=(f"/{_RESOURCES}/DesiredvCpus",),
        kept_in_use=True,
        normalise=_normalised,
        refine=refining(_LIMITS),
        instead=_INSTEAD,
        passes_role_to="batch.amazonaws.com",
    )
)
