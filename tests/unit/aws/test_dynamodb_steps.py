"""Which call comes next on a table's way to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.model.plan import PathChange
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.types.dynamodb.shapes import KEY_TYPE, compared
from gitbot.providers.aws.types.dynamodb.steps import encryption, next_step
from gitbot.reconciler.compare import compare
from tests.unit.reconciler.planning_world import REDACT

FIVE = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
TEN = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}


def index(name: str, key: str = "run", projected: str = "ALL", **more: Any) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projected},
        **more,
    }


def attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


TABLE = {
    "TableName": "runs",
    "KeySchema": [{"AttributeName": "run", "KeyType": "HASH"}],
    "AttributeDefinitions": attributes(run="S"),
    "BillingModeSummary": {"BillingMode": "PROVISIONED"},
    "ProvisionedThroughput": {**FIVE, "NumberOfDecreasesToday": 0},
    "GlobalSecondaryIndexes": [index("a", ProvisionedThroughput=FIVE)],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:k:key/1"},
}
ON_DEMAND = {**TABLE, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
MADE = [{"Delete": {"IndexName": "a"}}]

ROWS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]] = {
    "nothing to do": ({"ProvisionedThroughput": FIVE, "TableClass": "STANDARD"}, TABLE, {}),
    "one thing alone": (
        {"ProvisionedThroughput": TEN, "DeletionProtectionEnabled": True},
        TABLE,
        {"DeletionProtectionEnabled": True},
    ),
    "an index less": (
        {"GlobalSecondaryIndexes": []},
        TABLE,
        {"GlobalSecondaryIndexUpdates": MADE},
    ),
    "an index with another projection": (
        {"GlobalSecondaryIndexes": [index("a", projected="KEYS_ONLY")]},
        TABLE,
        {"GlobalSecondaryIndexUpdates": MADE},
    ),
    "an index over another type": (
        {
            "GlobalSecondaryIndexes": [index("a", ProvisionedThroughput=FIVE)],
            "AttributeDefinitions": attributes(run="N"),
        },
        TABLE,
        {"GlobalSecondaryIndexUpdates": MADE},
    ),
    "an index more, with its attributes": (
        {
            "GlobalSecondaryIndexes": [index("a", ProvisionedThroughput=FIVE), index("b", "at")],
            "AttributeDefinitions": attributes(run="S", at="S"),
        },
        TABLE,
        {
            "AttributeDefinitions": attributes(run="S", at="S"),
            "GlobalSecondaryIndexUpdates": [{"Create": index("b", "at")}],
        },
    ),
    "to provisioned, with every index at once": (
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": TEN,
            "GlobalSecondaryIndexes": [index("a", ProvisionedThroughput=TEN)],
        },
        ON_DEMAND,
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": TEN,
            "GlobalSecondaryIndexUpdates": [
                {"Update": {"IndexName": "a", "ProvisionedThroughput": TEN}}
            ],
        },
    ),
    "to on demand": (
        {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": None},
        TABLE,
        {"BillingMode": "PAY_PER_REQUEST"},
    ),
    "limits of requests that go": (
        {"OnDemandThroughput": None},
        {**ON_DEMAND, "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1}},
        {"OnDemandThroughput": {"MaxReadRequestUnits": -1}},
    ),
    "another stream, which ends the former one first": (
        {"StreamSpecification": {"StreamViewType": "OLD_IMAGE"}},
        TABLE,
        {"StreamSpecification": {"StreamEnabled": False}},
    ),
    "a stream": (
        {"StreamSpecification": {"StreamViewType": "OLD_IMAGE"}},
        {**TABLE, "StreamSpecification": {"StreamEnabled": False}},
        {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}},
    ),
    "no stream": (
        {"StreamSpecification": None},
        TABLE,
        {"StreamSpecification": {"StreamEnabled": False}},
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_next_step_is(row: str) -> None:
    wanted, table, step = ROWS[row]
    assert next_step(wanted, table) == step


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        ({"SSEEnabled": True, "SSEType": "KMS"}, {}),
        ({"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "1"}, {}),
        (
            {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "2"},
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "2"}},
        ),
        ({"SSEEnabled": False}, {"SSESpecification": {"Enabled": False}}),
    ],
)
def test_encryption_changes_only_where_the_key_is_another(wanted: Any, step: Any) -> None:
    assert encryption({"SSESpecification": wanted}, TABLE) == step


def test_keys_are_compared_with_their_types_and_what_is_off_without_the_rest() -> None:
    seen = compared(
        {
            **{name: TABLE[name] for name in ("KeySchema", "AttributeDefinitions")},
            "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "expires"},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        }
    )
    assert seen["KeySchema"] == [{"AttributeName": "run", "KeyType": "HASH", KEY_TYPE: "S"}]
    assert seen["TimeToLiveSpecification"] == {"Enabled": False}
    assert seen["SSESpecification"] == {"SSEEnabled": True}


SCHEMA = open_catalog().lookup("AWS::DynamoDB::Table")


def _spec(*keys: str, **types: str) -> dict[str, Any]:
    """A table with an index as a spec has it."""
    indexed = {**index("a"), "KeySchema": [{"AttributeName": keys[0], "KeyType": "HASH"}]}
    return {
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"} for name in keys],
        "AttributeDefinitions": attributes(**types),
        "GlobalSecondaryIndexes": [indexed],
    }


def _changes(before: dict[str, Any] | None, after: dict[str, Any]) -> tuple[PathChange, ...]:
    assert SCHEMA is not None
    if before is None:
        return compare(SCHEMA, desired=after, recorded=None, observed=None, redactor=REDACT)
    return compare(SCHEMA, desired=after, recorded=before, observed=before, redactor=REDACT)


def test_a_plan_shows_keys_as_the_spec_has_them() -> None:
    spec = _spec("run", run="S")
    made = {path.path: path.after for path in _changes(None, spec)}
    assert {f"/{name}": value for name, value in spec.items()} == made
    (longer,) = (one for one in _changes(spec, _spec("run", "at", run="S", at="N")) if one.forces)
    assert (longer.path, longer.before) == ("/KeySchema", spec["KeySchema"])
    assert longer.after == [{"AttributeName": name, "KeyType": "HASH"} for name in ("run", "at")]


def test_a_key_of_another_type_is_another_key_in_words() -> None:
    found = _changes(_spec("run", run="S"), _spec("run", run="N"))
    assert [(one.path, one.before, one.after, one.forces) for one in found] == [
        ("/AttributeDefinitions/0/AttributeType", "S", "N", False),
        ("/GlobalSecondaryIndexes/0/KeySchema/0/(type of the attribute)", "S", "N", False),
        ("/KeySchema/0/(type of the attribute)", "S", "N", True),
    ]
