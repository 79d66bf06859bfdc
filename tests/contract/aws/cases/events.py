"""Cases of the types of EventBridge."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import GROUPS, OTHER_TAGS, SUBNETS, TAGS, Case
from tests.contract.aws.world import AwsWorld

ROLE = "arn:aws:iam::123456789012:role/events"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift-AbCdEf"


def pattern(source: str) -> dict[str, Any]:
    return {"source": [source], "detail-type": ["done"]}


def target(name: str, queue: str, **more: Any) -> dict[str, Any]:
    return {"Id": name, "Arn": f"arn:aws:sqs:us-east-1:123456789012:{queue}", **more}


def _bus(world: AwsWorld) -> str:
    def make() -> str:
        world.aws.client("events").create_event_bus(Name="ml")
        return "ml"

    return str(world.thing("bus", make))


CASES = (
    Case(
        type="AWS::Events::Rule",
        creating="PutRule",
        absent="arn:aws:events:us-east-1:123456789012:rule/gone",
        minimal=lambda world: {"EventPattern": pattern("ml.train")},
        full=lambda world: {
            "Name": "trained",
            "EventBusName": _bus(world),
            "EventPattern": pattern("ml.train"),
            "Description": "serves what is trained",
            "State": "DISABLED",
            "RoleArn": ROLE,
            "Targets": [target("one", "a"), target("two", "b", Input='{"n": 1}')],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "EventPattern": json.dumps(pattern("ml.serve")),
            "Description": "drops what is served",
            "State": "ENABLED",
            "RoleArn": f"{ROLE}-2",
            "Targets": [target("two", "c")],
            "Tags": OTHER_TAGS,
        },
        elsewhere=frozenset({"ScheduleExpression"}),
        attributes=frozenset({"Arn", "Name", "EventBusName", "RuleName"}),
        samples={
            "EventPattern": [pattern("a"), pattern("b")],
            "ScheduleExpression": ["rate(1 hour)", "rate(2 hours)"],
            "RoleArn": [ROLE, f"{ROLE}-2"],
            "Targets/*/Arn": [target("a", "a")["Arn"], target("b", "b")["Arn"]],
            "Targets/*/EcsParameters/NetworkConfiguration/AwsVpcConfiguration/Subnets": SUBNETS,
            "Targets/*/EcsParameters/NetworkConfiguration/AwsVpcConfiguration/SecurityGroups": GROUPS,
            "Targets/*/RedshiftDataParameters/SecretManagerArn": [SECRET, f"{SECRET}-2"],
            "Targets/*/RoleArn": [ROLE, f"{ROLE}-2"],
            "Targets/*/RetryPolicy/MaximumEventAgeInSeconds": [60, 120],
            "Targets/*/RetryPolicy/MaximumRetryAttempts": [1, 2],
            "Targets/*/DeadLetterConfig/Arn": [target("a", "a")["Arn"], target("b", "b")["Arn"]],
        },
        stack=f"""\
rule:
  type: AWS::Events::Rule
  properties:
    ScheduleExpression: rate(1 hour)
    Targets: [{{Id: one, Arn: "arn:aws:sqs:us-east-1:123456789012:a", RoleArn: {ROLE}}}]
""",
    ),
)
