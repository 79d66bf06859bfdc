"""Make moto's CloudFormation hide what AWS hides. Shell.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.models import Stack

from gitbot_sandbox.aws.moto_patch import wrap

_MASK = "****"


def patch() -> None:
    """Make the patches of this module."""
    wrap(Stack, "parameter_list", lambda _: property(_shown))


def _shown(stack: Any) -> list[dict[str, Any]]:
    """Defect: the values of parameters with ``NoEcho`` are shown to whoever describes the stack."""
    declared = stack.resource_map._template.get("Parameters", {})
    return [
        {
            "ParameterKey": name,
            "ParameterValue": _MASK if _is_hidden(declared.get(name, {})) else value,
        }
        for name, value in stack.resource_map.resolved_parameters.items()
    ]


def _is_hidden(parameter: Mapping[str, Any]) -> bool:
    return str(parameter.get("NoEcho")).lower() == "true"
