"""Cases of the types of CloudWatch."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

TOPICS = [f"arn:aws:sns:us-east-1:123456789012:{name}" for name in "ab"]


def body(text: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": text}}]})


def _least(world: AwsWorld) -> dict[str, Any]:
    return {
        "MetricName": "GPUUtilization",
        "Namespace": "ML",
        "Statistic": "Average",
        "Period": 60,
        "Threshold": 10,
        "ComparisonOperator": "LessThanThreshold",
        "EvaluationPeriods": 3,
    }


CASES = (
    Case(
        type="AWS::CloudWatch::Alarm",
        creating="PutMetricAlarm",
        absent="gone",
        minimal=_least,
        full=lambda world: {
            **_least(world),
            "AlarmName": "idle",
            "AlarmDescription": "nobody trains",
            "Dimensions": [{"Name": "host", "Value": "a"}, {"Name": "gpu", "Value": "0"}],
            "Unit": "Percent",
            "DatapointsToAlarm": 2,
            "TreatMissingData": "breaching",
            "ActionsEnabled": True,
            "AlarmActions": [TOPICS[0]],
            "OKActions": [TOPICS[0]],
            "InsufficientDataActions": [TOPICS[0]],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "MetricName": "CPUUtilization",
            "Namespace": "Work",
            "Statistic": "Maximum",
            "Period": 300,
            "Threshold": 20,
            "ComparisonOperator": "LessThanOrEqualToThreshold",
            "EvaluationPeriods": 4,
            "AlarmDescription": "nobody works",
            "Dimensions": [{"Name": "host", "Value": "b"}],
            "Unit": "Count",
            "DatapointsToAlarm": 3,
            "TreatMissingData": "ignore",
            "ActionsEnabled": False,
            "AlarmActions": [TOPICS[1]],
            "OKActions": [TOPICS[1]],
            "InsufficientDataActions": [TOPICS[1]],
            "Tags": OTHER_TAGS,
        },
        elsewhere=frozenset(
            {
                *("ExtendedStatistic", "EvaluateLowSampleCountPercentile"),
                *("Metrics", "ThresholdMetricId"),
            }
        ),
        attributes=frozenset({"Arn", "AlarmName"}),
        samples={
            "ExtendedStatistic": ["p90", "p99"],
            "EvaluateLowSampleCountPercentile": ["evaluate", "ignore"],
            "AlarmActions": [[one] for one in TOPICS],
            "OKActions": [[one] for one in TOPICS],
            "InsufficientDataActions": [[one] for one in TOPICS],
            "Metrics/*/Id": ["m1", "m2"],
            "Metrics/*/Period": [60, 300],
            "Metrics/*/MetricStat/Period": [60, 300],
            "Metrics/*/MetricStat/Stat": ["Average", "Sum"],
            "Metrics/*/MetricStat/Metric/Namespace": ["ML", "Work"],
        },
        stack=f"""\
alarm:
  type: AWS::CloudWatch::Alarm
  properties:
    MetricName: GPUUtilization
    Namespace: ML
    Statistic: Average
    Period: 60
    Threshold: 10
    ComparisonOperator: LessThanThreshold
    EvaluationPeriods: 3
    AlarmActions: ["{TOPICS[0]}"]
""",
    ),
    Case(
        type="AWS::CloudWatch::Dashboard",
        creating="PutDashboard",
        absent="gone",
        minimal=lambda world: {"DashboardBody": body("one")},
        full=lambda world: {
            "DashboardName": "training",
            "DashboardBody": body("one"),
            "Tags": TAGS,
        },
        changes=lambda world: {"DashboardBody": body("two"), "Tags": OTHER_TAGS},
        attributes=frozenset({"DashboardName"}),
        samples={"DashboardBody": [body("one"), body("two")]},
        stack="""\
board:
  type: AWS::CloudWatch::Dashboard
  properties: {DashboardBody: '{"widgets": []}'}
""",
    ),
)
