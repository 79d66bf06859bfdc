"""Let moto's feature groups change, go, take time and fail as AWS's do. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateFeatureGroup.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateFeatureGroup.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteFeatureGroup.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceNotFound, ValidationError
from moto.sagemaker.models import FeatureGroup
from moto.sagemaker.models import SageMakerModelBackend as Backend
from moto.sagemaker.responses import SageMakerResponse as Responses

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_KEPT = ("OnlineStoreConfig", "ThroughputConfig", "Description")
_UNITS = ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")
_MOST_ADDITIONS = 100


def patch() -> None:
    """Make all patches of this module."""
    for one in (update_feature_group, delete_feature_group):
        setattr(Responses, one.__name__, one)
    wrap(FeatureGroup, "__init__", _as_asked)
    wrap(FeatureGroup, "describe", _all_shown)
    wrap(Responses, "create_feature_group", _kept)
    wrap(Backend, "describe_feature_group", _by_arn_too)


def _find(backend: Any, name: str) -> Any:
    """The group with the name or ARN."""
    own = name.rpartition("/")[2].lower()
    for arn, group in backend.feature_groups.items():
        if arn.rpartition("/")[2] == own:
            return group
    raise ResourceNotFound(message=f"Resource Not Found: FeatureGroup with name {name} not found.")


def _as_asked(original: Any) -> Any:
    """Defects: a group without an offline store breaks the server, a Glue table of one's own is dropped."""

    @wraps(original)
    def __init__(self: Any, *args: Any, offline_store_config: Any, **given: Any) -> None:
        config = offline_store_config or {"S3StorageConfig": {"S3Uri": ""}}
        table = config.get("DataCatalogConfig")
        original(self, *args, offline_store_config=config, **given)
        if offline_store_config is None:
            self.offline_store_config = None
        elif table is not None:
            self.offline_store_config["DataCatalogConfig"] = table

    return __init__


def _kept(original: Any) -> Any:
    """Defects: some parameters are dropped, a group may have no store at all and is there at once."""

    @wraps(original)
    def create_feature_group(self: Any) -> Any:
        asked = self.params
        if not asked.get("OnlineStoreConfig") and not asked.get("OfflineStoreConfig"):
            raise ValidationError(message="An OnlineStoreConfig or OfflineStoreConfig is required.")
        _check_throughput(asked.get("ThroughputConfig") or {})
        answer = original(self)
        group = _find(self.sagemaker_backend, asked["FeatureGroupName"])
        group.shown = {name: asked[name] for name in _KEPT if name in asked}
        group.shown["FeatureGroupStatus"] = "Creating"

        def then(reason: str) -> None:
            group.shown["FeatureGroupStatus"] = "CreateFailed" if reason else "Created"
            group.shown["FailureReason"] = reason or None

        begin(group, then)
        return answer

    return create_feature_group


def _check_throughput(config: dict[str, Any]) -> None:
    provisioned = config.get("ThroughputMode") == "Provisioned"
    if any((unit in config) != provisioned for unit in _UNITS):
        raise ValidationError(message="Capacity units are for ThroughputMode Provisioned.")


def _all_shown(original: Any) -> Any:
    @wraps(original)
    def describe(self: Any) -> dict[str, Any]:
        described(self)
        told = {**original(self), **getattr(self, "shown", {})}
        return {name: value for name, value in told.items() if value is not None}

    return describe


def _by_arn_too(original: Any) -> Any:
    """Defects: only a name finds a group, and one that is not there breaks the server."""

    @wraps(original)
    def describe_feature_group(self: Any, feature_group_name: str) -> Any:
        return _find(self, feature_group_name).describe()

    return describe_feature_group


def update_feature_group(self: Any) -> ActionResult:
    """The call that moto lacks: it changes one thing at a time."""
    group = _find(self.sagemaker_backend, self.params["FeatureGroupName"])
    last = group.shown.get("LastUpdateStatus") or {}
    if group.shown["FeatureGroupStatus"] != "Created" or last.get("Status") == "InProgress":
        raise ValidationError(message=f"Feature group {group.arn} is in a state of change.")
    asked = {name: value for name, value in self.params.items() if name != "FeatureGroupName"}
    if len(asked) != 1:
        raise ValidationError(message="Use one of the request parameters at a time.")
    _check_throughput(asked.get("ThroughputConfig") or {})
    _check_additions(group, asked.get("FeatureAdditions") or ())
    group.shown["LastUpdateStatus"] = {"Status": "InProgress"}

    def then(reason: str) -> None:
        status = {"Status": "Failed", "FailureReason": reason} if reason else None
        group.shown["LastUpdateStatus"] = status or {"Status": "Successful"}
        if not reason:
            _change(group, asked)

    begin(group, then)
    return ActionResult({"FeatureGroupArn": group.arn})


def _check_additions(group: Any, additions: Any) -> None:
    there = {one["FeatureName"] for one in group.feature_definitions}
    twice = sorted(there & {one["FeatureName"] for one in additions})
    if twice or len(additions) > _MOST_ADDITIONS:
        raise ValidationError(message=f"Features exist already, or are too many: {twice}")


def _change(group: Any, asked: dict[str, Any]) -> None:
    group.feature_definitions = [*group.feature_definitions, *asked.get("FeatureAdditions", ())]
    if "OnlineStoreConfig" in asked:
        group.shown["OnlineStoreConfig"] = {
            **group.shown.get("OnlineStoreConfig", {}),
            **asked["OnlineStoreConfig"],
        }
    if "ThroughputConfig" in asked:
        group.shown["ThroughputConfig"] = asked["ThroughputConfig"]


def delete_feature_group(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    backend = self.sagemaker_backend
    group = _find(backend, self.params["FeatureGroupName"])
    group.shown["FeatureGroupStatus"] = "Deleting"
    begin(group, lambda _: backend.feature_groups.pop(group.arn, None))
    return EmptyResult()
