"""Make moto's Lambda name layers by their ARNs too, and say which archive is missing. Shell.

https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.awslambda import models
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    wrap(LambdaBackend, "publish_layer_version", _of_a_name)
    wrap(LambdaBackend, "list_layer_versions", _by_name)
    wrap(models, "_validate_s3_bucket_and_key", _refusing)


def _of_a_name(original: Any) -> Any:
    """Defect: a layer that is named by its ARN is another one than that of its name."""

    @wraps(original)
    def publish(self: Any, spec: dict[str, Any]) -> Any:
        return original(self, {**spec, "LayerName": _last(spec["LayerName"])})

    return publish


def _by_name(original: Any) -> Any:
    """Defect: a layer that is named by its ARN has no versions."""

    @wraps(original)
    def listed(self: Any, layer_name: str) -> Any:
        return original(self, _last(layer_name))

    return listed


def _last(name: str) -> str:
    return name.replace("%3A", ":").rpartition(":")[2]


def _refusing(original: Any) -> Any:
    """Defect: an archive that is not there ends in an error of the server."""

    @wraps(original)
    def validate(account_id: str, partition: str, data: dict[str, Any]) -> Any:
        try:
            return original(account_id, partition, data)
        except ValueError as error:
            raise InvalidParameterValueException(str(error.args[-1])) from None

    return validate
