"""Make moto's SageMaker refuse what AWS refuses, and keep and index tags as AWS does. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpointConfig
from moto.sagemaker.models import SageMakerModelBackend as Backend

from gitbot_sandbox.aws.moto_patch import MOST_TAGS, wrap

_NAMED = {
    "create_model": ("_models", "model_name", "model"),
    "create_endpoint_config": (
        "endpoint_configs",
        "endpoint_config_name",
        "endpoint configuration",
    ),
    "create_endpoint": ("endpoints", "endpoint_name", "endpoint"),
    "create_model_package_group": (
        "model_package_groups",
        "model_package_group_name",
        "model package group",
    ),
}


def patch() -> None:
    """Make all patches of this module."""
    for call, (objects, name, noun) in _NAMED.items():
        wrap(Backend, call, _one_of_a_name(objects, name, noun))
    wrap(Backend, "add_tags", _one_of_a_key)
    wrap(Backend, "_get_resource_from_arn", _of_any_kind)
    wrap(FakeEndpointConfig, "__init__", _with_arn)


def _one_of_a_name(objects: str, name: str, noun: str) -> Any:
    """Defect: an object of the same name is replaced."""

    def make(create: Any) -> Any:
        @wraps(create)
        def checked(self: Any, **given: Any) -> Any:
            present = getattr(self, objects).get(given[name])
            if present is not None:
                raise ValidationError(
                    message=f'Cannot create already existing {noun} "{present.arn}".'
                )
            return create(self, **given)

        return checked

    return make


def _one_of_a_key(original: Any) -> Any:
    """Defect: a tag whose key is there already is kept twice. More than 50 are taken."""

    @wraps(original)
    def add_tags(self: Any, arn: str, tags: list[dict[str, str]]) -> Any:
        resource = self._get_resource_from_arn(arn)
        merged = {one["Key"]: one["Value"] for one in (*(resource.tags or ()), *tags)}
        if len(merged) > MOST_TAGS:
            raise ValidationError(message="The number of tags must not be greater than 50.")
        resource.tags = [{"Key": key, "Value": value} for key, value in merged.items()]
        return resource.tags

    return add_tags


def _of_any_kind(original: Any) -> Any:
    """Defects: some kinds of object are unknown; what is gone is None."""

    @wraps(original)
    def _get_resource_from_arn(self: Any, arn: str) -> Any:
        kind, _, name = arn.split(":", 5)[5].partition("/")
        more = {
            "notebook-instance-lifecycle-config": self.notebook_instance_lifecycle_configurations,
            "feature-group": _by_arn(self.feature_groups),
            "pipeline": _by_arn(self.pipelines),
        }
        found = more[kind].get(name) if kind in more else original(self, arn)
        if found is None:
            raise ValidationError(message=f"Could not find {kind} with name {name}")
        if getattr(found, "tags", None) is None:
            found.tags = []
        return found

    return _get_resource_from_arn


def _by_arn(objects: dict[str, Any]) -> dict[str, Any]:
    """The objects by their names as ARNs have them."""
    return {one.arn.rpartition("/")[2]: one for one in objects.values()}


def _with_arn(original: Any) -> Any:
    """Defect: the ARN is a tuple, so that the index of tags cannot show it."""

    @wraps(original)
    def __init__(self: Any, *args: Any, **given: Any) -> None:
        original(self, *args, **given)
        self.arn = self.endpoint_config_arn

    return __init__
