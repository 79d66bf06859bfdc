"""Machines that are launched with network interfaces, or from a launch template."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.model.plan import Action
from gitbot.model.schema import ReplaceOrder
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

INSTANCE = "AWS::EC2::Instance"
SIZE: dict[str, Any] = {"ImageId": AMI, "InstanceType": "t3.micro"}


def group(world: AwsWorld, name: str) -> str:
    made = world.aws.client("ec2").create_security_group(GroupName=name, Description=name)
    return str(made["GroupId"])


def subnets(world: AwsWorld) -> list[str]:
    return [str(one["SubnetId"]) for one in world.aws.client("ec2").describe_subnets()["Subnets"]]


def spec(*interfaces: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"DeviceIndex": str(number), **one} for number, one in enumerate(interfaces)]
    return {**SIZE, "NetworkInterfaces": listed, **more}


def attached(world: AwsWorld, life: Life) -> list[dict[str, Any]]:
    found = world.aws.client("ec2").describe_instances(InstanceIds=[life.remote_id])
    listed: list[dict[str, Any]] = found["Reservations"][0]["Instances"][0]["NetworkInterfaces"]
    return sorted(listed, key=lambda one: one["Attachment"]["DeviceIndex"])


def test_what_may_change_of_an_interface_changes_in_place(world: AwsWorld) -> None:
    first, second = group(world, "first"), group(world, "second")
    place = {"SubnetId": subnets(world)[0], "AssociatePublicIpAddress": True}
    life = Life(world, INSTANCE)
    life.apply(spec({**place, "GroupSet": [first], "Description": "front"}))
    made, [before] = life.remote_id, attached(world, life)
    assert before["Description"] == "front"
    assert before["Association"]["PublicIp"]

    more = {"GroupSet": [second, first], "Description": "back", "DeleteOnTermination": False}
    change = life.apply(spec({**place, **more}))
    [after] = attached(world, life)
    assert (change.action, life.remote_id) == (Action.UPDATE, made)
    assert after["NetworkInterfaceId"] == before["NetworkInterfaceId"]
    assert {one["GroupId"] for one in after["Groups"]} == {first, second}
    assert after["Attachment"]["DeleteOnTermination"] is False
    assert life.plan(spec({**place, **more})).empty


def test_what_somebody_changed_of_an_interface_is_drift(world: AwsWorld) -> None:
    ours, theirs = group(world, "ours"), group(world, "theirs")
    wanted = spec({"SubnetId": subnets(world)[0], "GroupSet": [ours]})
    life = Life(world, INSTANCE)
    life.apply(wanted)
    [interface] = attached(world, life)
    world.aws.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=interface["NetworkInterfaceId"], Groups=[theirs]
    )
    change = life.apply(wanted)
    assert {path.path for path in change.paths} == {"/NetworkInterfaces/0/GroupSet/0"}
    assert [one["GroupId"] for one in attached(world, life)[0]["Groups"]] == [ours]


def test_an_interface_that_others_attached_is_theirs(world: AwsWorld) -> None:
    subnet = subnets(world)[0]
    wanted = spec({"SubnetId": subnet})
    life = Life(world, INSTANCE)
    life.apply(wanted)
    ec2 = world.aws.client("ec2")
    other = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    ec2.attach_network_interface(
        NetworkInterfaceId=other["NetworkInterfaceId"], InstanceId=life.remote_id, DeviceIndex=1
    )
    assert len(attached(world, life)) == 2
    assert life.plan(wanted).empty


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"SubnetId": 1}, id="another subnet"),
        pytest.param({"AssociatePublicIpAddress": True}, id="a public address"),
    ],
)
def test_another_place_is_another_machine(world: AwsWorld, change: dict[str, Any]) -> None:
    places = subnets(world)
    life = Life(world, INSTANCE)
    life.apply(spec({"SubnetId": places[0]}))
    changed = {name: places[one] if name == "SubnetId" else one for name, one in change.items()}
    found = life.change(spec({"SubnetId": places[0], **changed}))
    assert (found.action, found.replace_order) == (Action.REPLACE, ReplaceOrder.CREATE_FIRST)


def test_a_machine_with_an_interface_that_exists_gives_it_up_first(world: AwsWorld) -> None:
    made = world.aws.client("ec2").create_network_interface(SubnetId=subnets(world)[0])
    interface = {"NetworkInterfaceId": made["NetworkInterface"]["NetworkInterfaceId"]}
    life = Life(world, INSTANCE)
    life.apply(spec(interface))
    assert attached(world, life)[0]["NetworkInterfaceId"] == interface["NetworkInterfaceId"]
    found = life.change(spec(interface, KeyName="other"))
    assert (found.action, found.replace_order) == (Action.REPLACE, ReplaceOrder.DELETE_FIRST)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SubnetId": "subnet-0123456789abcdef0"},
        {"SecurityGroupIds": ["sg-0123456789abcdef0"]},
        {"PrivateIpAddress": "10.0.0.4"},
    ],
    ids=str,
)
def test_a_machine_says_in_one_way_where_it_is(world: AwsWorld, wrong: dict[str, Any]) -> None:
    interface = {"SubnetId": subnets(world)[0]}
    with pytest.raises(RefusedError):
        Life(world, INSTANCE).plan(spec(interface, **wrong))
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        world.aws.client("ec2").run_instances(
            **SIZE,
            **wrong,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, **interface}],
        )


def test_a_machine_of_a_launch_template_is_what_the_template_says(world: AwsWorld) -> None:
    ec2 = world.aws.client("ec2")
    data = {"ImageId": AMI, "InstanceType": "t3.large"}
    template = ec2.create_launch_template(LaunchTemplateName="trainers", LaunchTemplateData=data)
    named = {"LaunchTemplateId": template["LaunchTemplate"]["LaunchTemplateId"]}
    life = Life(world, INSTANCE)
    life.apply({"LaunchTemplate": {**named, "Version": "1"}})
    seen = world.properties(INSTANCE, life.remote_id)  # type: ignore[arg-type]
    assert seen["InstanceType"] == "t3.large"
    ec2.create_launch_template_version(**named, LaunchTemplateData=data)
    found = life.change({"LaunchTemplate": {**named, "Version": "2"}})
    assert found.action is Action.REPLACE
