"""What only Auto Scaling groups do: their machines, what these start from, and how a group goes."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.providers.aws.types.autoscaling.auto_scaling_group import _ready as is_ready
from tests.contract.aws.cases.autoscaling import (
    POLICY,
    launch_configuration,
    least_group,
    started_from,
)
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.cases.elasticloadbalancingv2 import subnets
from tests.contract.aws.world import AwsWorld

GROUP = "AWS::AutoScaling::AutoScalingGroup"


def group(world: AwsWorld, **more: Any) -> dict[str, Any]:
    """A spec of a group with two machines."""
    return {**least_group(world), "AutoScalingGroupName": "machines", "MinSize": "2", **more}


def machines(world: AwsWorld) -> dict[str, dict[str, str]]:
    """The machines that run, with their tags but AWS's own."""
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    answer = world.aws.client("ec2").describe_instances(Filters=running)
    return {
        one["InstanceId"]: {
            tag["Key"]: tag["Value"] for tag in one["Tags"] if not tag["Key"].startswith("aws:")
        }
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
    }


def test_machines_get_the_tags_that_say_so_and_not_those_of_gitbot(world: AwsWorld) -> None:
    """The kind: a machine that carries gitbot's tags is taken for one that gitbot manages."""
    tags = [
        {"Key": "on", "Value": "machines", "PropagateAtLaunch": True},
        {"Key": "on-group", "Value": "alone", "PropagateAtLaunch": False},
        {"Key": "label", "Value": "of the stack"},
    ]
    world.create(GROUP, group(world, Tags=tags))
    wanted = {"on": "machines", "label": "of the stack"}
    assert list(machines(world).values()) == [wanted] * 2


def test_what_a_tag_says_of_machines_is_changed_alone_and_changed_back(world: AwsWorld) -> None:
    on, off = (
        [{"Key": "owner", "Value": "ml", "PropagateAtLaunch": which}] for which in (True, False)
    )
    remote_id = world.create(GROUP, least_group(world) | {"Tags": on})
    changes = world.differences(GROUP, remote_id, {"Tags": off})
    assert [(one.path, one.after) for one in changes] == [("/Tags/owner/PropagateAtLaunch", False)]
    world.update(GROUP, remote_id, {"Tags": on}, {"Tags": off})
    assert world.differences(GROUP, remote_id, {"Tags": off}) == ()


def test_what_machines_start_from_is_changed_in_place(world: AwsWorld) -> None:
    rest = {name: value for name, value in group(world).items() if name != "LaunchTemplate"}
    template = {"LaunchTemplate": started_from(world, "b", "$Latest")}
    own = {"LaunchTemplateSpecification": started_from(world)}
    entry = [{"InstanceType": "m5.large"}, {"InstanceType": "g5.xlarge", "WeightedCapacity": "2"}]
    spread = {"OnDemandBaseCapacity": 1, "SpotAllocationStrategy": "capacity-optimized"}
    steps: list[dict[str, Any]] = [
        {POLICY: {"LaunchTemplate": own, "InstancesDistribution": spread}},
        {"LaunchConfigurationName": launch_configuration(world, "a")},
        {POLICY: {"LaunchTemplate": {**own, "Overrides": entry}}},
        {POLICY: {"LaunchTemplate": own}},
        template,
    ]
    spec = {**rest, "LaunchTemplate": started_from(world)}
    remote_id = world.create(GROUP, spec)
    for step in steps:
        world.update(GROUP, remote_id, spec, {**rest, **step})
        spec = {**rest, **step}
        assert world.differences(GROUP, remote_id, spec) == ()
        observed = world.properties(GROUP, remote_id)
        assert {"LaunchTemplate", POLICY, "LaunchConfigurationName"} & set(observed) == set(step)
    [whole] = world.aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert whole["LaunchTemplate"]["LaunchTemplateName"] == "machines-b"


def test_the_zones_are_those_of_the_subnets(world: AwsWorld) -> None:
    spec = group(world, MinSize="0", AvailabilityZones=["us-east-1a"])
    remote_id = world.create(GROUP, spec)
    other = {**spec, "VPCZoneIdentifier": subnets(world, "b"), "AvailabilityZones": ["us-east-1b"]}
    world.update(GROUP, remote_id, spec, other)
    assert world.differences(GROUP, remote_id, other) == ()


