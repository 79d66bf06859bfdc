"""Say which properties of tables are handled, and what DynamoDB wants more than the registry. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.types.dynamodb.shapes import INSIGHTS

INDEXES = "/GlobalSecondaryIndexes"
LOCAL = "/LocalSecondaryIndexes"
_THROUGHPUTS = ("ProvisionedThroughput", "OnDemandThroughput")
HANDLED = (
    *(f"{INDEXES}/*/{name}" for name in ("IndexName", "KeySchema", "Projection")),
    *(f"{INDEXES}/*/{name}" for name in (*_THROUGHPUTS, INSIGHTS)),
    "/StreamSpecification/StreamViewType",
)
_BY_MODE = {
    "if": {
        "properties": {"BillingMode": {"const": "PAY_PER_REQUEST"}},
        "required": ["BillingMode"],
    },
    "then": {
        "not": {"required": ["ProvisionedThroughput"]},
        "properties": {
            "GlobalSecondaryIndexes": {"items": {"not": {"required": ["ProvisionedThroughput"]}}}
        },
    },
    "else": {
        "required": ["ProvisionedThroughput"],
        "properties": {
            "GlobalSecondaryIndexes": {
                "items": {
                    "required": ["ProvisionedThroughput"],
                    "not": {"required": ["OnDemandThroughput"]},
                }
            }
        },
    },
}
_PROJECTION = {
    "required": ["ProjectionType"],
    "if": {"properties": {"ProjectionType": {"const": "INCLUDE"}}},
    "then": {"required": ["NonKeyAttributes"]},
    "else": {"not": {"required": ["NonKeyAttributes"]}},
}
_AT_LEAST_ONE = {"minimum": 1}
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "required": ["AttributeDefinitions", "KeySchema"],
        "dependentExcluded": {"OnDemandThroughput": ["ProvisionedThroughput"]},
        **_BY_MODE,
    },
    "AttributeDefinitions": {"minItems": 1, "uniqueKeys": ["AttributeName"]},
    **{f"{of}/OnDemandThroughput": {"minProperties": 1} for of in ("", f"{INDEXES}/*")},
    "KinesisStreamSpecification/StreamArn": {"minLength": 37},
    "TimeToLiveSpecification/AttributeName": {"minLength": 1},
    "TimeToLiveSpecification": {
        "if": {"properties": {"Enabled": {"const": True}}},
        "then": {"required": ["AttributeName"]},
    },
    "PointInTimeRecoverySpecification": {"required": ["PointInTimeRecoveryEnabled"]},
    **{f"ProvisionedThroughput/{unit}": _AT_LEAST_ONE for unit in _UNITS},
    **{f"{INDEXES}/*/ProvisionedThroughput/{unit}": _AT_LEAST_ONE for unit in _UNITS},
    **{
        f"{indexes}/*/Projection/NonKeyAttributes": {"minItems": 1, "uniqueItems": True}
        for indexes in (INDEXES, LOCAL)
    },
    **{f"{indexes}/*/Projection": _PROJECTION for indexes in (INDEXES, LOCAL)},
    **{indexes: {"uniqueKeys": ["IndexName"]} for indexes in (INDEXES, LOCAL)},
    f"{INDEXES}/*/KeySchema/*/KeyType": {"enum": ["HASH", "RANGE"]},
    f"{INDEXES}/*/KeySchema/*/AttributeName": {"minLength": 1},
}
