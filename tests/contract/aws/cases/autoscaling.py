"""Cases of the types of EC2 Auto Scaling."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import AMI, Case
from tests.contract.aws.cases.elasticloadbalancingv2 import a_vpc, subnets
from tests.contract.aws.world import AwsWorld

_ROLE = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/a{0}"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:machines-{0}"
_TAGS = [
    {"Key": "owner", "Value": "ml", "PropagateAtLaunch": True},
    {"Key": "cost", "Value": "research", "PropagateAtLaunch": False},
]
_OTHER_TAGS = [
    {"Key": "owner", "Value": "ml", "PropagateAtLaunch": False},
    {"Key": "stage", "Value": "dev", "PropagateAtLaunch": True},
]
_HOOK = {
    "LifecycleHookName": "warm",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "HeartbeatTimeout": 60,
    "DefaultResult": "CONTINUE",
    "NotificationMetadata": "text",
    "NotificationTargetARN": _TOPIC.format("a"),
    "RoleARN": "arn:aws:iam::123456789012:role/hooks",
}
POLICY = "MixedInstancesPolicy"
_BOTH = {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120}


def template(world: AwsWorld, name: str = "a") -> dict[str, str]:
    """The identifier and the name of a launch template."""

    def make() -> dict[str, str]:
        made = world.aws.client("ec2").create_launch_template(
            LaunchTemplateName=f"machines-{name}",
            LaunchTemplateData={"ImageId": AMI, "InstanceType": "t3.micro"},
        )["LaunchTemplate"]
        return {"id": made["LaunchTemplateId"], "name": made["LaunchTemplateName"]}

    return dict(world.thing(f"scaled-template-{name}", make))


def launch_configuration(world: AwsWorld, name: str) -> str:
    """The name of a launch configuration, which came before templates."""

    def make() -> str:
        world.aws.client("autoscaling").create_launch_configuration(
            LaunchConfigurationName=f"old-{name}", ImageId=AMI, InstanceType="t3.micro"
        )
        return f"old-{name}"

    return str(world.thing(f"scaled-configuration-{name}", make))


def target_group(world: AwsWorld, name: str) -> str:
    """The ARN of a target group."""

    def make() -> str:
        made = world.aws.client("elbv2").create_target_group(
            Name=f"scaled-{name}", Protocol="HTTP", Port=80, VpcId=a_vpc(world)
        )
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    return str(world.thing(f"scaled-targets-{name}", make))


def balancer(world: AwsWorld, name: str) -> str:
    """The name of a classic load balancer."""

    def make() -> str:
        world.aws.client("elb").create_load_balancer(
            LoadBalancerName=f"classic-{name}",
            Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}],
            AvailabilityZones=["us-east-1a"],
        )
        return f"classic-{name}"

    return str(world.thing(f"scaled-balancer-{name}", make))


def started_from(world: AwsWorld, name: str = "a", version: str = "1") -> dict[str, Any]:
    """What machines start from."""
    return {"LaunchTemplateId": template(world, name)["id"], "Version": version}


def least_group(world: AwsWorld) -> dict[str, Any]:
    """A group without machines."""
    return {
        "MinSize": "0",
        "MaxSize": "3",
        "VPCZoneIdentifier": subnets(world, "a"),
        "LaunchTemplate": started_from(world),
    }


def _group(world: AwsWorld) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": "machines",
        "MinSize": "1",
        "MaxSize": "2",
        "DesiredCapacity": "1",
        "Cooldown": "60",
        "LaunchTemplate": started_from(world),
        "VPCZoneIdentifier": subnets(world, "a", "b"),
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 120,
        "PlacementGroup": "close",
        "TerminationPolicies": ["OldestInstance", "Default"],
        "NewInstancesProtectedFromScaleIn": False,
        "CapacityRebalance": True,
        "MaxInstanceLifetime": 86400,
        "DefaultInstanceWarmup": 30,
        "DesiredCapacityType": "units",
        "Context": "one",
        "ServiceLinkedRoleARN": _ROLE.format("a"),
        "InstanceMaintenancePolicy": _BOTH,
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-only"},
        "AvailabilityZoneImpairmentPolicy": {
            "ZonalShiftEnabled": True,
            "ImpairedZoneHealthCheckBehavior": "IgnoreUnhealthy",
        },
        "CapacityReservationSpecification": {"CapacityReservationPreference": "none"},
        "InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "retain"}},
        "DeletionProtection": "prevent-force-deletion",
        "TargetGroupARNs": [target_group(world, "a"), target_group(world, "b")],
        "LoadBalancerNames": [balancer(world, "a")],
        "MetricsCollection": [
            {"Granularity": "1Minute", "Metrics": ["GroupMinSize"]},
            {"Granularity": "1Minute", "Metrics": ["GroupMaxSize", "GroupMinSize"]},
        ],
        "LifecycleHookSpecificationList": [_HOOK],
        "NotificationConfigurations": [
            {
                "TopicARN": _TOPIC.format("a"),
                "NotificationTypes": ["autoscaling:EC2_INSTANCE_LAUNCH"],
            }
        ],
        "Tags": _TAGS,
    }


def _changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "MinSize": "0",
        "MaxSize": "4",
        "DesiredCapacity": "2",
        "Cooldown": "90",
        "LaunchTemplate": started_from(world, "b", "$Latest"),
        "VPCZoneIdentifier": subnets(world, "b", "c"),
        "HealthCheckType": "EC2,ELB",
        "HealthCheckGracePeriod": 0,
        "PlacementGroup": "apart",
        "TerminationPolicies": ["NewestInstance"],
        "NewInstancesProtectedFromScaleIn": True,
        "CapacityRebalance": False,
        "MaxInstanceLifetime": 90000,
        "DefaultInstanceWarmup": 0,
        "DesiredCapacityType": "vcpu",
        "Context": "two",
        "ServiceLinkedRoleARN": _ROLE.format("b"),
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110},
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
        "AvailabilityZoneImpairmentPolicy": {
            "ZonalShiftEnabled": False,
            "ImpairedZoneHealthCheckBehavior": "ReplaceUnhealthy",
        },
        "CapacityReservationSpecification": {
            "CapacityReservationPreference": "capacity-reservations-first",
            "CapacityReservationTarget": {"CapacityReservationIds": ["cr-0123456789abcdef0"]},
        },
        "InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "terminate"}},
        "DeletionProtection": "none",
        "TargetGroupARNs": [target_group(world, "c"), target_group(world, "b")],
        "LoadBalancerNames": [balancer(world, "b")],
        "MetricsCollection": [{"Granularity": "1Minute"}],
        "LifecycleHookSpecificationList": [
            {name: _HOOK[name] for name in ("LifecycleHookName", "LifecycleTransition")},
            {**_HOOK, "LifecycleHookName": "second"},
        ],
        "NotificationConfigurations": [
            {"TopicARN": _TOPIC.format("b"), "NotificationTypes": ["autoscaling:TEST_NOTIFICATION"]}
        ],
        "Tags": _OTHER_TAGS,
    }


_STACK = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
template:
  type: AWS::EC2::LaunchTemplate
  properties: {LaunchTemplateData: {ImageId: ami-12c6146b, InstanceType: t3.micro}}
machines:
  type: AWS::AutoScaling::AutoScalingGroup
  properties:
    MinSize: "1"
    MaxSize: "2"
    VPCZoneIdentifier: ["${net.SubnetId}"]
    LaunchTemplate:
      LaunchTemplateId: ${template.LaunchTemplateId}
      Version: ${template.LatestVersionNumber}
"""
_LAUNCHED = f"{POLICY}/LaunchTemplate"
_ENTRY = f"{_LAUNCHED}/Overrides/*"

