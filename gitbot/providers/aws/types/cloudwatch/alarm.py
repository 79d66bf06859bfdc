"""AWS::CloudWatch::Alarm as a table. Shell.

AlarmName (generated when absent): replace. What is measured (MetricName, Namespace, Dimensions, Period,
Statistic or ExtendedStatistic, Unit; or Metrics), when it alarms (ComparisonOperator, Threshold or
ThresholdMetricId, EvaluationPeriods, DatapointsToAlarm, TreatMissingData,
EvaluateLowSampleCountPercentile), what follows (ActionsEnabled, AlarmActions, OKActions,
InsufficientDataActions), AlarmDescription, Tags: changed in place. Attributes: Arn.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.cloudwatch.family import CLOUDWATCH, tags_of

_NAME = Name(property="AlarmName", longest=255)
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_MEASURED = ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Unit")
_FREE = (
    *("DatapointsToAlarm", "EvaluateLowSampleCountPercentile", "AlarmDescription"),
    *("Threshold", "ThresholdMetricId", *_MEASURED),
)
_SETS = (
    *("ComparisonOperator", "EvaluationPeriods", "TreatMissingData", "ActionsEnabled"),
    *("Dimensions", "Metrics", *_ACTIONS, *_FREE),
)
_LISTING = Plain(
    dialect=CLOUDWATCH,
    call="describe_alarms",
    many="AlarmNames",
    most=100,
    more={"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100},
    answer="MetricAlarms",
    tags=tags_of("AlarmArn"),
    name=_NAME,
    index=Index("cloudwatch:alarm", lambda arn: arn.split(":", 6)[6]),
)
_RESETS: Mapping[str, Removal] = {
    **{name: Removal(default=None, says="it is no part of the alarm any more") for name in _FREE},
    **{name: Removal(default=[], says="nothing is done") for name in _ACTIONS},
    "Dimensions": Removal(default=[], says="the metric has no dimensions"),
    "Metrics": Removal(default=[], says="one metric is measured"),
    "ActionsEnabled": Removal(default=True, says="the actions are enabled"),
    "TreatMissingData": Removal(default="missing", says="missing data is missing"),
}


_STAT = "/Metrics/*/MetricStat"
_REFINED = refining(
    {
        "/Metrics": {"uniqueKeys": ["Id"]},
        "/Metrics/*": {"requiredXor": ["MetricStat", "Expression"]},
        f"{_STAT}/Metric": {"required": ["MetricName", "Namespace"]},
        f"{_STAT}/Stat": {"minLength": 1},
        "/ExtendedStatistic": {"minLength": 1},
    }
)


def _normalised(properties: Properties) -> Properties:
    """The properties with what AWS adds to each element of Metrics, and without what is empty."""
    metrics = properties.get("Metrics")
    if not isinstance(metrics, (list, tuple)):
        return properties
    return {**properties, "Metrics": [_returned(one) for one in metrics]}


def _returned(query: Any) -> Any:
    if not isinstance(query, Mapping):
        return query
    stat = query.get("MetricStat")
    if isinstance(stat, Mapping) and isinstance(stat.get("Metric"), Mapping):
        filled = {k: v for k, v in stat["Metric"].items() if k != "Dimensions" or v}
        query = {**query, "MetricStat": {**stat, "Metric": filled}}
    return {"ReturnData": True, **query}


def _sent(values: Properties, _: Any) -> Mapping[str, Any]:
    """A whole alarm: what is left out or empty is reset."""
    return {name: value for name, value in values.items() if value not in (None, [])}


ALARM = native_type(
    Table(
        name="AWS::CloudWatch::Alarm",
        noun="alarm",
        dialect=CLOUDWATCH,
        listing=_LISTING,
        shows=shown("AlarmName", *_SETS, Arn="AlarmArn"),
        addresses=shown("AlarmName"),
        create=Create(
            call="put_metric_alarm",
            sends=("AlarmName", *_SETS),
            gives=lambda _, given: str(given["AlarmName"]),
            name=_NAME,
            repeats=True,
        ),
        delete=Delete(
            call="delete_alarms", parameters=lambda one: {"AlarmNames": [one["AlarmName"]]}
        ),
        tags=_LISTING.tags,
        updates=(Update(call="put_metric_alarm", sends=_SETS, whole=True, parameters=_sent),),
        resets=_RESETS,
        identities={"/Metrics": ("Id",)},
        normalise=_normalised,
        refine=_REFINED,
        natural_key=("AlarmName",),
    )
)
