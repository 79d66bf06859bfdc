"""Bring job definitions into the form in which they are sent and compared, and say what Batch wants of them. Pure.

https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.refining import refining, together, without_blanks
from gitbot.providers.aws.types.batch.family import NAMES

BODIES = ("ContainerProperties", "EcsProperties", "EksProperties", "NodeProperties")
"""What jobs run: a definition has exactly one of them."""
_FOLDED = {
    *("Action", "Permissions", "Iam", "Type", "PlatformCapabilities", "AssignPublicIp"),
    *("TransitEncryption", "LogDriver"),
}
"""The properties whose values Batch takes in capital and small letters."""
_SMALL = {
    *("container", "multinode", "fluentd", "fluentbit", "json-file", "syslog", "journald"),
    *("gelf", "awslogs", "splunk", "awsfirelens"),
}
"""Those of the values that it writes in small letters."""
_FREE = {"Parameters", "Options", "Limits", "Requests", "Labels", "Annotations", "Tags"}
"""Maps whose keys are the users' own."""
_SPELT = {"S3filesVolumeConfiguration": "S3FilesVolumeConfiguration"}


def cased(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties with all letters as Batch writes them."""
    return {
        _SPELT.get(name, name): value
        if name in _FREE
        else _folded(value)
        if name in _FOLDED
        else _inner(value)
        for name, value in properties.items()
    }


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return cased(value)
    return [_inner(one) for one in value] if isinstance(value, (list, tuple)) else value


def _folded(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_folded(one) for one in value]
    if not isinstance(value, str):
        return value
    return value.lower() if value.lower() in _SMALL else value.upper()


_CONTAINERS = (
    "ContainerProperties",
    "EcsProperties/TaskProperties/*/Containers/*",
    "NodeProperties/NodeRangeProperties/*/Container",
    "NodeProperties/NodeRangeProperties/*/EcsProperties/TaskProperties/*/Containers/*",
)
"""The places of the containers of ECS in a definition."""
_TASKS = (
    "EcsProperties/TaskProperties/*",
    "NodeProperties/NodeRangeProperties/*/EcsProperties/TaskProperties/*",
)
_PODS = (
    "EksProperties/PodProperties",
    "NodeProperties/NodeRangeProperties/*/EksProperties/PodProperties",
)
_KEYS = {
    **{
        f"/{place}/{name}": key
        for place in _CONTAINERS
        for name, key in {
            "Environment": "Name",
            "Secrets": "Name",
            "Ulimits": "Name",
            "ResourceRequirements": "Type",
            "LogConfiguration/SecretOptions": "Name",
        }.items()
    },
    **{f"/{place}/Volumes": "Name" for place in (*_CONTAINERS[::2], *_TASKS, *_PODS)},
    **{f"/{place}/Containers": "Name" for place in _TASKS},
    **{f"/{place}/ImagePullSecrets": "Name" for place in _PODS},
    "/NodeProperties/NodeRangeProperties": "TargetNodes",
}
IDENTITIES = {path: (key,) for path, key in _KEYS.items()}
"""The keys by which elements of lists without an order are paired."""

_SIZED = {
    "anyOf": [
        {"required": ["ResourceRequirements"]},
        {"required": ["Memory", "Vcpus"]},
    ]
}
_OF_CONTAINERS: Mapping[str, Mapping[str, Any]] = {
    "Environment": {"uniqueKeys": ["Name"]},
    "Environment/*": {"required": ["Name", "Value"]},
    "Environment/*/Value": {"minLength": 1},
    "Secrets": {"uniqueKeys": ["Name"]},
    "Ulimits": {"uniqueKeys": ["Name"]},
    "ResourceRequirements": {"uniqueKeys": ["Type"]},
    "ResourceRequirements/*": {"required": ["Type", "Value"]},
    "ResourceRequirements/*/Value": {"minLength": 1},
    "LinuxParameters/Devices/*": {"required": ["HostPath"]},
    "LogConfiguration/SecretOptions": {"uniqueKeys": ["Name"]},
}
_MULTI = {"properties": {"Type": {"enumCaseInsensitive": ["multinode"]}}}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "requiredXor": list(BODIES),
        "if": _MULTI,
        "then": {"required": ["NodeProperties"]},
        "else": {"not": {"required": ["NodeProperties"]}},
    },
    "JobDefinitionName": NAMES,
    "ContainerProperties": _SIZED,
    "EcsProperties/TaskProperties": {"minItems": 1, "maxItems": 1},
    "EksProperties": {"required": ["PodProperties"]},
    "NodeProperties/NodeRangeProperties": {"minItems": 1, "uniqueKeys": ["TargetNodes"]},
    "RetryStrategy/Attempts": {"minimum": 1, "maximum": 10},
    "RetryStrategy/EvaluateOnExit": {"maxItems": 5},
    "Timeout/AttemptDurationSeconds": {"minimum": 60},
    "SchedulingPriority": {"minimum": 0, "maximum": 9999},
    **{f"{place}/{path}": limit for place in _CONTAINERS for path, limit in _OF_CONTAINERS.items()},
    **{f"{place}": {"required": ["Containers"]} for place in _TASKS},
    **{f"{place}/Containers": {"minItems": 1, "uniqueKeys": ["Name"]} for place in _TASKS},
    **{f"{place}/Volumes": {"uniqueKeys": ["Name"]} for place in (*_TASKS, *_PODS)},
    **{f"{place}/Volumes": {"uniqueKeys": ["Name"]} for place in _CONTAINERS[::2]},
    **{place: {"required": ["Containers"]} for place in _PODS},
    **{f"{place}/Containers": {"minItems": 1} for place in _PODS},
    **{f"{place}/ImagePullSecrets": {"uniqueKeys": ["Name"]} for place in _PODS},
    **{f"{place}/ImagePullSecrets/*": {"required": ["Name"]} for place in _PODS},
}

refine = together(without_blanks("Value", "Medium"), refining(_LIMITS))
"""The registry's schema with what Batch wants."""