CASES = (
    Case(
        type="AWS::AutoScaling::AutoScalingGroup",
        stack=_STACK,
        creating="CreateAutoScalingGroup",
        absent="gone",
        minimal=least_group,
        full=_group,
        changes=_changes,
        needed=frozenset({"LaunchTemplate", POLICY, "LaunchConfigurationName"}),
        elsewhere=frozenset({POLICY, "LaunchConfigurationName", "AvailabilityZones"}),
        attributes=frozenset({"AutoScalingGroupName", "AutoScalingGroupARN"}),
        samples={
            "Tags": [_TAGS, _OTHER_TAGS],
            "MinSize": ["0", "1"],
            "MaxSize": ["2", "4"],
            "DesiredCapacity": ["1", "0"],
            "Cooldown": ["60", "90"],
            "AvailabilityZones": [["us-east-1a"]] * 2,
            "VPCZoneIdentifier": lambda world: [subnets(world, "a"), subnets(world, "a", "b")],
            "LaunchConfigurationName": lambda world: [
                launch_configuration(world, name) for name in "ab"
            ],
            "**/LaunchTemplateId": lambda world: [template(world, name)["id"] for name in "ab"],
            "**/LaunchTemplateName": lambda world: [template(world, name)["name"] for name in "ab"],
            "**/Version": ["$Default", "$Latest"],
            "TargetGroupARNs": lambda world: [[target_group(world, name)] for name in "ab"],
            "LoadBalancerNames": lambda world: [[balancer(world, name)] for name in "ab"],
            "HealthCheckType": ["ELB", "VPC_LATTICE,ELB"],
            "TerminationPolicies": [["OldestInstance"], ["NewestInstance", "Default"]],
            "DesiredCapacityType": ["vcpu", "memory-mib"],
            "DefaultInstanceWarmup": [30, 60],
            "MaxInstanceLifetime": [86400, 90000],
            "ServiceLinkedRoleARN": [_ROLE.format(name) for name in "ab"],
            "InstanceMaintenancePolicy/MinHealthyPercentage": [90, 80],
            "InstanceMaintenancePolicy/MaxHealthyPercentage": [130, 110],
            f"{POLICY}/InstancesDistribution/SpotMaxPrice": ["0.5", "0.7"],
            f"{_ENTRY}/WeightedCapacity": ["1", "2"],
            f"{_ENTRY}/InstanceRequirements/AllowedInstanceTypes": [["m5.*"], ["g5.xlarge"]],
            f"{_ENTRY}/InstanceRequirements/ExcludedInstanceTypes": [["m5.*"], ["g5.xlarge"]],
            "NotificationConfigurations/*/TopicARN": [_TOPIC.format(name) for name in "ab"],
            "NotificationConfigurations/*/NotificationTypes": [
                ["autoscaling:EC2_INSTANCE_LAUNCH"],
                ["autoscaling:EC2_INSTANCE_TERMINATE"],
            ],
            "LifecycleHookSpecificationList/*/HeartbeatTimeout": [60, 90],
            "MetricsCollection/*/Metrics": [["GroupMinSize"], ["GroupMaxSize", "GroupMinSize"]],
        },
        beside={
            "InstanceMaintenancePolicy": lambda world, name: _BOTH,
            _LAUNCHED: lambda world, name: {"LaunchTemplateSpecification": started_from(world)},
        },
    ),
)
