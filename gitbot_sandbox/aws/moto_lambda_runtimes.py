"""Serve when functions get other versions of their runtimes, which moto's Lambda lacks. Shell.

https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda import urls
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.responses import LambdaResponse

_PATH = r"{0}/2021-07-20/functions/(?P<function_name>[\w_:%-]+)/runtime-management-config/?$"


def patch() -> None:
    """Make all patches of this module."""
    urls.url_paths[_PATH] = LambdaResponse.dispatch
    for made in (get_runtime_management_config, put_runtime_management_config):
        setattr(LambdaResponse, made.__name__, made)


def get_runtime_management_config(self: Any) -> tuple[int, dict[str, str], str]:
    """GetRuntimeManagementConfig, which moto lacks."""
    return _told(_function(self))


def put_runtime_management_config(self: Any) -> tuple[int, dict[str, str], str]:
    """PutRuntimeManagementConfig, which moto lacks."""
    function = _function(self)
    when, which = (self._get_param(name) for name in ("UpdateRuntimeOn", "RuntimeVersionArn"))
    if (when == "Manual") != bool(which):
        raise InvalidParameterValueException(
            "RuntimeVersionArn must be given for the update mode Manual, and for no other."
        )
    function.runtime_management = {"UpdateRuntimeOn": when, "RuntimeVersionArn": which}
    return _told(function)


def _function(self: Any) -> Any:
    return self.backend.get_function(self.path.rstrip("/").split("/")[-2])


def _told(function: Any) -> tuple[int, dict[str, str], str]:
    own = getattr(function, "runtime_management", {"UpdateRuntimeOn": "Auto"})
    return 200, {}, json.dumps({"FunctionArn": function.function_arn, **own})
