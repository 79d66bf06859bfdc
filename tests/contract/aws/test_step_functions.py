"""State machines: what Step Functions refuses, and which properties it takes together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.errors import CloudError
from tests.contract.aws.cases.stepfunctions import bucket, definition, machine, role
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

TYPE = "AWS::StepFunctions::StateMachine"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"definition": json.dumps(definition("two"))}, "StateMachineAlreadyExists"),
        ({"type": "EXPRESS"}, "StateMachineAlreadyExists"),
        ({"name": "next", "definition": "{}"}, "InvalidDefinition"),
        ({"name": "next", "definition": "StartAt"}, "InvalidDefinition"),
        ({"name": "next", "roleArn": "arn:aws:iam::123456789012:role/none"}, "AccessDenied"),
    ],
)
def test_the_local_aws_refuses_what_step_functions_refuses(
    world: AwsWorld, other: dict[str, str], code: str
) -> None:
    client = world.aws.client("stepfunctions")
    asked = {"name": "one", "definition": json.dumps(definition("one")), "roleArn": role(world)}
    first = client.create_state_machine(**asked)["stateMachineArn"]
    assert client.create_state_machine(**asked)["stateMachineArn"] == first
    with pytest.raises(ClientError, match=code):
        client.create_state_machine(**{**asked, **other})


def test_a_definition_changes_its_form_in_place_and_its_substitutions_count(
    world: AwsWorld,
) -> None:
    before = machine(world)
    arn = world.create(TYPE, before)
    rest = {name: value for name, value in before.items() if name != "DefinitionString"}
    same: dict[str, Any] = {**rest, "Definition": definition("one")}
    assert world.differences(TYPE, arn, same) == ()
    filled = {
        **rest,
        "DefinitionString": json.dumps(definition("${stage}")),
        "DefinitionSubstitutions": {"stage": "live"},
    }
    assert [one.path for one in world.differences(TYPE, arn, filled)] == [
        "/DefinitionString/Comment"
    ]
    revision = world.properties(TYPE, arn)["StateMachineRevisionId"]
    operation = world.operation(
        TYPE, filled, changed=frozenset({"DefinitionString"}), recorded=before
    )
    world.cloud.update(operation, arn)
    assert world.differences(TYPE, arn, filled) == ()
    assert world.properties(TYPE, arn)["StateMachineRevisionId"] != revision == "INITIAL"


def test_a_definition_in_s3_is_read_at_each_apply_that_changes_the_machine(world: AwsWorld) -> None:
    life, base = Life(world, TYPE), {"RoleArn": role(world)}
    place = {"Bucket": bucket(world), "Key": "a"}
    kept = {**base, "DefinitionS3Location": place}
    states, s3 = world.aws.client("stepfunctions"), world.aws.client("s3")

    def comment() -> str:
        told = states.describe_state_machine(stateMachineArn=str(life.remote_id))
        return str(json.loads(told["definition"])["Comment"])

    life.apply({**kept, "DefinitionSubstitutions": {"stage": "dev"}})
    assert comment() == "a for dev"
    life.apply({**kept, "DefinitionSubstitutions": {"stage": "live"}})
    assert comment() == "a for live"
    s3.put_object(Bucket=place["Bucket"], Key="a", Body=json.dumps(definition("new")).encode())
    life.apply({**kept, "TracingConfiguration": {"Enabled": True}})
    assert comment() == "new"
    life.apply({**base, "DefinitionS3Location": {**place, "Key": "b"}})
    assert comment() == "b for ${stage}"
    life.apply({**base, "Definition": definition("own")})
    assert comment() == "own"
    life.apply({**kept, "DefinitionSubstitutions": {"stage": "dev"}})
    assert comment() == "new"
    s3.put_object(Bucket=place["Bucket"], Key="b", Body=b"StartAt: Wait")
    with pytest.raises(CloudError, match="s3://machines-a/b is no JSON"):
        life.apply({**base, "DefinitionS3Location": {**place, "Key": "b"}})
    assert comment() == "new"
