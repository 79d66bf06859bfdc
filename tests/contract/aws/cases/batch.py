"""Cases of the types of Batch."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import SUBNETS, Case, made_role
from tests.contract.aws.cases.ec2_network import group, subnet, vpc
from tests.contract.aws.world import AwsWorld

_TAGS = {"owner": "ml", "cost": "research"}
_OTHER_TAGS = {"owner": "platform", "stage": "dev"}
_POLICY = "arn:aws:batch:us-east-1:123456789012:scheduling-policy/{0}"
_QUEUED = {"State": "RUNNABLE", "Action": "CANCEL", "Reason": "MISCONFIGURATION:COMPUTE"}


def _profile(world: AwsWorld) -> str:
    """An instance profile of the machines."""

    def make() -> str:
        made = world.aws.client("iam").create_instance_profile(InstanceProfileName="batch")
        return str(made["InstanceProfile"]["Arn"])

    return str(world.thing("batch-profile", make))


def _network(world: AwsWorld) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        vpc_id = vpc(world)
        return {
            "Subnets": [subnet(world, vpc_id)],
            "SecurityGroupIds": [group(world, vpc_id, "batch")],
        }

    return dict(world.thing("batch-network", make))


def _machines(world: AwsWorld) -> dict[str, Any]:
    """Where jobs run: on machines with GPUs."""
    return {
        **_network(world),
        "Type": "SPOT",
        "AllocationStrategy": "SPOT_CAPACITY_OPTIMIZED",
        "MinvCpus": 0,
        "MaxvCpus": 64,
        "DesiredvCpus": 0,
        "InstanceTypes": ["g4dn.xlarge"],
        "InstanceRole": _profile(world),
        "BidPercentage": 60,
        "Ec2Configuration": [{"ImageType": "ECS_AL2_NVIDIA"}],
        "LaunchTemplate": {"LaunchTemplateName": "trainers", "Version": "$Latest"},
        "Tags": {"Name": "worker"},
    }


def _serverless(world: AwsWorld) -> dict[str, Any]:
    return {**_network(world), "Type": "FARGATE", "MaxvCpus": 16}


def _environment(world: AwsWorld, name: str) -> str:
    """The ARN of an environment that a queue can use."""

    def make() -> str:
        net = _network(world)
        made = world.aws.client("batch").create_compute_environment(
            computeEnvironmentName=f"environment-{name}",
            type="MANAGED",
            serviceRole=made_role(world, "batch.amazonaws.com", "batch"),
            computeResources={
                "type": "FARGATE",
                "maxvCpus": 16,
                "subnets": net["Subnets"],
                "securityGroupIds": net["SecurityGroupIds"],
            },
        )
        return str(made["computeEnvironmentArn"])

    return str(world.thing(f"batch-environment-{name}", make))


def _queue(world: AwsWorld) -> dict[str, Any]:
    return {
        "JobQueueName": "training",
        "JobQueueType": "ECS_FARGATE",
        "State": "DISABLED",
        "Priority": 10,
        "ComputeEnvironmentOrder": [{"ComputeEnvironment": _environment(world, "a"), "Order": 1}],
        "SchedulingPolicyArn": _POLICY.format("a"),
        "JobStateTimeLimitActions": [{**_QUEUED, "MaxTimeSeconds": 600}],
        "Tags": _TAGS,
    }


def _queue_changes(world: AwsWorld) -> dict[str, Any]:
    _environment(world, "b")
    return {
        "State": "ENABLED",
        "Priority": 20,
        "ComputeEnvironmentOrder": [
            {"ComputeEnvironment": _environment(world, "a"), "Order": 2},
            {"ComputeEnvironment": "environment-b", "Order": 1},
        ],
        "SchedulingPolicyArn": _POLICY.format("b"),
        "JobStateTimeLimitActions": [{**_QUEUED, "MaxTimeSeconds": 1200}],
        "Tags": _OTHER_TAGS,
    }


_STACK = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: jobs, VpcId: "${vpc.VpcId}"}
environment:
  type: AWS::Batch::ComputeEnvironment
  properties:
    Type: MANAGED
    ComputeResources:
      Type: FARGATE_SPOT
      MaxvCpus: 64
      Subnets: ["${net.SubnetId}"]
      SecurityGroupIds: ["${group.GroupId}"]
queue:
  type: AWS::Batch::JobQueue
  properties:
    Priority: 1
    ComputeEnvironmentOrder:
      - {Order: 1, ComputeEnvironment: "${environment.ComputeEnvironmentArn}"}
"""

CASES = (
    Case(
        type="AWS::Batch::ComputeEnvironment",
        stack=_STACK,
        creating="CreateComputeEnvironment",
        absent="arn:aws:batch:us-east-1:123456789012:compute-environment/gone",
        minimal=lambda world: {"Type": "managed", "ComputeResources": _serverless(world)},
        full=lambda world: {
            "ComputeEnvironmentName": "trainers",
            "Type": "MANAGED",
            "State": "DISABLED",
            "ServiceRole": made_role(world, "batch.amazonaws.com", "a"),
            "ComputeResources": _machines(world),
            "Tags": _TAGS,
        },
        changes=lambda world: {
            "State": "ENABLED",
            "ServiceRole": made_role(world, "batch.amazonaws.com", "b"),
            "ComputeResources": {**_machines(world), "MinvCpus": 4, "MaxvCpus": 128},
            "Tags": _OTHER_TAGS,
        },
        attributes=frozenset({"ComputeEnvironmentArn"}),
        samples={
            "Tags": [_TAGS, _OTHER_TAGS],
            "ComputeResources/Tags": [_TAGS, _OTHER_TAGS],
            "ComputeResources/Subnets": SUBNETS,
            "ComputeResources/Type": ["FARGATE", "FARGATE_SPOT"],
            "Type": ["MANAGED", "MANAGED"],
            "ServiceRole": lambda world: [
                made_role(world, "batch.amazonaws.com", name) for name in "ab"
            ],
        },
        beside={"ComputeResources": lambda world, name: _serverless(world)},
    ),
    Case(
        type="AWS::Batch::JobQueue",
        stack=_STACK,
        creating="CreateJobQueue",
        absent="arn:aws:batch:us-east-1:123456789012:job-queue/gone",
        minimal=lambda world: {
            "Priority": 1,
            "ComputeEnvironmentOrder": [
                {"ComputeEnvironment": _environment(world, "a"), "Order": 1}
            ],
        },
        full=_queue,
        changes=_queue_changes,
        attributes=frozenset({"JobQueueArn"}),
        samples={
            "Tags": [_TAGS, _OTHER_TAGS],
            "ComputeEnvironmentOrder/*/ComputeEnvironment": lambda world: [
                _environment(world, name) for name in "ab"
            ],
            "SchedulingPolicyArn": [_POLICY.format(name) for name in "ab"],
            "JobStateTimeLimitActions/*/Action": ["CANCEL", "terminate"],
        },
    ),
)
