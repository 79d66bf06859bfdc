"""Make moto's job definitions of Batch keep and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobDefinitions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import wraps
from typing import Any

from moto.batch.exceptions import ClientException
from moto.batch.models import JobDefinition, batch_backends
from moto.batch.responses import BatchResponse

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import index

_NAME = re.compile("[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}")
_BODIES = ("containerProperties", "ecsProperties", "eksProperties", "nodeProperties")
_Definition: Any = JobDefinition
_DROPPED = (
    *("ecsProperties", "nodeProperties", "schedulingPriority", "consumableResourceProperties"),
    "retryStrategy",
)
"""What moto forgets, or writes otherwise."""


def patch() -> None:
    """Make all patches of this module."""
    wrap(BatchResponse, "registerjobdefinition", _registered)
    wrap(JobDefinition, "describe", _whole)
    wrap(JobDefinition, "_validate", _checked_before)
    index(batch_backends, "batch:job-definition", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Each revision, deregistered ones too: AWS keeps them for 180 days."""
    for arn in backend._job_definitions:
        yield arn, backend.list_tags_for_resource(arn)


def _registered(original: Any) -> Any:
    """Defects: much is forgotten, and a revision takes over what it is not given from the one before."""

    @wraps(original)
    def registerjobdefinition(self: Any) -> str:
        asked, backend = json.loads(self.body), self.batch_backend
        _check(asked)
        name = asked["jobDefinitionName"]
        revisions = [one.revision for one in backend._job_definitions.values() if one.name == name]
        made = _Definition(
            *(name, asked.get("parameters"), asked["type"]),
            container_properties=deepcopy(asked.get("containerProperties")),
            node_properties=asked.get("nodeProperties"),
            eks_properties=deepcopy(asked.get("eksProperties")),
            tags=asked.get("tags") or {},
            retry_strategy=asked.get("retryStrategy"),
            timeout=asked.get("timeout"),
            backend=backend,
            platform_capabilities=asked.get("platformCapabilities"),
            propagate_tags=asked.get("propagateTags", False),
            revision=max(revisions, default=0),
        )
        made.remembered = {key: asked[key] for key in _DROPPED if key in asked}
        backend._job_definitions[made.arn] = made
        return json.dumps(
            {"jobDefinitionArn": made.arn, "jobDefinitionName": name, "revision": made.revision}
        )

    return registerjobdefinition


def _check(asked: dict[str, Any]) -> None:
    """Raise what AWS does for a definition that it does not take."""
    if not _NAME.fullmatch(asked["jobDefinitionName"]):
        raise ClientException("Error executing request, Exception : Job definition name is invalid")
    if asked["type"] not in ("container", "multinode"):
        raise ClientException("type must be one of container, multinode")
    bodies = [one for one in _BODIES if one in asked]
    if len(bodies) != 1 or (asked["type"] == "multinode") != (bodies == ["nodeProperties"]):
        raise ClientException(
            "A job definition has exactly one kind of properties, that of its type"
        )
    if "containerProperties" in asked:
        one = asked["containerProperties"]
        kinds = {each["type"] for each in one.get("resourceRequirements", ())}
        for kind, old in (("MEMORY", "memory"), ("VCPU", "vcpus")):
            if kind not in kinds and old not in one:
                raise ClientException(f"Container properties should specify {old}")
    if (asked.get("timeout") or {}).get("attemptDurationSeconds", 60) < 60:
        raise ClientException("attemptDurationSeconds must be at least 60")
    if len(asked.get("tags") or {}) > 50:
        raise ClientException("A job definition has at most 50 tags")


def _checked_before(original: Any) -> Any:
    """Defect: moto knows two kinds of properties alone."""

    @wraps(original)
    def _validate(self: Any) -> None:
        return None

    return _validate


def _whole(original: Any) -> Any:
    """Defect: much is not shown, and what is not there is shown as null."""

    @wraps(original)
    def describe(self: Any) -> Any:
        told = {**original(self), **getattr(self, "remembered", {})}
        return {name: value for name, value in told.items() if value not in (None, {})}

    return describe
