"""Cases of the types of ECS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.ec2_network import group, subnet, vpc
from tests.contract.aws.cases.stacks import role_of
from tests.contract.aws.world import AwsWorld

_FARGATE = ["FARGATE", "FARGATE_SPOT"]


def _cluster(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """A strategy may name only providers of the cluster."""
    return {"CapacityProviders": _FARGATE} if name == "DefaultCapacityProviderStrategy" else {}


def _logging(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """Only OVERRIDE has a place of its own for the log, and it must have one."""
    return {"Logging": "OVERRIDE"} if name == "LogConfiguration" else {}


_ROLE = "arn:aws:iam::123456789012:role/ml/runner"
_CONTAINER = {"Name": "app", "Image": "nginx:1.27", "Memory": 512}


def _definition(world: AwsWorld) -> dict[str, Any]:
    """A spec of tasks with something of each kind."""
    return {
        "Family": "training",
        "Cpu": "1 vCPU",
        "Memory": "2048",
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
        "TaskRoleArn": _ROLE,
        "ExecutionRoleArn": _ROLE,
        "EphemeralStorage": {"SizeInGiB": 30},
        "EnableFaultInjection": True,
        "PidMode": "task",
        "Volumes": [
            {
                "Name": "data",
                "EFSVolumeConfiguration": {
                    "FilesystemId": "fs-0123456789abcdef0",
                    "TransitEncryption": "ENABLED",
                    "AuthorizationConfig": {"IAM": "ENABLED"},
                },
            },
            {"Name": "scratch"},
        ],
        "ContainerDefinitions": [
            {
                **_CONTAINER,
                "PortMappings": [{"ContainerPort": 8080, "Name": "http", "AppProtocol": "http"}],
                "Environment": [{"Name": "B", "Value": "2"}, {"Name": "A", "Value": "1"}],
                "Secrets": [{"Name": "KEY", "ValueFrom": "arn:aws:ssm:us-east-1:1:parameter/k"}],
                "MountPoints": [{"SourceVolume": "data", "ContainerPath": "/data"}],
                "DockerLabels": {"my.own/Label": "x"},
                "LogConfiguration": {
                    "LogDriver": "awslogs",
                    "Options": {"awslogs-group": "g", "awslogs-region": "us-east-1"},
                },
                "LinuxParameters": {"InitProcessEnabled": True},
                "HealthCheck": {"Command": ["CMD-SHELL", "true"], "Interval": 30},
                "Ulimits": [{"Name": "nofile", "SoftLimit": 1024, "HardLimit": 4096}],
                "DependsOn": [{"ContainerName": "init", "Condition": "SUCCESS"}],
            },
            {"Name": "init", "Image": "busybox", "Essential": False, "Command": ["b", "a"]},
        ],
        "Tags": TAGS,
    }


def _cluster_of(world: AwsWorld) -> str:
    """A cluster with the providers of Fargate."""

    def make() -> str:
        world.aws.client("ecs").create_cluster(clusterName="serving", capacityProviders=_FARGATE)
        return "serving"

    return str(world.thing("ecs-cluster", make))


def _revision(world: AwsWorld, name: str, mode: str = "awsvpc") -> str:
    """The ARN of a task definition."""

    def make() -> str:
        container = {"name": "app", "image": "nginx", "memory": 512}
        made = world.aws.client("ecs").register_task_definition(
            family=name, networkMode=mode, containerDefinitions=[container]
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    return str(world.thing(f"revision-{name}-{mode}", make))


def _network(world: AwsWorld, name: str) -> dict[str, Any]:
    """Where tasks run: in a subnet of a network with a group."""

    def make() -> dict[str, Any]:
        vpc_id = vpc(world)
        inner = {"Subnets": [subnet(world, vpc_id)], "SecurityGroups": [group(world, vpc_id, "t")]}
        return {"AwsvpcConfiguration": {**inner, "AssignPublicIp": "DISABLED"}}

    return dict(world.thing(f"network-{name}", make))


def _service(world: AwsWorld) -> dict[str, Any]:
    """A spec of a service with something of each kind."""
    return {
        "ServiceName": "web",
        "Cluster": _cluster_of(world),
        "TaskDefinition": _revision(world, "web"),
        "DesiredCount": 2,
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
        "PlatformVersion": "1.4.0",
        "SchedulingStrategy": "REPLICA",
        "DeploymentConfiguration": {
            "MaximumPercent": 200,
            "MinimumHealthyPercent": 50,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        },
        "NetworkConfiguration": _network(world, "a"),
        "LoadBalancers": [
            {"TargetGroupArn": _TARGETS.format("a"), "ContainerName": "app", "ContainerPort": 80}
        ],
        "ServiceRegistries": [{"RegistryArn": _REGISTRY.format("a")}],
        "HealthCheckGracePeriodSeconds": 30,
        "PlacementConstraints": [{"Type": "distinctInstance"}],
        "PlacementStrategies": [{"Type": "spread", "Field": "instanceId"}],
        "PropagateTags": "SERVICE",
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": True,
        "AvailabilityZoneRebalancing": "ENABLED",
        "ServiceConnectConfiguration": {"Enabled": True, "Namespace": "ml"},
        "VolumeConfigurations": [
            {"Name": "data", "ManagedEBSVolume": {"RoleArn": _ROLE, "SizeInGiB": 10}}
        ],
        "Tags": TAGS,
    }


def _service_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "TaskDefinition": _revision(world, "other"),
        "DesiredCount": 3,
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 2, "Base": 1}],
        "PlatformVersion": "LATEST",
        "DeploymentConfiguration": {"MaximumPercent": 150, "MinimumHealthyPercent": 100},
        "NetworkConfiguration": _network(world, "b"),
        "LoadBalancers": [
            {"TargetGroupArn": _TARGETS.format("b"), "ContainerName": "app", "ContainerPort": 81}
        ],
        "ServiceRegistries": [{"RegistryArn": _REGISTRY.format("b")}],
        "HealthCheckGracePeriodSeconds": 60,
        "PlacementConstraints": [{"Type": "memberOf", "Expression": "task:group == x"}],
        "PlacementStrategies": [{"Type": "binpack", "Field": "memory"}],
        "PropagateTags": "TASK_DEFINITION",
        "EnableECSManagedTags": False,
        "EnableExecuteCommand": False,
        "AvailabilityZoneRebalancing": "DISABLED",
        "ServiceConnectConfiguration": {"Enabled": True, "Namespace": "other"},
        "VolumeConfigurations": [
            {"Name": "data", "ManagedEBSVolume": {"RoleArn": _ROLE, "SizeInGiB": 20}}
        ],
        "Tags": OTHER_TAGS,
    }


_TARGETS = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{0}/0123456789abcdef"
_REGISTRY = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-{0}"

_TASKS = (
    role_of("ecs-tasks")
    + """\
