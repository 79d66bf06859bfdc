"""Cases of the types of Step Functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, made_role
from tests.contract.aws.cases.stacks import role_of
from tests.contract.aws.world import AwsWorld

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine"
LOGS = "arn:aws:logs:us-east-1:123456789012:log-group"
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000"


def role(world: AwsWorld, name: str = "a") -> str:
    """A role that Step Functions may assume."""
    return made_role(world, "states.amazonaws.com", name)


def definition(comment: str) -> dict[str, Any]:
    """A machine that does nothing."""
    return {
        "Comment": comment,
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}},
    }


def log_to(group: str) -> list[dict[str, Any]]:
    return [{"CloudWatchLogsLogGroup": {"LogGroupArn": f"{LOGS}:{group}:*"}}]


def minimal(world: AwsWorld) -> dict[str, Any]:
    return {"RoleArn": role(world), "DefinitionString": json.dumps(definition("one"))}


def machine(world: AwsWorld) -> dict[str, Any]:
    return {
        **minimal(world),
        "StateMachineName": "train",
        "StateMachineType": "EXPRESS",
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": True,
            "Destinations": log_to("a"),
        },
        "TracingConfiguration": {"Enabled": True},
        "EncryptionConfiguration": {
            "Type": "CUSTOMER_MANAGED_KMS_KEY",
            "KmsKeyId": f"{KEY}1",
            "KmsDataKeyReusePeriodSeconds": 60,
        },
        "Tags": TAGS,
    }


def changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "RoleArn": role(world, "b"),
        "DefinitionString": json.dumps(definition("two"), indent=2),
        "LoggingConfiguration": {"Level": "ERROR", "Destinations": log_to("b")},
        "TracingConfiguration": {"Enabled": False},
        "EncryptionConfiguration": {
            "Type": "CUSTOMER_MANAGED_KMS_KEY",
            "KmsKeyId": f"{KEY}2",
            "KmsDataKeyReusePeriodSeconds": 900,
        },
        "Tags": OTHER_TAGS,
    }


def bucket(world: AwsWorld, name: str = "a") -> str:
    """A bucket with definitions under the keys ``a`` and ``b``."""

    def make() -> str:
        s3 = world.aws.client("s3")
        s3.create_bucket(Bucket=f"machines-{name}")
        for key in ("a", "b"):
            body = json.dumps(definition(f"{key} for ${{stage}}"))
            s3.put_object(Bucket=f"machines-{name}", Key=key, Body=body.encode())
        return f"machines-{name}"

    return str(world.thing(f"machines-{name}", make))


def beside(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "DefinitionSubstitutions":
        return {"DefinitionString": json.dumps(definition("${stage}"))}
    return {}


def beside_logging(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"Level": "ALL"} if name == "Destinations" else {"Destinations": log_to("a")}


def beside_key(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "Type":
        return {}
    customer = {"Type": "CUSTOMER_MANAGED_KMS_KEY"}
    return customer if name == "KmsKeyId" else {**customer, "KmsKeyId": f"{KEY}1"}


CASES = (
    Case(
        type="AWS::StepFunctions::StateMachine",
        creating="CreateStateMachine",
        absent=f"{ARN}:gone",
        minimal=minimal,
        full=machine,
        changes=changes,
        attributes=frozenset({"Arn", "Name", "StateMachineName", "StateMachineRevisionId"}),
        elsewhere=frozenset({"Definition", "DefinitionS3Location", "DefinitionSubstitutions"}),
        needed=frozenset({"DefinitionS3Location"}),
        stack=(
            role_of("states")
            + """\
retrain:
  type: AWS::StepFunctions::StateMachine
  properties:
    RoleArn: ${role.Arn}
    TracingConfiguration: {Enabled: true}
    Definition:
      StartAt: Wait
      States: {Wait: {Type: Wait, Seconds: 60, End: true}}
short:
  type: AWS::StepFunctions::StateMachine
  properties:
    RoleArn: ${role.Arn}
    StateMachineType: EXPRESS
    DefinitionString: '{"StartAt": "$${first}", "States": {"Go": {"Type": "Pass", "End": true}}}'
    DefinitionSubstitutions: {first: Go}
"""
        ),
        samples={
            "RoleArn": lambda world: [role(world, name) for name in "ab"],
            "DefinitionString": [json.dumps(definition(name)) for name in ("one", "two")],
            "Definition": [definition("one"), definition("two")],
            "DefinitionSubstitutions": [{"stage": "dev"}, {"stage": "live"}],
            "DefinitionS3Location/Bucket": lambda world: [bucket(world, name) for name in "ab"],
            "DefinitionS3Location/Key": ["a", "b"],
            "DefinitionS3Location/Version": ["null", "null"],
            "LoggingConfiguration/Destinations/*/CloudWatchLogsLogGroup/LogGroupArn": [
                f"{LOGS}:{name}:*" for name in "ab"
            ],
            "EncryptionConfiguration/KmsKeyId": [f"{KEY}1", f"{KEY}2"],
            "EncryptionConfiguration/Type": ["AWS_OWNED_KEY", "AWS_OWNED_KEY"],
        },
        beside={
            "": beside,
            "LoggingConfiguration": beside_logging,
            "EncryptionConfiguration": beside_key,
        },
    ),
)
