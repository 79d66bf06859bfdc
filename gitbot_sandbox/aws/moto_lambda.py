"""Make moto's Lambda keep what it is given, take time, and refuse what AWS refuses. Shell.

https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.exceptions import LambdaClientError as Refusal
from moto.awslambda.models import ImageConfig, LambdaBackend, LambdaFunction
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_KEPT = {
    "DeadLetterConfig": None,
    "FileSystemConfigs": None,
    "LoggingConfig": {},
    "SnapStart": {"ApplyOn": "None"},
}
"""What moto drops, with what counts where nothing is given."""
_OWN_NAMES = {
    "KMSKeyArn": "kms_key_arn",
    "TracingConfig": "tracing_config",
}
"""What moto keeps at creation only, with its own name for it."""


def patch() -> None:
    """Make all patches of this module."""
    wrap(LambdaFunction, "__init__", _keeping)
    wrap(LambdaFunction, "get_configuration", _showing)
    wrap(LambdaFunction, "get_code", _with_none_reserved)
    wrap(LambdaFunction, "update_configuration", _changing)
    wrap(LambdaFunction, "update_function_code", _with_architectures)
    wrap(LambdaBackend, "update_function_configuration", _assumable)


def _keeping(original: Any) -> Any:
    """Defects: some parameters are dropped, and the function is active at once."""

    @wraps(original)
    def init(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **more: Any) -> None:
        _check_package(spec)
        network = spec.get("VpcConfig")
        if network:
            spec = {**spec, "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], **network}}
        original(self, account_id, spec, *args, **more)
        self.kept = {name: spec.get(name, none) for name, none in _KEPT.items()}
        self.state, self.update_state, self.reason = "Pending", "Successful", ""

        def then(reason: str) -> None:
            self.state, self.reason = ("Failed" if reason else "Active"), reason

        begin(self, then)

    return init


def _check_package(spec: dict[str, Any]) -> None:
    """Defect: how code in an archive runs may be left out, and be said of an image.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    """
    image, given = spec.get("PackageType") == "Image", spec.get("Code", {})
    if image and any(spec.get(name) for name in ("Handler", "Runtime", "Layers")):
        raise InvalidParameterValueException(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
        )
    if not any(given.get(name) for name in ("ImageUri", "ZipFile", "S3Bucket")):
        raise InvalidParameterValueException("Please provide a source for function code.")
    if not image and given.get("ImageUri"):
        raise InvalidParameterValueException(
            "Please set PackageType to Image in order to use ImageUri."
        )
    if not image and not (spec.get("Handler") and spec.get("Runtime")):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )


def _showing(original: Any) -> Any:
    @wraps(original)
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        if not on_create:
            described(self)
        shown = original(self, on_create)
        shown |= {name: value for name, value in self.kept.items() if value}
        default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
        shown["LoggingConfig"] = default | self.kept["LoggingConfig"]
        if not on_create:
            shown["LastUpdateStatus"] = self.update_state
        image = shown.get("ImageConfigResponse", {}).get("ImageConfig", {})
        if not any(image.values()):
            shown.pop("ImageConfigResponse", None)
        if self.reason:
            shown["StateReason"] = shown["LastUpdateStatusReason"] = self.reason
        return {name: value for name, value in shown.items() if value not in (None, [], "")}

    return get_configuration


def _with_none_reserved(original: Any) -> Any:
    """Defect: a function that may never run (0 is reserved) shows nothing."""

    @wraps(original)
    def get_code(self: Any) -> dict[str, Any]:
        shown: dict[str, Any] = original(self)
        if self.reserved_concurrency is not None:
            reserved = {"ReservedConcurrentExecutions": self.reserved_concurrency}
            shown["Concurrency"] = reserved
        return shown

    return get_code


def _changing(original: Any) -> Any:
    """Defects: some parameters are ignored, and the update is done at once."""

    @wraps(original)
    def update_configuration(self: Any, asked: dict[str, Any]) -> Any:
        _check_steady(self)
        self.kept |= {name: value for name, value in asked.items() if name in _KEPT}
        if not (self.kept["DeadLetterConfig"] or {}).get("TargetArn"):
            self.kept["DeadLetterConfig"] = None
        for name, own in _OWN_NAMES.items():
            if name in asked:
                setattr(self, own, asked[name])
        if "EphemeralStorage" in asked:
            self.ephemeral_storage = asked["EphemeralStorage"]["Size"]
        if "ImageConfig" in asked:
            self.image_config = ImageConfig(asked["ImageConfig"])
        if "VpcConfig" in asked:
            network = {"SubnetIds": [], "SecurityGroupIds": [], **asked["VpcConfig"]}
            asked = {**asked, "VpcConfig": network}
        original(self, asked)
        _begin_update(self)
        return self.get_configuration()

    return update_configuration


def _with_architectures(original: Any) -> Any:
    """Defects: the architecture stays, the call is made twice, and the update is done at once."""

    @wraps(original)
    def update_function_code(self: Any, asked: dict[str, Any]) -> Any:
        if asked is getattr(self, "asked", None):
            return self.get_configuration()
        _check_steady(self)
        self.asked = asked
        self.architectures = asked.get("Architectures", ["x86_64"])
        original(self, asked)
        _begin_update(self)
        return self.get_configuration()

    return update_function_code


def _begin_update(function: Any) -> None:
    function.update_state, function.reason = "InProgress", ""

    def then(reason: str) -> None:
        function.update_state = "Failed" if reason else "Successful"
        function.reason = reason

    begin(function, then)


def _check_steady(function: Any) -> None:
    if "Pending" in function.state:
        doing = "The function is currently in the following state: Pending"
    elif function.update_state == "InProgress":
        doing = f"An update is in progress for resource: {function.function_arn}"
    else:
        return
    message = f"The operation cannot be performed at this time. {doing}"
    refusal = Refusal("ResourceConflictException", message)
    refusal.code = 409
    raise refusal


def _assumable(original: Any) -> Any:
    """Defect: an update takes a role that does not exist."""

    @wraps(original)
    def update(self: Any, function_name: str, qualifier: str, body: dict[str, Any]) -> Any:
        if "Role" in body:
            try:
                iam_backends[self.account_id][self.partition].get_role_by_arn(body["Role"])
            except NotFoundException:
                raise InvalidParameterValueException(
                    "The role defined for the function cannot be assumed by Lambda."
                ) from None
        return original(self, function_name, qualifier, body)

    return update