task:
  type: AWS::ECS::TaskDefinition
  properties:
    Cpu: "256"
    Memory: "512"
    NetworkMode: awsvpc
    RequiresCompatibilities: [FARGATE]
    ExecutionRoleArn: ${role.Arn}
    ContainerDefinitions:
      - Name: app
        Image: nginx:1.27
        PortMappings: [{ContainerPort: 80}]
"""
)

_SERVICE = (
    _TASKS
    + """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
cluster: {type: AWS::ECS::Cluster}
web:
  type: AWS::ECS::Service
  properties:
    Cluster: ${cluster.ClusterName}
    TaskDefinition: ${task.TaskDefinitionArn}
    LaunchType: FARGATE
    DesiredCount: 2
    NetworkConfiguration: {AwsvpcConfiguration: {Subnets: ["${net.SubnetId}"]}}
"""
)

CASES = (
    Case(
        type="AWS::ECS::Service",
        stack=_SERVICE,
        creating="CreateService",
        absent="arn:aws:ecs:us-east-1:123456789012:service/serving/gone|serving",
        minimal=lambda world: {
            "Cluster": _cluster_of(world),
            "TaskDefinition": _revision(world, "least", "bridge"),
        },
        full=_service,
        changes=_service_changes,
        attributes=frozenset({"ServiceArn", "Name", "Cluster"}),
        elsewhere=frozenset({"DeploymentController"}),
        samples={
            "Cluster": ["serving", "other"],
            "TaskDefinition": lambda world: [_revision(world, name, "bridge") for name in "ab"],
            "NetworkConfiguration/AwsvpcConfiguration/Subnets": lambda world: [
                _network(world, name)["AwsvpcConfiguration"]["Subnets"] for name in "ab"
            ],
            "NetworkConfiguration/AwsvpcConfiguration/SecurityGroups": lambda world: [
                _network(world, name)["AwsvpcConfiguration"]["SecurityGroups"] for name in "ab"
            ],
            "CapacityProviderStrategy/*/CapacityProvider": _FARGATE,
        },
    ),
    Case(
        type="AWS::ECS::TaskDefinition",
        stack=_TASKS,
        creating="RegisterTaskDefinition",
        absent="arn:aws:ecs:us-east-1:123456789012:task-definition/gone:1",
        minimal=lambda world: {"ContainerDefinitions": [_CONTAINER]},
        full=_definition,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"TaskDefinitionArn"}),
        samples={
            "RequiresCompatibilities": [["EC2"], ["EXTERNAL"]],
        },
        beside={"ContainerDefinitions/*": lambda world, name: {"Memory": 512}},
    ),
    Case(
        type="AWS::ECS::Cluster",
        creating="CreateCluster",
        absent="gone",
        minimal=lambda world: {},
        full=lambda world: {
            "ClusterName": "training",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}},
            "ServiceConnectDefaults": {"Namespace": "training"},
            "CapacityProviders": ["FARGATE"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "DEFAULT"}},
            "ServiceConnectDefaults": {"Namespace": "serving"},
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 2}],
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn", "ClusterName"}),
        stack="""\
cluster:
  type: AWS::ECS::Cluster
  properties: {CapacityProviders: [FARGATE_SPOT]}
""",
        samples={
            "CapacityProviders": [["FARGATE"], ["FARGATE_SPOT"]],
            "DefaultCapacityProviderStrategy/*/CapacityProvider": _FARGATE,
            "ClusterSettings/*/Name": ["containerInsights", "containerInsights"],
            "ClusterSettings/*/Value": ["enabled", "disabled"],
            "Configuration/ExecuteCommandConfiguration/Logging": ["NONE", "DEFAULT"],
        },
        beside={"": _cluster, "Configuration/ExecuteCommandConfiguration": _logging},
    ),
)
