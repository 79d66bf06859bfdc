"""State machines: what Step Functions refuses, and which properties it takes together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.cases.stepfunctions import definition, machine, role
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
