"""Serve what moto's DynamoDB lacks: tables whose changes go to Kinesis, and who counts their keys. Shell.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import (
    MockValidationException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.dynamodb.responses import DynamoHandler
from moto.kinesis.models import kinesis_backends

_PRECISION = "ApproximateCreationDateTimePrecision"
_MOST = 2
"""How many streams get the changes of one table at most."""


def patch() -> None:
    """Make the patches of this module."""
    for call in (
        enable_kinesis_streaming_destination,
        update_kinesis_streaming_destination,
        disable_kinesis_streaming_destination,
        describe_kinesis_streaming_destination,
        update_contributor_insights,
        list_contributor_insights,
    ):
        setattr(DynamoHandler, call.__name__, call)


def _table(handler: Any) -> Any:
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    if not hasattr(table, "destinations"):
        table.destinations, table.insights = {}, {}
    return table


def _precision(handler: Any, parameter: str, before: str) -> str:
    asked: Mapping[str, str] = handler.body.get(parameter) or {}
    return asked.get(_PRECISION) or before


def _answer(handler: Any, status: str) -> ActionResult:
    named = {name: handler.body[name] for name in ("TableName", "StreamArn")}
    return ActionResult({**named, "DestinationStatus": status})


def enable_kinesis_streaming_destination(self: Any) -> ActionResult:
    """Defect: the call is missing."""
    there, arn = _table(self).destinations, self.body["StreamArn"]
    streams = kinesis_backends[self.current_account][self.region].streams.values()
    if arn not in {one.arn for one in streams}:
        raise ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")
    if arn in there:
        raise ResourceInUseException(f"Table is already enabled to stream to {arn}")
    if len(there) >= _MOST:
        raise MockValidationException("A table streams to at most two streams of Kinesis")
    there[arn] = _precision(self, "EnableKinesisStreamingConfiguration", "MILLISECOND")
    return _answer(self, "ENABLING")


def update_kinesis_streaming_destination(self: Any) -> ActionResult:
    """Defect: the call is missing."""
    there, arn = _known(self), self.body["StreamArn"]
    wanted = _precision(self, "UpdateKinesisStreamingConfiguration", there[arn])
    if wanted == there[arn]:
        raise MockValidationException("The destination has this precision already")
    there[arn] = wanted
    return _answer(self, "UPDATING")


def disable_kinesis_streaming_destination(self: Any) -> ActionResult:
    """Defect: the call is missing."""
    del _known(self)[self.body["StreamArn"]]
    return _answer(self, "DISABLING")


def _known(handler: Any) -> dict[str, str]:
    there: dict[str, str] = _table(handler).destinations
    if handler.body["StreamArn"] not in there:
        raise ResourceNotFoundException("Table is not streaming to this stream of Kinesis")
    return there


def describe_kinesis_streaming_destination(self: Any) -> ActionResult:
    """Defect: the call is missing."""
    told = [
        {"StreamArn": arn, "DestinationStatus": "ACTIVE", _PRECISION: precision}
        for arn, precision in _table(self).destinations.items()
    ]
    return ActionResult(
        {"TableName": self.body["TableName"], "KinesisDataStreamDestinations": told}
    )


def update_contributor_insights(self: Any) -> ActionResult:
    """Defect: the call is missing."""
    table, index = _table(self), self.body.get("IndexName", "")
    if index and index not in {one.name for one in table.global_indexes}:
        raise ResourceNotFoundException(f"Requested resource not found: Index: {index} not found")
    on = self.body["ContributorInsightsAction"] == "ENABLE"
    mode = self.body.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")
    if on:
        table.insights[index] = mode
    elif index in table.insights:
        del table.insights[index]
    status = "ENABLING" if on else "DISABLING"
    return ActionResult({"TableName": table.name, "ContributorInsightsStatus": status})


def list_contributor_insights(self: Any) -> ActionResult:
    """Defect: the call is missing. Two at a time, so that a caller has pages to read."""
    only = self.body.get("TableName")
    backend = self.dynamodb_backend
    names = [only] if only else sorted(backend.tables)
    told = [
        {
            "TableName": name,
            **({"IndexName": index} if index else {}),
            "ContributorInsightsStatus": "ENABLED",
            "ContributorInsightsMode": mode,
        }
        for name in names
        for index, mode in _insights(backend.get_table(name)).items()
    ]
    start = int(self.body.get("NextToken") or 0)
    more = {"NextToken": str(start + 2)} if len(told) > start + 2 else {}
    return ActionResult({"ContributorInsightsSummaries": told[start : start + 2], **more})


def _insights(table: Any) -> dict[str, str]:
    """What is counted of the table and of those of its indexes that are there."""
    there = {"", *(one.name for one in table.global_indexes)}
    known = getattr(table, "insights", {})
    return {index: mode for index, mode in known.items() if index in there}
