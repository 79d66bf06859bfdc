"""Make moto's task definitions keep, show and refuse as ECS does. Shell.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from gitbot_sandbox.aws.moto_patch import wrap

_FAMILY = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_UNITS = {"vcpu": 1024, "gb": 1024}


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2ContainerServiceBackend, "register_task_definition", _checked)
    wrap(EC2ContainerServiceBackend, "_validate_container_defs", _reserved)
    wrap(EC2ContainerServiceResponse, "register_task_definition", _faults)


def _checked(original: Any) -> Any:
    """Defects: any family is taken, and tasks of Fargate without sizes; units and ports stay as they are."""

    @wraps(original)
    def register_task_definition(
        self: Any, family: str, container_definitions: Any, **asked: Any
    ) -> Any:
        containers = container_definitions
        if not _FAMILY.fullmatch(family):
            raise EcsClientException("Family contains invalid characters.")
        names = [one.get("name") for one in containers or ()]
        if not names or len(set(names)) < len(names):
            raise EcsClientException(
                "Container.name should be unique within a task, and one is needed."
            )
        if "FARGATE" in (asked.get("requires_compatibilities") or ()):
            _check_fargate(asked)
        sizes = {name: _size(asked.get(name)) for name in ("cpu", "memory")}
        ported = [_with_ports(one, asked.get("network_mode")) for one in containers]
        return original(self, family, ported, **{**asked, **sizes})

    return register_task_definition


def _reserved(original: Any) -> Any:
    """Defect: of a container of tasks on machines ``memoryReservation`` alone is not enough."""

    def _validate_container_defs(memory: Any, containers: Any, _: Any) -> None:
        original(memory, containers, None)

    return staticmethod(_validate_container_defs)


def _check_fargate(asked: Mapping[str, Any]) -> None:
    for name in ("cpu", "memory"):
        if not asked.get(name):
            raise EcsClientException(
                f"Fargate requires that '{name}' be defined at the task level."
            )
    if asked.get("network_mode") != "awsvpc":
        raise EcsClientException("Fargate only supports network mode 'awsvpc'.")


def _size(value: str | None) -> str | None:
    found = re.fullmatch(r"([0-9.]+) ?(vcpu|gb)", (value or "").lower())
    if found is None:
        if value and not value.isdigit():
            raise InvalidParameterException(f"Invalid size: {value}")
        return value
    return str(int(float(found[1]) * _UNITS[found[2]]))


def _with_ports(container: Mapping[str, Any], mode: str | None) -> dict[str, Any]:
    """The container as ECS shows it."""
    own = mode in ("awsvpc", "host")
    ports = [
        {
            "protocol": "tcp",
            **(
                {}
                if "containerPort" not in one
                else {"hostPort": one["containerPort"] if own else 0}
            ),
            **one,
        }
        for one in container.get("portMappings") or ()
    ]
    return {"systemControls": [], **container, "portMappings": ports}


def _faults(original: Any) -> Any:
    """Defect: EnableFaultInjection is dropped."""

    @wraps(original)
    def register_task_definition(self: Any) -> Any:
        answer = original(self)
        definition = answer.result["taskDefinition"]
        definition.enable_fault_injection = bool(self._get_param("enableFaultInjection"))
        return answer

    return register_task_definition
