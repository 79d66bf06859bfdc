"""Make moto's DynamoDB keep, show and refuse what AWS does. Shell.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap

_KEPT = ("TableClass", "OnDemandThroughput", "SSESpecification")


def patch() -> None:
    """Make all patches of this module."""
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
    from moto.dynamodb.responses import DynamoHandler

    wrap(DynamoHandler, "create_table", _kept_at_creation)
    wrap(DynamoHandler, "update_table", _checked_and_kept)
    wrap(DynamoDBBackend, "update_table_streams", _another_stream)
    wrap(DynamoDBBackend, "update_time_to_live", _no_change_twice)
    wrap(DynamoDBBackend, "describe_table", _busy_for_a_while)
    wrap(Table, "describe", _all_shown)
    wrap(GlobalSecondaryIndex, "describe", _limits_shown)
    wrap(GlobalSecondaryIndex, "update", _limits_kept)
    wrap(GlobalSecondaryIndex, "create", _limits_at_creation)


def _keep(table: Any, body: Mapping[str, Any]) -> None:
    table.kept = {**getattr(table, "kept", {}), **{k: body[k] for k in _KEPT if k in body}}


def _kept_at_creation(original: Any) -> Any:
    """Defect: the table's class and the limits of its requests are dropped."""

    def create_table(self: Any) -> Any:
        from moto.dynamodb.exceptions import MockValidationException

        on_demand = self.body.get("BillingMode") == "PAY_PER_REQUEST"
        if not on_demand and "OnDemandThroughput" in self.body:
            raise MockValidationException("OnDemandThroughput is for PAY_PER_REQUEST")
        original(self)
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        _keep(table, self.body)
        return _described(table)

    return create_table


def _described(table: Any) -> Any:
    from moto.dynamodb.responses import DynamoResult

    return DynamoResult(table.describe())


def _checked_and_kept(original: Any) -> Any:
    """Defects: a table takes changes while it is changed, several indexes at once, indexes over
    attributes that nobody has defined, and no other encryption."""

    def update_table(self: Any) -> Any:
        from moto.dynamodb.exceptions import ResourceInUseException

        table, body = self.dynamodb_backend.get_table(self.body["TableName"]), self.body
        if getattr(table, "busy", 0):
            raise ResourceInUseException(
                f"Attempt to change a resource which is still in use: Table is being updated: {table.name}"
            )
        _check_update(table, body)
        original(self)
        _keep(table, body)
        if "SSESpecification" in body:
            table.sse_specification = dict(body["SSESpecification"])
        if body.get("BillingMode") == "PAY_PER_REQUEST":
            table.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        elif body.get("BillingMode"):
            table.kept.pop("OnDemandThroughput", None)
        table.busy = 1
        return _described(table)

    return update_table


def _check_update(table: Any, body: Mapping[str, Any]) -> None:
    from moto.core.exceptions import JsonRESTError
    from moto.dynamodb.exceptions import MockValidationException

    updates = body.get("GlobalSecondaryIndexUpdates") or ()
    online = [one for one in updates if "Update" not in one]
    if len(online) > 1:
        raise JsonRESTError(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted "
            "simultaneously per table",
        )
    defined = {one["AttributeName"] for one in body.get("AttributeDefinitions") or table.attr}
    for one in online:
        keys = {key["AttributeName"] for key in one.get("Create", {}).get("KeySchema", ())}
        if not keys <= defined:
            raise MockValidationException(
                "One or more parameter values were invalid: Some index key attributes are not "
                "defined in AttributeDefinitions"
            )
    mode = body.get("BillingMode") or table.billing_mode
    if mode == "PROVISIONED" != table.billing_mode and "ProvisionedThroughput" not in body:
        raise MockValidationException("ProvisionedThroughput must be specified")
    if len(body.keys() - {"TableName"}) == 0:
        raise MockValidationException("At least one of the parameters is required")


def _another_stream(original: Any) -> Any:
    """Defect: a stream cannot be started again after it was ended."""

    def update_table_streams(self: Any, table: Any, stream_specification: Any) -> None:
        if not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        original(self, table, stream_specification)

    return update_table_streams


def _no_change_twice(original: Any) -> Any:
    """Defect: what is on already can be turned on, and off what is off."""

    def update_time_to_live(self: Any, table_name: str, spec: Mapping[str, Any]) -> None:
        from moto.dynamodb.exceptions import MockValidationException

        table = self.get_table(table_name)
        on = table.ttl["TimeToLiveStatus"] == "ENABLED"
        if on == bool(spec["Enabled"]):
            raise MockValidationException(f"TimeToLive is already {'en' if on else 'dis'}abled")
        if on and spec["AttributeName"] != table.ttl["AttributeName"]:
            raise MockValidationException("TimeToLive is active on a different AttributeName")
        original(self, table_name, spec)
        if not spec["Enabled"]:
            del table.ttl["AttributeName"]

    return update_time_to_live


def _busy_for_a_while(original: Any) -> Any:
    """Defect: a change is done as soon as it is asked for."""

    def describe_table(self: Any, name: str) -> Any:
        told = original(self, name)
        table = self.get_table(name)
        if getattr(table, "busy", 0):
            table.busy -= 1
            told["Table"]["TableStatus"] = "UPDATING"
        return told

    return describe_table


def _all_shown(original: Any) -> Any:
    """Defects: what was dropped, and definitions of attributes that no key uses any more."""

    def describe(self: Any, base_key: str = "TableDescription") -> Any:
        told = original(self, base_key)
        table, kept = told[base_key], getattr(self, "kept", {})
        used = set(self.attribute_keys)
        table["AttributeDefinitions"] = [one for one in self.attr if one["AttributeName"] in used]
        if "TableClass" in kept:
            table["TableClassSummary"] = {"TableClass": kept["TableClass"]}
        if "OnDemandThroughput" in kept:
            table["OnDemandThroughput"] = kept["OnDemandThroughput"]
        return told

    return describe


def _limits_shown(original: Any) -> Any:
    """Defect: the limits of an index's requests are dropped."""

    def describe(self: Any) -> Any:
        limits = getattr(self, "on_demand", None)
        return {**original(self), **({"OnDemandThroughput": limits} if limits else {})}

    return describe


def _limits_kept(original: Any) -> Any:
    def update(self: Any, given: Mapping[str, Any]) -> None:
        original(self, given)
        if "OnDemandThroughput" in given:
            self.on_demand = given["OnDemandThroughput"]

    return update


def _limits_at_creation(original: Any) -> Any:
    @staticmethod  # type: ignore[misc]
    def create(given: Mapping[str, Any], keys: list[str]) -> Any:
        index = original(given, keys)
        index.on_demand = given.get("OnDemandThroughput")
        return index

    return create
