"""AWS::Lambda::EventSourceMapping as a table. Shell.

EventSourceArn, StartingPosition, Topics, Queues: replace. FunctionName (a name or an ARN), Enabled, BatchSize,
MaximumBatchingWindowInSeconds, ParallelizationFactor, TumblingWindowInSeconds, BisectBatchOnFunctionError,
MaximumRecordAgeInSeconds, MaximumRetryAttempts, FunctionResponseTypes, FilterCriteria, KmsKeyArn,
DestinationConfig, ScalingConfig, MetricsConfig, SourceAccessConfigurations, ProvisionedPollerConfig,
AmazonManagedKafkaEventSourceConfig, DocumentDBEventSourceConfig, Tags: changed in place. Attributes: Id,
EventSourceMappingArn. Not handled: Kafka that does not run on MSK, its logging, and a start at a time.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask_pages
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.lambda_.family import LAMBDA, TAKEN
from gitbot.providers.aws.types.lambda_.names import short_name, with_short_name

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_FIXED = ("EventSourceArn", "StartingPosition", "Topics", "Queues")
_SETS = (
    *("FunctionName", "Enabled", "BatchSize", "MaximumBatchingWindowInSeconds"),
    *("ParallelizationFactor", "TumblingWindowInSeconds", "BisectBatchOnFunctionError"),
    *("MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "FunctionResponseTypes"),
    *("FilterCriteria", "KmsKeyArn", "DestinationConfig", "ScalingConfig", "MetricsConfig"),
    *("SourceAccessConfigurations", "ProvisionedPollerConfig"),
    *("AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig"),
)
_NONE: Mapping[str, Any] = {
    "FunctionResponseTypes": [],
    "FilterCriteria": {},
    "KmsKeyArn": "",
    "DestinationConfig": {"OnFailure": {"Destination": ""}},
    "ScalingConfig": {},
    "MetricsConfig": {"Metrics": []},
}
"""What an update sends to take a property away."""
_RESETS = {
    "Enabled": Removal(default=True, says="it reads"),
    "MaximumBatchingWindowInSeconds": Removal(default=0, says="no batch waits"),
    "ParallelizationFactor": Removal(default=1, says="the default of Lambda"),
    "TumblingWindowInSeconds": Removal(default=0, says="there is no window"),
    "BisectBatchOnFunctionError": Removal(default=False, says="no batch is split"),
    "MaximumRecordAgeInSeconds": Removal(default=-1, says="no record is too old"),
    "MaximumRetryAttempts": Removal(default=-1, says="records are tried until they expire"),
    "FunctionResponseTypes": Removal(default=None, says="a batch succeeds or fails as a whole"),
    "FilterCriteria": Removal(default=None, says="every record is handled"),
    "KmsKeyArn": Removal(default=None, says="a key of AWS encrypts the filter"),
    "DestinationConfig": Removal(default=None, says="what fails is dropped"),
    "ScalingConfig": Removal(default=None, says="the queue has no limit of its own"),
    "MetricsConfig": Removal(default=None, says="there are no such metrics"),
}


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The mappings of the source to the function: there can be one."""
    given = operation.properties
    pair = {
        name: str(given[name]) for name in ("EventSourceArn", "FunctionName") if given.get(name)
    }
    if len(pair) < 2:
        return ()
    found = ask_pages(aws, LAMBDA, "list_event_source_mappings", "EventSourceMappings", **pair)
    return [str(one["UUID"]) for one in found]


_LISTING = Plain(
    dialect=LAMBDA,
    call="get_event_source_mapping",
    asks=named("UUID"),
    tags=PlainTags(
        dialect=LAMBDA,
        target=lambda one: {"Resource": one["EventSourceMappingArn"]},
        reading="list_tags",
        mapped=True,
    ),
    keyed=_alike,
    index=Index("lambda:event-source-mapping"),
)
_OWN = shown(
    *(*_FIXED, *(name for name in _SETS if name not in ("FunctionName", "KmsKeyArn"))),
    *("EventSourceMappingArn",),
    Id="UUID",
    KmsKeyArn="KMSKeyArn",
)


def _shows(one: Described) -> Properties:
    # Lambda shows an empty map where a setting was taken away.
    unset = {name: None for name in _NONE if isinstance(one.get(name), dict) and _empty(one[name])}
    return {
        **_OWN(one),
        "FunctionName": short_name(one["FunctionArn"]),
        "Enabled": one["State"] not in ("Disabling", "Disabled"),
        **unset,
    }


def _empty(value: Any) -> bool:
    """Whether there is nothing in the map, at any depth."""
    return all(map(_empty, value.values())) if isinstance(value, dict) else not value


def _changed(values: Properties, _: Described) -> dict[str, Any]:
    return {name: value or _NONE.get(name, value) for name, value in values.items()}


_LIMITS: Mapping[str, Properties] = {
    "": {"required": ["FunctionName", "EventSourceArn"]},
    "DestinationConfig": {"required": ["OnFailure"]},
    "DestinationConfig/OnFailure": {"required": ["Destination"]},
    "DestinationConfig/OnFailure/Destination": {"minLength": 12},
    "FilterCriteria": {"required": ["Filters"]},
    "FilterCriteria/Filters/*": {"required": ["Pattern"]},
    "FilterCriteria/Filters/*/Pattern": {"minLength": 2},
    "ScalingConfig": {"required": ["MaximumConcurrency"]},
    "MetricsConfig": {"required": ["Metrics"]},
    "MetricsConfig/Metrics": {"minItems": 1},
    "FunctionResponseTypes": {"minItems": 1},
    "KmsKeyArn": {"minLength": 12},
    "SourceAccessConfigurations/*": {"required": ["Type", "URI"]},
}

EVENT_SOURCE_MAPPING = native_type(
    Table(
        name="AWS::Lambda::EventSourceMapping",
        noun="event source mapping",
        dialect=LAMBDA,
        listing=_LISTING,
        shows=_shows,
        addresses=lambda one: {"UUID": one["UUID"]},
        spells={"KmsKeyArn": "KMSKeyArn"},
        create=Create(
            call="create_event_source_mapping",
            sends=(*_FIXED, *_SETS),
            gives=lambda answer, _: str(answer["UUID"]),
            taken=TAKEN,
        ),
        updates=(Update(call="update_event_source_mapping", sends=_SETS, parameters=_changed),),
        resets=_RESETS,
        ready=lambda one: one["State"] in ("Enabled", "Disabled"),
        delete=Delete(call="delete_event_source_mapping"),
        tags=_LISTING.tags,
        looks=("list_event_source_mappings",),
        natural_key=("EventSourceArn", "FunctionName"),
        normalise=with_short_name,
        refine=refining(_LIMITS),
        sets=("/MetricsConfig/Metrics", "/SourceAccessConfigurations"),
    )
)
