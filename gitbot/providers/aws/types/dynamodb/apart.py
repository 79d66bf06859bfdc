"""Read and write properties of tables that have calls of their own. Shell.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.dynamodb import insights

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

PRECISION, USUAL_PRECISION = "ApproximateCreationDateTimePrecision", "MILLISECOND"
_GOES_THERE = ("ENABLING", "ACTIVE", "UPDATING")
LOOKS = (
    "describe_time_to_live",
    "describe_continuous_backups",
    "describe_kinesis_streaming_destination",
    *insights.LOOKS,
)
CALLS = (
    "update_time_to_live",
    "update_continuous_backups",
    "enable_kinesis_streaming_destination",
    "update_kinesis_streaming_destination",
    "disable_kinesis_streaming_destination",
    *insights.CALLS,
)


def _read_ttl(aws: Connection, table: str) -> Any:
    told = aws.call("dynamodb", "describe_time_to_live", TableName=table)["TimeToLiveDescription"]
    on = told.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return {"Enabled": on, **({"AttributeName": told["AttributeName"]} if on else {})}


def _write_ttl(aws: Connection, table: str, value: Any) -> None:
    had = _read_ttl(aws, table)
    wanted = {"Enabled": False} if value is None or not value["Enabled"] else dict(value)
    if wanted == had:
        return
    for one in [{**had, "Enabled": False}] if had["Enabled"] else []:
        aws.call("dynamodb", "update_time_to_live", TableName=table, TimeToLiveSpecification=one)
    if wanted["Enabled"]:
        aws.call("dynamodb", "update_time_to_live", TableName=table, TimeToLiveSpecification=wanted)


def _read_recovery(aws: Connection, table: str) -> Any:
    told = aws.call("dynamodb", "describe_continuous_backups", TableName=table)
    found = told["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    on = found.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = found.get("RecoveryPeriodInDays") if on else None
    return {
        "PointInTimeRecoveryEnabled": on,
        **({"RecoveryPeriodInDays": days} if days is not None else {}),
    }


def _write_recovery(aws: Connection, table: str, value: Any) -> None:
    wanted = {"PointInTimeRecoveryEnabled": False, **(value or {})}
    aws.call(
        *("dynamodb", "update_continuous_backups"),
        TableName=table,
        PointInTimeRecoverySpecification=wanted,
    )


def _destinations(aws: Connection, table: str) -> dict[str, str]:
    """The streams of Kinesis that get the table's changes, each with its precision of times."""
    told = aws.call("dynamodb", "describe_kinesis_streaming_destination", TableName=table)
    return {
        one["StreamArn"]: one.get(PRECISION) or USUAL_PRECISION
        for one in told.get("KinesisDataStreamDestinations") or ()
        if one["DestinationStatus"] in _GOES_THERE
    }


def _read_destination(aws: Connection, table: str) -> Any:
    """The stream that gets the table's changes; of two, which somebody made by hand, one."""
    for stream, precision in sorted(_destinations(aws, table).items()):
        return {"StreamArn": stream, PRECISION: precision}
    return None


def _write_destination(aws: Connection, table: str, value: Any) -> None:
    """Let the stream get the table's changes, and no other: DynamoDB takes two at most."""
    had, wanted = _destinations(aws, table), value or {}
    stream = wanted.get("StreamArn")
    for other in sorted(had.keys() - {stream}):
        call = "disable_kinesis_streaming_destination"
        aws.call("dynamodb", call, TableName=table, StreamArn=other)
    if stream is None or had.get(stream) == wanted.get(PRECISION, USUAL_PRECISION):
        return
    way = "Update" if stream in had else "Enable"
    how = {PRECISION: wanted.get(PRECISION, USUAL_PRECISION)}
    call = f"{way.lower()}_kinesis_streaming_destination"
    named = {"TableName": table, "StreamArn": stream}
    aws.call("dynamodb", call, **named, **{f"{way}KinesisStreamingConfiguration": how})


APART = (
    Surface(
        property="TimeToLiveSpecification",
        read=_read_ttl,
        write=_write_ttl,
        removal=Removal(default={"Enabled": False}, says="no item expires"),
    ),
    Surface(
        property="PointInTimeRecoverySpecification",
        read=_read_recovery,
        write=_write_recovery,
        removal=Removal(
            default={"PointInTimeRecoveryEnabled": False}, says="it cannot be put back in time"
        ),
    ),
    Surface(
        property="KinesisStreamSpecification",
        read=_read_destination,
        write=_write_destination,
        removal=Removal(default=None, says="no stream of Kinesis gets its changes"),
    ),
    Surface(
        property="ContributorInsightsSpecification",
        write=insights.write_insights,
        removal=Removal(
            default={"Enabled": False}, says="nobody counts which keys are asked for most"
        ),
    ),
)
