"""AWS::ECS::TaskDefinition as a table. Shell.

Family (generated when absent), ContainerDefinitions, Cpu, Memory, NetworkMode, TaskRoleArn, ExecutionRoleArn,
RequiresCompatibilities, RuntimePlatform, Volumes, PlacementConstraints, PidMode, IpcMode, EphemeralStorage (GiB),
EnableFaultInjection: replace, which registers a new revision of the family and deregisters the old one. Tags:
changed in place. Attributes: TaskDefinitionArn. ProxyConfiguration and InferenceAccelerators are not handled: AWS
has ended both services.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitbot.model.cautions import Caution
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.short_names import with_short_names
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ecs.family import ECS

_FAMILY = Name(property="Family", longest=255)
_ROLES = ("TaskRoleArn", "ExecutionRoleArn")
_CONTAINERS = "ContainerDefinitions"
_SENDS = (
    *("Family", _CONTAINERS, "Cpu", "Memory", "NetworkMode", *_ROLES, "RequiresCompatibilities"),
    *("RuntimePlatform", "Volumes", "PlacementConstraints", "PidMode", "IpcMode"),
    *("EphemeralStorage", "EnableFaultInjection"),
)
_EFS = "EFSVolumeConfiguration"
_SPELT = {
    "EfsVolumeConfiguration": _EFS,
    "FsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
    "S3filesVolumeConfiguration": "S3FilesVolumeConfiguration",
}
"""Names of volumes that CloudFormation writes otherwise than the API."""
_UNITS = {"vcpu": 1024, "gb": 1024}


def _target(one: Described) -> dict[str, Any]:
    return {"ResourceArn": one["TaskDefinition"]["TaskDefinitionArn"]}


_TAGS = PlainTags(dialect=ECS, target=_target)
_LISTING = Plain(
    dialect=ECS,
    call="describe_task_definition",
    asks=named("TaskDefinition"),
    more={"Include": ["TAGS"]},
    tags=_TAGS,
    index=Index("ecs:task-definition", own=str),
)


def _shows(one: Described) -> Properties:
    definition = one["TaskDefinition"]
    volumes = [_volume(volume) for volume in definition.get("Volumes") or ()]
    return {**shown("TaskDefinitionArn", *_SENDS)(definition), "Volumes": volumes}


def _volume(volume: Mapping[str, Any]) -> dict[str, Any]:
    told = _renamed(volume, _SPELT)
    if efs := told.get(_EFS):
        efs = _renamed(efs, {"FileSystemId": "FilesystemId"})
        if access := efs.get("AuthorizationConfig"):
            efs["AuthorizationConfig"] = _renamed(access, {"Iam": "IAM"})
        told[_EFS] = efs
    return told


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): inner for name, inner in value.items()}


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison: ECS takes sizes with units, and roles by name."""
    sizes = {name: _size(properties[name]) for name in ("Cpu", "Memory") if name in properties}
    return {**with_short_names(properties, roles=_ROLES), **sizes}


def _size(value: Any) -> Any:
    """``0.5 vCPU`` as ``512``, ``2 GB`` as ``2048``."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*([0-9.]+)\s*(vcpu|gb)\s*", value, re.I)
    return str(int(float(found[1]) * _UNITS[found[2].lower()])) if found else value


_FARGATE = {
    "properties": {"RequiresCompatibilities": {"not": {"items": {"not": {"const": "FARGATE"}}}}},
    "required": ["RequiresCompatibilities"],
}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "required": [_CONTAINERS],
        "allOf": [
            {
                "if": _FARGATE,
                "then": {
                    "required": ["Cpu", "Memory", "NetworkMode"],
                    "properties": {"NetworkMode": {"const": "awsvpc"}},
                },
            },
            {
                "if": {"not": {"required": ["Memory"]}},
                "then": {
                    "properties": {
                        _CONTAINERS: {
                            "items": {
                                "anyOf": [
                                    {"required": ["Memory"]},
                                    {"required": ["MemoryReservation"]},
                                ]
                            }
                        }
                    }
                },
            },
        ],
    },
    "Family": {"pattern": r"^[a-zA-Z0-9_-]{1,255}$"},
    _CONTAINERS: {"minItems": 1, "uniqueKeys": ["Name"]},
    "Volumes": {"uniqueKeys": ["Name"]},
    "Volumes/*/FSxWindowsFileServerVolumeConfiguration": {
        "required": ["FileSystemId", "RootDirectory", "AuthorizationConfig"]
    },
    "EphemeralStorage": {"required": ["SizeInGiB"]},
    **{
        f"{_CONTAINERS}/*/{path}": {"required": list(names)}
        for path, names in {
            "DependsOn/*": ("Condition", "ContainerName"),
            "EnvironmentFiles/*": ("Type", "Value"),
            "ExtraHosts/*": ("Hostname", "IpAddress"),
            "FirelensConfiguration": ("Type",),
            "HealthCheck": ("Command",),
            "LinuxParameters/Devices/*": ("HostPath",),
            "LinuxParameters/Tmpfs/*": ("ContainerPath", "Size"),
            "RepositoryCredentials": ("CredentialsParameter",),
            "RestartPolicy": ("Enabled",),
        }.items()
    },
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
_EARLIER = Caution(
    secret=True,
    says="ECS shows the earlier revisions of a task definition, with the values that they have, until somebody deletes "
    "them (delete-task-definitions).",
)

TASK_DEFINITION = native_type(
    Table(
        name="AWS::ECS::TaskDefinition",
        noun="task definition",
        dialect=ECS,
        listing=_LISTING,
        identifier=lambda one: str(one["TaskDefinition"]["TaskDefinitionArn"]),
        shows=_shows,
        addresses=lambda one: {"TaskDefinition": one["TaskDefinition"]["TaskDefinitionArn"]},
        create=Create(
            call="register_task_definition",
            sends=_SENDS,
            gives=lambda answer, _: str(answer["TaskDefinition"]["TaskDefinitionArn"]),
            name=_FAMILY,
        ),
        exists=lambda one: bool(one["TaskDefinition"]["Status"] == "ACTIVE"),
        delete=Delete(call="deregister_task_definition"),
        cautions=(_EARLIER,),
        tags=_TAGS,
        normalise=_normalised,
        refine=refining(_LIMITS),
        sets=("/Volumes",),
        identities={f"/{_CONTAINERS}": ("Name",), "/Volumes": ("Name",)},
        passes_role_to="ecs-tasks.amazonaws.com",
    )
)
