"""Translate a table between CloudFormation's properties and DynamoDB's descriptions. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.implied import Implied
from gitbot.providers.aws.table import Described, Properties, shown

_INDEX = shown("IndexName", "KeySchema", "Projection")
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")
_REQUESTS = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
UNLIMITED = -1
KEY_TYPE = Implied("(type of the attribute)")
INSIGHTS = "ContributorInsightsSpecification"
USUAL = "ACCESSED_AND_THROTTLED_KEYS"
"""What DynamoDB counts where nothing else is asked for."""


def properties_of(table: Described) -> Properties:
    """The properties and attributes that the description of a table has."""
    mode = table.get("BillingModeSummary", {}).get("BillingMode") or "PROVISIONED"
    key = table.get("SSEDescription") or {}
    encrypted = key.get("Status") in ("ENABLED", "ENABLING", "UPDATING")
    sse: dict[str, Any] = {"SSEEnabled": encrypted}
    if encrypted:
        sse |= {"SSEType": key.get("SSEType"), "KMSMasterKeyId": key.get("KMSMasterKeyArn")}
    stream = table.get("StreamSpecification") or {}
    view = {"StreamViewType": stream.get("StreamViewType")} if stream.get("StreamEnabled") else None
    return {
        **shown("TableName", "KeySchema", "AttributeDefinitions", Arn="TableArn")(table),
        "BillingMode": mode,
        **_throughput(table, mode),
        "GlobalSecondaryIndexes": [
            {**_INDEX(one), **_throughput(one, mode)}
            for one in table.get("GlobalSecondaryIndexes") or ()
            if one.get("IndexStatus") != "DELETING"
        ],
        "LocalSecondaryIndexes": [_INDEX(one) for one in table.get("LocalSecondaryIndexes") or ()],
        "SSESpecification": sse,
        "StreamSpecification": view,
        "StreamArn": table.get("LatestStreamArn"),
        "TableClass": (table.get("TableClassSummary") or {}).get("TableClass") or "STANDARD",
        "DeletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
    }


_SWITCHES = {
    "SSESpecification": "SSEEnabled",
    "TimeToLiveSpecification": "Enabled",
    "PointInTimeRecoverySpecification": "PointInTimeRecoveryEnabled",
    INSIGHTS: "Enabled",
}


def counted(insights: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whether keys are counted, and which: with all that DynamoDB adds."""
    return {"Mode": USUAL, **insights} if insights.get("Enabled") else {"Enabled": False}


def _index_compared(index: Any, definitions: Any) -> Any:
    done = typed_keys(index, definitions)
    if not isinstance(done, Mapping) or not isinstance(done.get(INSIGHTS), Mapping):
        return done
    told = {name: value for name, value in done.items() if name != INSIGHTS}
    of_it = counted(done[INSIGHTS])
    return {**told, INSIGHTS: of_it} if of_it["Enabled"] else told


def typed_keys(index: Any, definitions: Any) -> Any:
    """The table or index with the types of its attributes implied by its keys: another type is another
    key."""
    if not isinstance(index, Mapping) or not isinstance(index.get("KeySchema"), (list, tuple)):
        return index
    types = {
        one.get("AttributeName"): one.get("AttributeType")
        for one in definitions or ()
        if isinstance(one, Mapping)
    }
    keys = [
        {**key, KEY_TYPE: types.get(key.get("AttributeName"))} if isinstance(key, Mapping) else key
        for key in index["KeySchema"]
    ]
    return {**index, "KeySchema": keys}


def compared(properties: Properties) -> dict[str, Any]:
    """The properties for comparison: keys with their types, and of what is turned off nothing else."""
    definitions = properties.get("AttributeDefinitions")
    done: dict[str, Any] = {**typed_keys(properties, definitions)}
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if isinstance(done.get(name), (list, tuple)):
            done[name] = [_index_compared(one, definitions) for one in done[name]]
    for name, switch in _SWITCHES.items():
        value = done.get(name)
        if isinstance(value, Mapping) and value.get(switch) is False:
            done[name] = {switch: False}
        elif isinstance(value, Mapping):
            # KMS is the only type of encryption, whether a spec says so or not.
            done[name] = {key: one for key, one in value.items() if key != "SSEType"}
    return done


def _throughput(one: Described, mode: str) -> dict[str, Any]:
    """The throughput of a table or index: which of the two it has depends on the billing mode."""
    name, units = (
        ("ProvisionedThroughput", _UNITS)
        if mode == "PROVISIONED"
        else ("OnDemandThroughput", _REQUESTS)
    )
    told = one.get(name) or {}
    limits = {unit: told[unit] for unit in units if told.get(unit, UNLIMITED) != UNLIMITED}
    return {name: limits} if limits else {}


def parameters_of(properties: Properties) -> dict[str, Any]:
    """The parameters of a create or update for these properties; None values are left out."""
    given = {name: value for name, value in properties.items() if value is not None}
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if given.get(name) == []:  # a call takes no empty list
            del given[name]
        elif name in given:
            given[name] = [index_made(one) for one in given[name]]
    if "StreamSpecification" in given:
        given["StreamSpecification"] = {**given["StreamSpecification"], "StreamEnabled": True}
    if "SSESpecification" in given:
        given["SSESpecification"] = _encryption(given["SSESpecification"])
    return given


def index_made(index: Mapping[str, Any]) -> dict[str, Any]:
    """The index as a call that makes it takes it: who counts its keys is said later."""
    return {name: value for name, value in index.items() if name != INSIGHTS}


def _encryption(given: Mapping[str, Any]) -> dict[str, Any]:
    more = {k: v for k, v in given.items() if k != "SSEEnabled"} if given["SSEEnabled"] else {}
    return {"Enabled": given["SSEEnabled"], **more}
