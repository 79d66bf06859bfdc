"""Calls that make one more revision each time, where the reply is lost.

The kind: what is asked for once is there twice afterwards, and no plan tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gitbot.errors import TransientError
from gitbot.model.names import RemoteId
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases import CASES
from tests.contract.aws.cases.case import Case
from tests.contract.aws.test_ownership import changed_beside_its_name
from tests.contract.aws.world import AwsWorld

Count = Callable[[AwsWorld, RemoteId], int]


def definitions(world: AwsWorld, remote_id: RemoteId) -> int:
    asked = {"jobDefinitionName": remote_id, "status": "ACTIVE"}
    return len(world.aws.client("batch").describe_job_definitions(**asked)["jobDefinitions"])


def tasks(world: AwsWorld, _: RemoteId) -> int:
    return len(world.aws.client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"])


def templates(world: AwsWorld, remote_id: RemoteId) -> int:
    asked = {"LaunchTemplateId": remote_id}
    return len(
        world.aws.client("ec2").describe_launch_template_versions(**asked)["LaunchTemplateVersions"]
    )


def policies(world: AwsWorld, remote_id: RemoteId) -> int:
    return len(world.aws.client("iam").list_policy_versions(PolicyArn=remote_id)["Versions"])


def layers(world: AwsWorld, _: RemoteId) -> int:
    return len(world.aws.client("lambda").list_layer_versions(LayerName="tools")["LayerVersions"])


REVISED: Mapping[str, tuple[str, int, Count]] = {
    "AWS::Batch::JobDefinition": ("RegisterJobDefinition", 1, definitions),
    "AWS::ECS::TaskDefinition": ("RegisterTaskDefinition", 1, tasks),
    "AWS::EC2::LaunchTemplate": ("CreateLaunchTemplateVersion", 2, templates),
    "AWS::IAM::ManagedPolicy": ("CreatePolicyVersion", 2, policies),
    "AWS::Lambda::LayerVersion": ("PublishLayerVersion", 1, layers),
}
"""The call that makes a revision, how many there are after an update, and what counts them."""
UNCHANGING = {"AWS::ECS::TaskDefinition", "AWS::Lambda::LayerVersion"}
"""Of these a change makes another object."""


def case_of(type_: str) -> Case:
    (case,) = [case for case in CASES if case.type == type_]
    return case


def created(world: AwsWorld, type_: str, spec: Mapping[str, Any]) -> RemoteId:
    """The object, which is looked for where it is not clear whether it was made, as an apply does."""
    operation = world.operation(type_, spec)
    try:
        remote_id = world.cloud.create(operation)
    except TransientError:
        found = world.cloud.find(world.again(operation))
        assert found is not None
        assert found.operation == operation.token
        remote_id = found.remote_id
    world.cloud.settle(operation, remote_id)
    return remote_id


@pytest.mark.parametrize("type_", REVISED)
def test_a_creation_whose_reply_is_lost_makes_one_revision(world: AwsWorld, type_: str) -> None:
    case = case_of(type_)
    spec, (_, _, count) = case.full(world), REVISED[type_]
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation=case.creating, count=2))
    remote_id = created(world, type_, spec)
    assert count(world, remote_id) == 1
    world.aws.clear_faults()
    again = world.again(world.operation(type_, spec))  # recovery asks again
    assert world.cloud.create(again) == remote_id
    assert count(world, remote_id) == 1


@pytest.mark.parametrize("type_", sorted({*REVISED} - UNCHANGING))
def test_an_update_whose_reply_is_lost_makes_one_revision(world: AwsWorld, type_: str) -> None:
    case = case_of(type_)
    spec, (call, left, count) = case.full(world), REVISED[type_]
    remote_id = world.create(type_, spec)
    changed = changed_beside_its_name(world, case, spec)
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation=call))
    world.update(type_, remote_id, spec, changed)
    assert world.differences(type_, remote_id, changed) == ()
    assert count(world, remote_id) == left
