"""AWS::Lambda::Function as a table. Shell.

FunctionName (generated when absent), PackageType: replace. Runtime, Role, Handler, Description, Timeout (s),
MemorySize (MB), VpcConfig, Environment, DeadLetterConfig, KmsKeyArn, TracingConfig, Layers,
FileSystemConfigs, ImageConfig, EphemeralStorage, SnapStart, LoggingConfig, ReservedConcurrentExecutions,
RuntimeManagementConfig (read where it is declared), Tags: changed in place; a key of LoggingConfig cannot be taken out alone. Code, Architectures: new code, in
place; Code cannot be read, and CodeSha256 tells that it is another one. Lambda reads S3Bucket with the caller's rights: gitbot's role for applies needs
``s3:GetObject`` on that bucket.
Attributes: Arn.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.lambda_ import versions
from gitbot.providers.aws.types.lambda_.code import code_parameters
from gitbot.providers.aws.types.lambda_.family import LAMBDA, TAGS, TAKEN

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="FunctionName", longest=64)
_CONFIGURED = (
    *("Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig"),
    *("Environment", "DeadLetterConfig", "KmsKeyArn", "TracingConfig", "Layers"),
    *("FileSystemConfigs", "ImageConfig", "EphemeralStorage", "SnapStart", "LoggingConfig"),
)
_CODE = ("Code", "Architectures")
_NONE: Mapping[str, Any] = {
    "Description": "",
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "Environment": {"Variables": {}},
    "DeadLetterConfig": {"TargetArn": ""},
    "KmsKeyArn": "",
    "Layers": [],
    "FileSystemConfigs": [],
    "ImageConfig": {},
}
"""What an update sends to take a property away. Lambda then shows none."""
_RESETS = {
    "Description": Removal(default=None, says="it is deleted"),
    "VpcConfig": Removal(default=None, says="the function leaves the network"),
    "Environment": Removal(default=None, says="the variables that the spec set are deleted"),
    "DeadLetterConfig": Removal(default=None, says="failed events are dropped"),
    "KmsKeyArn": Removal(default=None, says="a key of AWS encrypts the variables"),
    "Layers": Removal(default=None, says="the function has none"),
    "FileSystemConfigs": Removal(default=None, says="nothing is mounted"),
    "ImageConfig": Removal(default=None, says="what the image says counts"),
    "Timeout": Removal(default=3, says="the default of Lambda"),
    "MemorySize": Removal(default=128, says="the default of Lambda"),
    "TracingConfig": Removal(default={"Mode": "PassThrough"}, says="the default of Lambda"),
    "EphemeralStorage": Removal(default={"Size": 512}, says="the default of Lambda"),
    "SnapStart": Removal(default={"ApplyOn": "None"}, says="the default of Lambda"),
    "Architectures": Removal(default=["x86_64"], says="the default of Lambda"),
}
_MOST_MB, _MOST_S = 10_240, 900
_LISTING = Plain(
    dialect=LAMBDA,
    call="get_function",
    asks=named("FunctionName"),
    tags=TAGS,
    name=_NAME,
    index=Index("lambda:function"),
)
_OWN = shown(
    *(name for name in _CONFIGURED if name not in ("KmsKeyArn", "Layers", "ImageConfig")),
    *("PackageType", "Architectures", "CodeSha256"),
    Arn="FunctionArn",
    KmsKeyArn="KMSKeyArn",
)


def _shows(one: Described) -> Properties:
    has = one["Configuration"]
    network = has.get("VpcConfig") or {}
    return {
        **_OWN(has),
        "FunctionName": one["FunctionName"],
        "Layers": [layer["Arn"] for layer in has.get("Layers") or ()] or None,
        "VpcConfig": network if network.get("SubnetIds") else None,
        "ImageConfig": (has.get("ImageConfigResponse") or {}).get("ImageConfig"),
        "ReservedConcurrentExecutions": one.get("Concurrency", {}).get(
            "ReservedConcurrentExecutions"
        ),
    }


def _made(operation: Operation) -> dict[str, Any]:
    """The parameters of the creating call."""
    given = operation.properties
    code = code_parameters(given["Code"], given.get("Runtime"))  # type: ignore[arg-type]  # schema
    sent = ("PackageType", "Architectures", *_CONFIGURED)
    return {"Code": code, **{name: given[name] for name in sent if given.get(name) is not None}}


def _configuration(values: Properties, _: Described) -> dict[str, Any]:
    return {name: value or _NONE.get(name, value) for name, value in values.items()}


def _code(values: Properties, described: Described) -> dict[str, Any]:
    runtime = described["Configuration"].get("Runtime")
    return {**code_parameters(values["Code"], runtime), "Architectures": values["Architectures"]}


def _reserve(aws: Connection, name: str, most: Any) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html"""
    if most is None:
        ask(aws, LAMBDA, "delete_function_concurrency", FunctionName=name)
    else:
        reserved = {"ReservedConcurrentExecutions": most}
        ask(aws, LAMBDA, "put_function_concurrency", FunctionName=name, **reserved)


