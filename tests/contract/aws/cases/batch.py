"""Cases of the types of Batch."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import SUBNETS, Case, made_role
from tests.contract.aws.cases.ec2_network import group, subnet, vpc
from tests.contract.aws.cases.stacks import role_of
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


def serverless(world: AwsWorld) -> dict[str, Any]:
    """Where jobs run: on machines of Fargate."""
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

_LICENSE = "arn:aws:batch:us-east-1:123456789012:consumable-resource/{0}"


def _container(**more: Any) -> dict[str, Any]:
    """The least that a container needs."""
    sizes = [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "2048"}]
    return {"Image": "train:1", "ResourceRequirements": sizes, **more}


def _licenses(count: int) -> dict[str, Any]:
    one = {"ConsumableResource": _LICENSE.format("a"), "Quantity": count}
    return {"ConsumableResourceList": [one]}


def _definition(world: AwsWorld) -> dict[str, Any]:
    """A spec of a definition with something of each kind."""
    container = _container(
        Command=["python", "train.py", "Ref::data"],
        Environment=[{"Name": "STAGE", "Value": "dev"}, {"Name": "REGION", "Value": "us-east-1"}],
        Secrets=[{"Name": "KEY", "ValueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/key"}],
        LinuxParameters={"SharedMemorySize": 1024, "InitProcessEnabled": True},
        LogConfiguration={"LogDriver": "awslogs", "Options": {"awslogs-group": "train"}},
        MountPoints=[{"SourceVolume": "data", "ContainerPath": "/data"}],
        Volumes=[
            {"Name": "data", "EfsVolumeConfiguration": {"FileSystemId": "fs-0123456789abcdef0"}}
        ],
        JobRoleArn=made_role(world, "ecs-tasks.amazonaws.com"),
    )
    return {
        "JobDefinitionName": "train",
        "Type": "container",
        "ContainerProperties": container,
        "Parameters": {"data": "s3://features/dev"},
        "RetryStrategy": {"Attempts": 2, "EvaluateOnExit": [{"OnReason": "*", "Action": "Retry"}]},
        "Timeout": {"AttemptDurationSeconds": 600},
        "PlatformCapabilities": ["FARGATE"],
        "PropagateTags": True,
        "SchedulingPriority": 5,
        "ConsumableResourceProperties": _licenses(1),
        "Tags": _TAGS,
    }


def _definition_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "Type": "container",
        "ContainerProperties": _container(Image="train:2", Privileged=True),
        "Parameters": {"data": "s3://features/live", "Action": "go"},
        "RetryStrategy": {"Attempts": 3},
        "Timeout": {"AttemptDurationSeconds": 60},
        "PlatformCapabilities": ["EC2"],
        "PropagateTags": False,
        "SchedulingPriority": 0,
        "ConsumableResourceProperties": _licenses(2),
        "Tags": _OTHER_TAGS,
    }


def _body(world: AwsWorld, name: str) -> dict[str, Any]:
    return {"Type": "multinode"} if name == "NodeProperties" else {}


CASES = (
    Case(
        type="AWS::Batch::JobDefinition",
        creating="RegisterJobDefinition",
        absent="gone",
        minimal=lambda world: {"Type": "container", "ContainerProperties": _container()},
        full=_definition,
        changes=_definition_changes,
        one_value=frozenset({"Type"}),
        elsewhere=frozenset({"EcsProperties", "EksProperties", "NodeProperties"}),
        attributes=frozenset({"JobDefinitionName", "JobDefinitionArn"}),
        stack=(
            role_of("ecs-tasks")
            + """\
train:
  type: AWS::Batch::JobDefinition
  properties:
    Type: Container
    RetryStrategy:
      Attempts: 3
      EvaluateOnExit: [{OnStatusReason: "Host EC2*", Action: RETRY}, {OnReason: "*", Action: EXIT}]
    Timeout: {AttemptDurationSeconds: 86400}
    ContainerProperties:
      Image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"
      Command: [python, train.py, "Ref::data"]
      JobRoleArn: ${role.Arn}
      ResourceRequirements:
        - {Type: VCPU, Value: "4"}
        - {Type: MEMORY, Value: "16384"}
        - {Type: GPU, Value: "1"}
      Environment: [{Name: STAGE, Value: dev}]
    Parameters: {data: "s3://features/dev"}
"""
        ),
        samples={
            "Tags": [_TAGS, _OTHER_TAGS],
            "Type": ["container", "container"],
            "Parameters": [{"data": "a"}, {"data": "b"}],
            "PlatformCapabilities": [["EC2"], ["FARGATE"]],
            "**/ConsumableResource": [_LICENSE.format(name) for name in "ab"],
        },
        beside={
            "": _body,
            "ContainerProperties": lambda world, name: {"Memory": 2048, "Vcpus": 1},
        },
    ),
    Case(
        type="AWS::Batch::ComputeEnvironment",
        stack=_STACK,
        creating="CreateComputeEnvironment",
        absent="arn:aws:batch:us-east-1:123456789012:compute-environment/gone",
        minimal=lambda world: {"Type": "managed", "ComputeResources": serverless(world)},
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
        beside={"ComputeResources": lambda world, name: serverless(world)},
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