def test_a_group_goes_with_its_machines(world: AwsWorld) -> None:
    spec = group(world)
    remote_id = world.create(GROUP, spec)
    assert len(machines(world)) == 2
    world.aws.forget_calls()
    world.cloud.delete(world.operation(GROUP, spec), remote_id)
    assert machines(world) == {}
    assert world.is_absent(GROUP, remote_id)
    writes = [one.operation for one in world.aws.calls if not one.operation.startswith("Describe")]
    assert writes == ["UpdateAutoScalingGroup", "DeleteAutoScalingGroup"]


def test_the_root_disks_of_machines_go_with_them(world: AwsWorld) -> None:
    """The kind: disks that nobody uses, and that somebody pays for."""
    ec2 = world.aws.client("ec2")
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 9, "DeleteOnTermination": True}}
    data = {"ImageId": AMI, "InstanceType": "t3.micro", "BlockDeviceMappings": [disk]}
    made = ec2.create_launch_template(LaunchTemplateName="with-a-disk", LaunchTemplateData=data)
    own = made["LaunchTemplate"]["LaunchTemplateId"]
    before = {one["VolumeId"] for one in ec2.describe_volumes()["Volumes"]}
    spec = group(world, LaunchTemplate={"LaunchTemplateId": own, "Version": "1"})
    remote_id = world.create(GROUP, spec)
    made_now = [one for one in ec2.describe_volumes()["Volumes"] if one["VolumeId"] not in before]
    assert [one["Size"] for one in made_now] == [9, 9]
    world.cloud.delete(world.operation(GROUP, spec), remote_id)
    assert {one["VolumeId"] for one in ec2.describe_volumes()["Volumes"]} == before


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        (
            {"DeletionProtection": "prevent-all-deletion"},
            "protected against deletion and was left as it is. Set `DeletionProtection: none`",
        ),
        ({"NewInstancesProtectedFromScaleIn": True}, "is protected from scale-in"),
    ],
)
def test_a_group_that_is_protected_keeps_all_its_machines(
    world: AwsWorld, more: dict[str, Any], refused: str
) -> None:
    """The kind: a deletion that is refused after it has terminated what it could."""
    spec = group(world, **more)
    remote_id = world.create(GROUP, spec)
    with pytest.raises(CloudError, match=refused):
        world.cloud.delete(world.operation(GROUP, spec), remote_id)
    assert len(machines(world)) == 2
    assert world.differences(GROUP, remote_id, spec) == ()


def test_gitbot_leaves_a_size_to_whoever_scales_the_group(world: AwsWorld) -> None:
    spec = group(world)
    remote_id = world.create(GROUP, spec)
    world.aws.client("autoscaling").set_desired_capacity(
        AutoScalingGroupName=remote_id, DesiredCapacity=3
    )
    assert world.differences(GROUP, remote_id, spec) == ()
    assert world.differences(GROUP, remote_id, {**spec, "DesiredCapacity": "2"}) != ()


RUNS, STARTS = {"LifecycleState": "InService"}, {"LifecycleState": "Pending"}


@pytest.mark.parametrize(
    ("one", "ready"),
    [
        ({"MinSize": 0}, True),
        ({"MinSize": 1, "Instances": [STARTS]}, False),
        ({"MinSize": 2, "Instances": [RUNS, STARTS]}, False),
        ({"MinSize": 2, "Instances": [{**RUNS, "WeightedCapacity": "2"}]}, True),
        ({"MinSize": 8, "Instances": [RUNS], "DesiredCapacityType": "vcpu"}, True),
        ({"MinSize": 8, "Instances": [STARTS], "DesiredCapacityType": "vcpu"}, False),
        ({"MinSize": 1, "SuspendedProcesses": [{"ProcessName": "Launch"}]}, True),
    ],
)
def test_a_group_is_ready_once_enough_machines_are_in_service(
    one: dict[str, Any], ready: bool
) -> None:
    assert is_ready(one) is ready
