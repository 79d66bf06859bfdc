"""Cases of the types of EventBridge Scheduler."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import GROUPS, OTHER_TAGS, SUBNETS, TAGS, Case
from tests.contract.aws.world import AwsWorld

_ROLE = "arn:aws:iam::123456789012:role/scheduler"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890a"


def _group(world: AwsWorld) -> str:
    def make() -> str:
        world.aws.client("scheduler").create_schedule_group(Name="ml")
        return "ml"

    return str(world.thing("schedule-group", make))


def target(queue: str, **more: Any) -> dict[str, Any]:
    return {"Arn": f"arn:aws:sqs:us-east-1:123456789012:{queue}", "RoleArn": _ROLE, **more}


CASES = (
    Case(
        type="AWS::Scheduler::ScheduleGroup",
        creating="CreateScheduleGroup",
        absent="gone",
        minimal=lambda world: {},
        full=lambda world: {"Name": "training", "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"Arn", "Name", "State"}),
        stack="""\
group: {type: AWS::Scheduler::ScheduleGroup, properties: {Name: every-type}}
""",
    ),
    Case(
        type="AWS::Scheduler::Schedule",
        creating="CreateSchedule",
        absent="gone",
        tagged=False,
        minimal=lambda world: {
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target("train"),
        },
        full=lambda world: {
            "Name": "nightly",
            "GroupName": _group(world),
            "ScheduleExpression": "cron(0 2 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            "Target": target("train", Input='{"epochs": 3}'),
            "State": "DISABLED",
            "Description": "trains",
            "StartDate": "2051-01-01T00:00:00Z",
            "EndDate": "2052-01-01T00:00:00Z",
            "KmsKeyArn": f"{_KEY}b",
        },
        changes=lambda world: {
            "ScheduleExpression": "rate(2 hours)",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target("serve"),
            "State": "ENABLED",
            "Description": "serves",
            "StartDate": "2051-02-01T00:00:00Z",
            "EndDate": "2052-02-01T00:00:00Z",
            "KmsKeyArn": f"{_KEY}c",
        },
        attributes=frozenset({"Arn", "GroupName"}),
        samples={
            "StartDate": ["2051-01-01T00:00:00Z", "2051-02-01T00:00:00Z"],
            "EndDate": ["2052-01-01T00:00:00Z", "2052-02-01T00:00:00Z"],
            "KmsKeyArn": [f"{_KEY}b", f"{_KEY}c"],
            "Target/EcsParameters/NetworkConfiguration/AwsvpcConfiguration/Subnets": SUBNETS,
            "Target/EcsParameters/NetworkConfiguration/AwsvpcConfiguration/SecurityGroups": GROUPS,
            "Target/RoleArn": [_ROLE, f"{_ROLE}-2"],
            "Target/Arn": [target("a")["Arn"], target("b")["Arn"]],
            "Target/DeadLetterConfig/Arn": [target("a")["Arn"], target("b")["Arn"]],
            "Target/RetryPolicy/MaximumEventAgeInSeconds": [60, 120],
            "Target/RetryPolicy/MaximumRetryAttempts": [1, 2],
            "Target/EcsParameters/Tags": [[{"team": "ml"}], [{"team": "ops"}]],
            "FlexibleTimeWindow/MaximumWindowInMinutes": [15, 20],
            "ScheduleExpression": ["rate(1 hour)", "rate(2 hours)"],
        },
        stack=f"""\
group: {{type: AWS::Scheduler::ScheduleGroup, properties: {{Name: of-a-schedule}}}}
schedule:
  type: AWS::Scheduler::Schedule
  properties:
    Name: nightly
    GroupName: ${{group.Name}}
    ScheduleExpression: cron(0 2 * * ? *)
    FlexibleTimeWindow: {{Mode: "OFF"}}
    Target: {{Arn: "arn:aws:sqs:us-east-1:123456789012:train", RoleArn: {_ROLE}}}
""",
    ),
)
