"""AWS::Kinesis::Stream as a table. Shell.

Name: replace (generated when absent). ShardCount (at most doubled or halved by one call, so in steps),
StreamModeDetails, RetentionPeriodHours, StreamEncryption, DesiredShardLevelMetrics, MaxRecordSizeInKiB, Tags:
changed in place, each with a call of its own. Attributes: Arn.
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_KINESIS = Dialect(
    service="kinesis",
    absent=frozenset({"ResourceNotFoundException"}),
    busy=frozenset({"ResourceInUseException"}),
)
_NAME = Name(property="Name", longest=128)
_SHARDS, _MODE, _HOURS = "ShardCount", "StreamModeDetails", "RetentionPeriodHours"
_KEY, _METRICS, _SIZE = "StreamEncryption", "DesiredShardLevelMetrics", "MaxRecordSizeInKiB"
_ALL = (
    *("IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords"),
    *("WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded"),
    "IteratorAgeMilliseconds",
)
_ON_DEMAND, _PROVISIONED = {"StreamMode": "ON_DEMAND"}, {"StreamMode": "PROVISIONED"}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "if": {"required": [_MODE], "properties": {_MODE: {"const": _ON_DEMAND}}},
        "then": {"not": {"required": [_SHARDS]}},
        "else": {"required": [_SHARDS]},
    },
    _HOURS: {"minimum": 24},
    _SHARDS: {"maximum": 10_000},
}
_TAGS = PlainTags(
    dialect=_KINESIS,
    target=lambda one: {"ResourceARN": one["StreamARN"]},
    reading="list_tags_for_resource",
    mapped=True,
)
_LISTING = Plain(
    dialect=_KINESIS,
    call="describe_stream_summary",
    answer="StreamDescriptionSummary",
    asks=named("StreamName"),
    tags=_TAGS,
    name=_NAME,
    index=Index("kinesis:stream"),
)


def _shows(one: Described) -> Properties:
    encrypted = one.get("EncryptionType") == "KMS"
    provisioned = one[_MODE] == _PROVISIONED
    return {
        **shown(_MODE, _HOURS, _SIZE, Name="StreamName", Arn="StreamARN")(one),
        _SHARDS: one["OpenShardCount"] if provisioned else None,
        _KEY: {"EncryptionType": "KMS", "KeyId": one.get("KeyId")} if encrypted else None,
        _METRICS: _metrics_of(one),
    }


def _metrics_of(one: Described) -> list[str]:
    return [
        name for some in one["EnhancedMonitoring"] for name in some.get("ShardLevelMetrics", ())
    ]


def _each(metrics: Any) -> list[str]:
    """The metrics, with the names of all in the place of ALL."""
    return list(_ALL) if "ALL" in (metrics or ()) else list(metrics or ())


def _compared(properties: Properties) -> Properties:
    metrics = properties.get(_METRICS)
    if not isinstance(metrics, (list, tuple)):
        return properties
    return {**properties, _METRICS: _each(metrics)}


def _mode(values: Properties, one: Described) -> Properties:
    wanted = values[_MODE]
    return {} if wanted == one[_MODE] else {_MODE: wanted}


def _shards(values: Properties, one: Described) -> Properties:
    """The next count on the way to the one that is wanted."""
    wanted, has = values.get(_SHARDS), one["OpenShardCount"]
    if wanted in (None, has) or one[_MODE] != _PROVISIONED:
        return {}
    target = min(max(wanted, (has + 1) // 2), has * 2)
    return {"TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}


def _longer(values: Properties, one: Described) -> Properties:
    return {_HOURS: values[_HOURS]} if values[_HOURS] > one[_HOURS] else {}


def _shorter(values: Properties, one: Described) -> Properties:
    return {_HOURS: values[_HOURS]} if values[_HOURS] < one[_HOURS] else {}


def _encrypted(values: Properties, one: Described) -> Properties:
    wanted = values[_KEY]
    return {} if wanted in (None, _shows(one)[_KEY]) else wanted


def _not_encrypted(values: Properties, one: Described) -> Properties:
    return _shows(one)[_KEY] or {} if values[_KEY] is None else {}


def _more(values: Properties, one: Described) -> Properties:
    more = sorted(set(_each(values[_METRICS])) - set(_each(_metrics_of(one))))
    return {"ShardLevelMetrics": more} if more else {}


def _fewer(values: Properties, one: Described) -> Properties:
    fewer = sorted(set(_each(_metrics_of(one))) - set(_each(values[_METRICS])))
    return {"ShardLevelMetrics": fewer} if fewer else {}


def _consumers(aws: Connection, one: Described) -> Sequence[str]:
    """The consumers that somebody has registered."""
    arn = one["StreamARN"]
    consumers = aws.pages("kinesis", "list_stream_consumers", "Consumers", StreamARN=arn)
    return [f"consumer {each['ConsumerName']}" for each in consumers]


_UPDATES = (
    Update(call="update_stream_mode", sends=(_MODE,), parameters=_mode),
    Update(call="update_shard_count", sends=(_SHARDS,), parameters=_shards, steps=True),
    Update(call="increase_stream_retention_period", sends=(_HOURS,), parameters=_longer),
    Update(call="decrease_stream_retention_period", sends=(_HOURS,), parameters=_shorter),
    Update(call="start_stream_encryption", sends=(_KEY,), parameters=_encrypted),
    Update(call="stop_stream_encryption", sends=(_KEY,), parameters=_not_encrypted),
    Update(call="enable_enhanced_monitoring", sends=(_METRICS,), parameters=_more),
    Update(call="disable_enhanced_monitoring", sends=(_METRICS,), parameters=_fewer),
    Update(call="update_max_record_size", sends=(_SIZE,)),
)
_RESETS = {
    _MODE: Removal(default=_PROVISIONED, says="it has as many shards as ShardCount says"),
    _HOURS: Removal(default=24, says="records are kept for a day"),
    _KEY: Removal(default=None, says="new records are not encrypted"),
    _METRICS: Removal(default=[], says="no shard has metrics of its own"),
    _SIZE: Removal(default=1024, says="a record may have 1 MiB"),
}
_CREATE = Create(
    call="create_stream",
    sends=("Name", _SHARDS, _MODE, _SIZE),
    gives=lambda _, given: str(given["Name"]),
    name=_NAME,
    taken=frozenset({"ResourceInUseException"}),
)

STREAM = native_type(
    Table(
        name="AWS::Kinesis::Stream",
        noun="stream",
        dialect=_KINESIS,
        timeouts=minutes(update=120),
        listing=_LISTING,
        identifier=itemgetter("StreamName"),
        shows=_shows,
        addresses=lambda one: {"StreamARN": one["StreamARN"]},
        create=_CREATE,
        ready=lambda one: bool(one["StreamStatus"] == "ACTIVE"),
        updates=_UPDATES,
        resets=_RESETS,
        delete=Delete(call="delete_stream", users=_consumers),
        tags=_TAGS,
        spells={"Name": "StreamName"},
        normalise=_compared,
        sets=(f"/{_METRICS}",),
        natural_key=("Name",),
        filled=(_SHARDS,),
        refine=refining(_LIMITS),
        looks=("list_stream_consumers",),
        stateful=True,
        losses=Losses(gone="the records in it are lost"),
    )
)