_RESERVED = Surface(
    property="ReservedConcurrentExecutions",
    write=_reserve,
    removal=Removal(default=None, says="the function shares what the account has"),
)
_CALLS = (
    "put_runtime_management_config",
    *("put_function_concurrency", "delete_function_concurrency", "get_layer_version"),
    *("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
)
"""Lambda reads layers and networks with the caller's rights."""


_PACKAGES: Mapping[str, Any] = {
    "if": {"required": ["PackageType"], "properties": {"PackageType": {"const": "Image"}}},
    "then": {"not": {"anyOf": [{"required": [one]} for one in ("Handler", "Runtime", "Layers")]}},
    "else": {
        "if": {"required": ["Code"], "properties": {"Code": {"required": ["ImageUri"]}}},
        "then": {"required": ["PackageType"]},
        "else": {"required": ["Handler", "Runtime"]},
    },
}
"""What says how code in an archive runs. An image says it itself."""


def _refined(schema: Properties) -> Properties:
    """The registry's limits count for functions on instances of one's own, which are not served.

    It takes variables of any type, and Lambda only text.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    refined: dict[str, Any] = deepcopy({**schema, **_PACKAGES})
    managed = refined["definitions"]["RuntimeManagementConfig"]
    managed |= versions.LIMITS
    managed["properties"]["RuntimeVersionArn"]["minLength"] = versions.SHORTEST_ARN
    refined["properties"]["MemorySize"]["maximum"] = _MOST_MB
    refined["properties"]["Timeout"]["maximum"] = _MOST_S
    refined["definitions"]["EphemeralStorage"]["properties"]["Size"]["maximum"] = _MOST_MB
    code = refined["definitions"]["Code"]
    code["requiredOr"] = ["ImageUri", "S3Bucket", "ZipFile"]
    code["properties"]["ImageUri"]["minLength"] = 1
    variables = refined["definitions"]["Environment"]["properties"]["Variables"]
    names = variables["patternProperties"]
    variables["patternProperties"] = {f"^{name}$": {"type": "string"} for name in names}
    return refined


def _ready(one: Described) -> bool:
    has = one["Configuration"]
    return not (has.get("State") == "Pending" or has.get("LastUpdateStatus") == "InProgress")


def _failed(one: Described) -> str:
    """Why the function, or its last update, failed; empty if it did not."""
    has = one["Configuration"]
    for state, reason in (("State", "StateReason"), ("LastUpdateStatus", "LastUpdateStatusReason")):
        if has.get(state) == "Failed":
            return str(has.get(reason) or "Lambda gives no reason")
    return ""


_CREATE = Create(
    call="create_function",
    sends=("FunctionName", "PackageType", *_CODE, *_CONFIGURED),
    parameters=_made,
    gives=lambda answer, _: str(answer["FunctionName"]),
    name=_NAME,
    taken=TAKEN,
)
_UPDATES = (
    Update(
        call="update_function_configuration",
        sends=_CONFIGURED,
        parameters=_configuration,
        shared=("/Environment/Variables",),
    ),
    Update(call="update_function_code", sends=_CODE, whole=True, parameters=_code),
)

FUNCTION = native_type(
    Table(
        name="AWS::Lambda::Function",
        noun="function",
        dialect=LAMBDA,
        listing=_LISTING,
        identifier=lambda one: str(one["FunctionName"]),
        shows=_shows,
        addresses=lambda one: {"FunctionName": one["FunctionName"]},
        spells={"KmsKeyArn": "KMSKeyArn"},
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        surfaces=(_RESERVED, versions.MANAGED),
        ready=_ready,
        failed=_failed,
        write_only=("/Code",),
        marks={"Code": "CodeSha256"},
        partial=("/LoggingConfig",),
        refine=_refined,
        delete=Delete(call="delete_function"),
        tags=TAGS,
        natural_key=("FunctionName",),
        looks=("get_runtime_management_config",),
        calls=_CALLS,
        passes_role_to="lambda.amazonaws.com",
    )
)
