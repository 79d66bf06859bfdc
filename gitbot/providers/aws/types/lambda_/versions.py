"""Read and write when a function gets another version of its runtime. Shell.

https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.lambda_.family import LAMBDA

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_WHEN, _WHICH = "UpdateRuntimeOn", "RuntimeVersionArn"
_AUTOMATIC = {_WHEN: "Auto"}


def _read(aws: Connection, name: str) -> Any:
    told = ask(aws, LAMBDA, "get_runtime_management_config", FunctionName=name)
    return {one: told[one] for one in (_WHEN, _WHICH) if told.get(one)}


def _write(aws: Connection, name: str, value: Any) -> None:
    wanted = dict(value or _AUTOMATIC)
    ask(aws, LAMBDA, "put_runtime_management_config", FunctionName=name, **wanted)


MANAGED = Surface(
    property="RuntimeManagementConfig",
    read=_read,
    write=_write,
    removal=Removal(default=_AUTOMATIC, says="Lambda takes new versions of the runtime by itself"),
    last=True,  # a version is one of the runtime that the function has by then
)
SHORTEST_ARN = 26
LIMITS: Mapping[str, Any] = {
    "if": {"properties": {_WHEN: {"const": "Manual"}}, "required": [_WHEN]},
    "then": {"required": [_WHICH]},
    "else": {"not": {"required": [_WHICH]}},
}
