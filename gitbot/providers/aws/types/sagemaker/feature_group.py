"""AWS::SageMaker::FeatureGroup as a table. Shell.

FeatureGroupName, RecordIdentifierFeatureName, EventTimeFeatureName, OfflineStoreConfig, RoleArn, Description,
and OnlineStoreConfig's EnableOnlineStore, StorageType and SecurityConfig: replace. FeatureDefinitions (features are
added, SageMaker takes none away), OnlineStoreConfig's TtlDuration, ThroughputConfig, Tags: changed in place, each
with a call of its own. Attributes: CreationTime, FeatureGroupStatus.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateFeatureGroup.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateFeatureGroup.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteFeatureGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_finding import covers
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, failure, named_listing

_NAME = Name(property="FeatureGroupName", longest=64)
_CHANGED = ("FeatureDefinitions", "OnlineStoreConfig", "ThroughputConfig")
_SENDS = (
    *("FeatureGroupName", "RecordIdentifierFeatureName", "EventTimeFeatureName"),
    *("OfflineStoreConfig", "RoleArn", "Description", *_CHANGED),
)
_UNITS = ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")
_MOST_ADDITIONS = 100
_LISTING = named_listing(*("feature-group", "describe_feature_group", _NAME), arn="FeatureGroupArn")
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "requiredOr": ["OnlineStoreConfig", "OfflineStoreConfig"],
        "dependentRequired": {"OfflineStoreConfig": ["RoleArn"]},
    },
    "FeatureDefinitions": {"uniqueKeys": ["FeatureName"]},
    "OnlineStoreConfig/TtlDuration": {"required": ["Unit", "Value"]},
    "ThroughputConfig": {
        "if": {"properties": {"ThroughputMode": {"const": "Provisioned"}}},
        "then": {"required": ["ThroughputMode", *_UNITS]},
        "else": {"not": {"anyOf": [{"required": [unit]} for unit in _UNITS]}},
    },
}


def _shows(one: Described) -> Properties:
    made = one["CreationTime"].isoformat()
    return {**shown(*_SENDS, "FeatureGroupStatus")(one), "CreationTime": made}


def _additions(values: Properties, one: Described) -> Properties:
    """The features that the group lacks, as many as a call takes."""
    there = {feature["FeatureName"] for feature in one["FeatureDefinitions"]}
    lacking = [
        feature for feature in values["FeatureDefinitions"] if feature["FeatureName"] not in there
    ]
    return {"FeatureAdditions": lacking[:_MOST_ADDITIONS]} if lacking else {}


def _lifetime(values: Properties, one: Described) -> Properties:
    """The part of ``OnlineStoreConfig`` that the call takes."""
    lifetime = values["OnlineStoreConfig"].get("TtlDuration")
    return {"OnlineStoreConfig": {"TtlDuration": lifetime}} if lifetime else {}


def _update(property_: str, **more: Any) -> Update:
    return Update(call="update_feature_group", sends=(property_,), **more)


def _ready(one: Described) -> bool:
    updating = (one.get("LastUpdateStatus") or {}).get("Status") == "InProgress"
    return bool(one["FeatureGroupStatus"] == "Created") and not updating


def _undone(one: Described, wanted: Properties) -> str:
    """Why SageMaker did not make what is wanted; empty if it did, whatever an update before came to."""
    last = one.get("LastUpdateStatus") or {}
    given = {name: wanted[name] for name in _CHANGED if name in wanted}
    lacking = "FeatureDefinitions" in given and _additions(given, one)
    given.pop("FeatureDefinitions", None)
    if last.get("Status") != "Failed" or not (lacking or not covers(given, one)):
        return ""
    return str(last.get("FailureReason") or "SageMaker gives no reason")


_CREATE = Create(
    call="create_feature_group",
    sends=_SENDS,
    gives=lambda _, given: str(given["FeatureGroupName"]),
    taken=TAKEN,
)
_UPDATES = (
    _update("FeatureDefinitions", parameters=_additions, steps=True),
    _update("OnlineStoreConfig", parameters=_lifetime),
    _update("ThroughputConfig"),
)
_RESETS = {
    "ThroughputConfig": Removal(
        default={"ThroughputMode": "OnDemand"}, says="requests are paid one by one"
    )
}
_FIXED = tuple(
    f"/OnlineStoreConfig/{name}" for name in ("EnableOnlineStore", "StorageType", "SecurityConfig")
)
_LOSSES = Losses(
    gone="the records in its online store are lost; those in S3 stay, with their Glue table"
)

FEATURE_GROUP = native_type(
    Table(
        name="AWS::SageMaker::FeatureGroup",
        noun="feature group",
        dialect=SAGEMAKER,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("FeatureGroupName"),
        create=_CREATE,
        ready=_ready,
        failed=failure("FeatureGroupStatus", "CreateFailed", "DeleteFailed"),
        undone=_undone,
        updates=_UPDATES,
        resets=_RESETS,
        create_only=_FIXED,
        delete=Delete(call="delete_feature_group"),
        tags=_LISTING.tags,
        natural_key=("FeatureGroupName",),
        open_lists=("/FeatureDefinitions",),
        grows=("/FeatureDefinitions/*",),
        partial=("/OnlineStoreConfig",),
        refine=refining(_LIMITS),
        passes_role_to="sagemaker.amazonaws.com",
        stateful=True,
        losses=_LOSSES,
    )
)
