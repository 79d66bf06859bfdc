"""Tests for what only instances have: waiting, stopping and starting, protection, bulk reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from moto.ec2.models.elastic_block_store import VolumeModification

from gitbot.errors import CloudError
from gitbot.language.keywords import validator_of
from gitbot.model.cloud import Power
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Making, Present, ReadRequest
from gitbot.model.schema import Route
from gitbot.providers.aws import waiting
from gitbot.providers.aws.passing import Passing, Stage
from gitbot.providers.aws.refusals import passing
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import AMI, encoded
from tests.contract.aws.cases.ec2 import instance
from tests.contract.aws.world import AwsWorld

INSTANCE = "AWS::EC2::Instance"
SPEC: dict[str, Any] = {"ImageId": AMI, "InstanceType": "t3.micro"}
LARGE: dict[str, Any] = {**SPEC, "InstanceType": "t3.large"}


def state(world: AwsWorld, remote_id: RemoteId) -> str:
    return str(world.properties(INSTANCE, remote_id)["State"]["Name"])


def operations(world: AwsWorld) -> list[str]:
    return [call.operation for call in world.aws.calls if call.operation != "DescribeInstances"]


def test_settling_waits_until_the_instance_runs(world: AwsWorld) -> None:
    world.aws.hold_instances(pending=2)
    operation = world.operation(INSTANCE, SPEC)
    remote_id = world.cloud.create(operation)
    assert state(world, remote_id) == "pending"
    world.cloud.settle(operation, remote_id)
    assert state(world, remote_id) == "running"


def test_waiting_ends_at_the_deadline_and_says_what_for(world: AwsWorld) -> None:
    world.aws.hold_instances(pending=1000)
    operation = world.operation(INSTANCE, SPEC, within_s=0.5)
    remote_id = world.cloud.create(operation)
    with pytest.raises(CloudError, match=f"waiting for instance {remote_id} to run") as late:
        world.cloud.settle(operation, remote_id)
    assert late.value.code == "Timeout"


def test_the_error_for_an_instance_that_dies_at_start_gives_the_reason(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    remote_id = world.cloud.create(operation)
    world.aws.client("ec2").terminate_instances(InstanceIds=[remote_id])
    with pytest.raises(CloudError, match="terminated while it started"):
        world.cloud.settle(operation, remote_id)


def test_deleting_waits_until_the_instance_is_terminated(world: AwsWorld) -> None:
    remote_id = world.create(INSTANCE, SPEC)
    world.aws.hold_instances(shutting_down=2)
    world.cloud.delete(world.operation(INSTANCE, SPEC), remote_id)
    [reservation] = world.aws.client("ec2").describe_instances(InstanceIds=[remote_id])[
        "Reservations"
    ]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"


def test_a_terminated_instance_is_not_found_by_its_token(
    world: AwsWorld,
) -> None:
    remote_id = world.create(INSTANCE, SPEC)
    operation = world.operation(INSTANCE, SPEC)
    world.cloud.delete(operation, remote_id)
    assert world.cloud.find(operation) is None


def test_power_can_be_read_and_switched_and_switching_twice_is_no_error(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    remote_id = world.create(INSTANCE, SPEC)
    world.aws.hold_instances(pending=2, stopping=2)
    assert world.cloud.power(operation, remote_id) is Power.RUNNING
    for _ in range(2):
        world.cloud.stop(operation, remote_id)
        assert world.cloud.power(operation, remote_id) is Power.STOPPED
    for _ in range(2):
        world.cloud.start(operation, remote_id)
        assert world.cloud.power(operation, remote_id) is Power.RUNNING


def test_an_instance_that_is_starting_or_stopping_is_switched_after_that(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    client = world.aws.client("ec2")
    world.aws.hold_instances(pending=2, stopping=2)
    remote_id = world.cloud.create(operation)
    assert world.cloud.power(operation, remote_id) is Power.STARTING
    world.cloud.stop(operation, remote_id)
    client.start_instances(InstanceIds=[remote_id])
    world.cloud.settle(operation, remote_id)
    client.stop_instances(InstanceIds=[remote_id])
    assert world.cloud.power(operation, remote_id) is Power.STOPPING
    world.cloud.start(operation, remote_id)
    assert state(world, remote_id) == "running"


def test_objects_that_are_gone_or_cannot_be_switched_have_no_power(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    remote_id = world.create(INSTANCE, SPEC)
    world.cloud.delete(operation, remote_id)
    assert world.cloud.power(operation, remote_id) is None
    group = world.operation("AWS::EC2::SecurityGroup", {"GroupDescription": "x"})
    assert world.cloud.power(group, world.cloud.create(group)) is None
    with pytest.raises(CloudError, match="cannot be stopped or started"):
        world.cloud.stop(group, RemoteId("sg-1"))


def test_changing_the_type_of_a_running_instance_is_refused(world: AwsWorld) -> None:
    remote_id = world.create(INSTANCE, SPEC)
    operation = world.operation(INSTANCE, LARGE, changed=frozenset({"InstanceType"}))
    with pytest.raises(CloudError) as refused:
        world.cloud.update(operation, remote_id)
    assert refused.value.code == "IncorrectInstanceState"
    world.cloud.stop(operation, remote_id)
    world.cloud.update(operation, remote_id)
    assert world.differences(INSTANCE, remote_id, LARGE) == ()


def test_the_same_request_token_starts_no_second_instance(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    assert world.cloud.create(operation) == world.cloud.create(operation)
    other = world.operation(INSTANCE, SPEC, token="other", request_token="other")
    assert world.cloud.create(other) != world.cloud.create(operation)


def test_type_and_user_data_change_in_one_stop(world: AwsWorld) -> None:
    before = {**SPEC, "UserData": encoded("one")}
    after = {**LARGE, "UserData": encoded("two")}
    remote_id = world.create(INSTANCE, before)
    world.aws.forget_calls()
    world.update(INSTANCE, remote_id, before, after)
    assert operations(world).count("StopInstances") == 1
    assert world.differences(INSTANCE, remote_id, after) == ()


def test_a_volume_grows_in_place_and_never_shrinks(world: AwsWorld) -> None:
    def disk(size: int) -> dict[str, Any]:
        return {
            **SPEC,
            "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": size}}],
        }

    remote_id = world.create(INSTANCE, disk(50))
    world.aws.forget_calls()
    world.update(INSTANCE, remote_id, disk(50), disk(80))
    assert "StopInstances" not in operations(world)
    assert world.differences(INSTANCE, remote_id, disk(80)) == ()
    with pytest.raises(CloudError, match="80 GiB and cannot shrink to 60"):
        world.update(INSTANCE, remote_id, disk(80), disk(60))


def test_resuming_an_update_waits_for_a_volume_that_is_being_modified(
    world: AwsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk(size: int) -> dict[str, Any]:
        ebs = {"VolumeSize": size}
        return {**SPEC, "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": ebs}]}

    remote_id = world.create(INSTANCE, disk(50))
    world.update(INSTANCE, remote_id, disk(50), disk(80))
    # As if the process had died after ModifyVolume: moto itself ends every modification at once.
    states = ["modifying", "modifying", "optimizing"]
    told = property(lambda _: states.pop(0) if len(states) > 1 else states[0])
    monkeypatch.setattr(VolumeModification, "modification_state", told)
    changed = frozenset({"BlockDeviceMappings"})
    world.cloud.resume(world.operation(INSTANCE, disk(80), changed=changed), remote_id)
    assert states == ["optimizing"]
    assert world.differences(INSTANCE, remote_id, disk(80)) == ()


def test_another_device_replaces_the_instance(world: AwsWorld) -> None:
    remote_id = world.create(INSTANCE, SPEC)
    wanted = {
        **SPEC,
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 10}}],
    }
    assert [path.forces for path in world.differences(INSTANCE, remote_id, wanted)] == [True]


XVDA, EITHER = "ami-760aaa0f", ["/dev/sda1", "/dev/xvda"]


@pytest.mark.parametrize(
    ("image", "devices", "calls"),
    [
        pytest.param(AMI, ["/dev/sda1"], 1, id="the image's own"),
        pytest.param(XVDA, ["/dev/xvda", "/dev/sdf"], 1, id="the image's own beside another"),
        pytest.param(XVDA, EITHER, 1, id="a second one beside it"),
        pytest.param(XVDA, ["/dev/sdf"], 1, id="no root disk is meant"),
        pytest.param(XVDA, [], 1, id="no disk is declared"),
        pytest.param(None, EITHER, 0, id="the image is not known yet"),
    ],
)
def test_nothing_is_said_against_disks_that_become_what_is_meant(
    world: AwsWorld, image: str | None, devices: list[str], calls: int
) -> None:
    world.aws.forget_calls()
    assert world.cloud.objections([making(image, devices)]) == []
    assert [call.operation for call in world.aws.calls] == ["DescribeImages"] * calls


@pytest.mark.parametrize(
    ("image", "device", "root"),
    [
        pytest.param(XVDA, "/dev/sda1", "/dev/xvda", id="an image of Amazon Linux"),
        pytest.param(AMI, "/dev/xvda", "/dev/sda1", id="an image of Ubuntu"),
        pytest.param("ami-0a1b2c3d4e5f60718", "/dev/xvda", "/dev/sda1", id="of the examples"),
    ],
)
def test_a_root_disk_by_another_name_than_the_images_is_objected_to(
    world: AwsWorld, image: str, device: str, root: str
) -> None:
    """EC2 takes it for one more disk. The kind: a valid spec whose meaning the cloud decides."""
    others = [making(image, [root]), making(AMI, [])]
    [objection] = world.cloud.objections([*others, making(image, [device, "/dev/sdf"], "it")])
    assert objection.address == "it"
    assert f"{image} is called `{root}`" in objection.why
    assert f"has `{device}`." in objection.why
    assert f"`DeviceName: {root}`" in objection.fix


def making(image: str | None, devices: list[str], address: str = "other") -> Making:
    mappings = [{"DeviceName": name, "Ebs": {"VolumeSize": 9}} for name in devices]
    return Making(
        address=Address(address),
        type=INSTANCE,
        route=Route.NATIVE,
        properties={"ImageId": image, "BlockDeviceMappings": mappings},
    )


@pytest.mark.parametrize(
    ("type_", "changed", "fix"),
    [
        pytest.param("g4dn.xlrage", None, "`g4dn.xlarge`", id="two letters swapped"),
        pytest.param("g4nd.xlarge", frozenset({"InstanceType"}), "`g4dn.xlarge`", id="a change"),
        pytest.param("a hundred GPUs, please", None, "Choose one", id="nothing like it"),
    ],
)
def test_a_type_that_the_region_does_not_have_is_objected_to(
    world: AwsWorld, type_: str, changed: frozenset[str] | None, fix: str
) -> None:
    """EC2 would refuse it at the launch only, or once the machine is stopped for the change."""
    asked = [of_type("it", type_, changed), of_type("other", "t3.micro", None)]
    [objection] = world.cloud.objections(asked)
    assert objection.address == "it"
    assert f"us-east-1 has no instance type `{type_}`" in objection.why
    assert fix in objection.fix


def test_a_type_that_stays_or_is_not_known_yet_is_not_asked_about(world: AwsWorld) -> None:
    world.aws.forget_calls()
    asked = [
        of_type("a", "gone.large", frozenset({"Tags"})),
        of_type("b", None, frozenset({"InstanceType"})),
    ]
    assert world.cloud.objections(asked) == []
    assert list(world.aws.calls) == []


def of_type(address: str, type_: str | None, changed: frozenset[str] | None) -> Making:
    return Making(
        address=Address(address),
        type=INSTANCE,
        route=Route.NATIVE,
        properties={"ImageId": AMI, "InstanceType": type_},
        changed=changed,
    )


def test_a_protected_instance_is_left_alone_and_the_message_says_what_to_do(
    world: AwsWorld,
) -> None:
    spec = {**SPEC, "DisableApiTermination": True}
    remote_id = world.create(INSTANCE, spec)
    with pytest.raises(CloudError, match="DisableApiTermination: false"):
        world.cloud.delete(world.operation(INSTANCE, spec), remote_id)
    assert state(world, remote_id) == "running"


def test_a_profile_can_be_replaced_and_removed(world: AwsWorld) -> None:
    before = instance(world)
    iam, ec2 = world.aws.client("iam"), world.aws.client("ec2")
    iam.create_instance_profile(InstanceProfileName="next")
    remote_id = world.create(INSTANCE, before)
    after = {**before, "IamInstanceProfile": "next"}
    world.update(INSTANCE, remote_id, before, after)
    world.update(INSTANCE, remote_id, before, after)
    [association] = ec2.describe_iam_instance_profile_associations()[
        "IamInstanceProfileAssociations"
    ]
    assert association["IamInstanceProfile"]["Arn"].endswith("/next")
    without = {key: value for key, value in after.items() if key != "IamInstanceProfile"}
    world.update(INSTANCE, remote_id, after, without)
    assert ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"] == []


def test_the_launch_is_repeated_until_ec2_knows_the_profile(world: AwsWorld) -> None:
    spec = {**SPEC, "IamInstanceProfile": "fresh"}
    world.aws.client("iam").create_instance_profile(InstanceProfileName="fresh")
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="ec2",
            operation="RunInstances",
            status=400,
            code="InvalidParameterValue",
            message="Value (fresh) for parameter iamInstanceProfile.name is invalid. "
            "Invalid IAM Instance Profile name",
            count=2,
        )
    )
    remote_id = world.create(INSTANCE, spec)
    assert world.properties(INSTANCE, remote_id)["IamInstanceProfile"] == "fresh"


def test_a_profile_is_given_again_until_ec2_knows_it(world: AwsWorld) -> None:
    remote_id = world.create(INSTANCE, SPEC)
    world.aws.client("iam").create_instance_profile(InstanceProfileName="fresh")
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="AssociateIamInstanceProfile",
            status=400,
            code="InvalidParameterValue",
            message="Value (fresh) for parameter iamInstanceProfile.name is invalid. "
            "Invalid IAM Instance Profile name",
            count=2,
        )
    )
    world.update(INSTANCE, remote_id, SPEC, {**SPEC, "IamInstanceProfile": "fresh"})
    assert world.properties(INSTANCE, remote_id)["IamInstanceProfile"] == "fresh"


ROOMS = (
    "We currently do not have sufficient g4dn.xlarge capacity in the Availability Zone you requested "
    "(us-east-1a). You can currently get g4dn.xlarge capacity by choosing us-east-1b, us-east-1c."
)


def test_no_capacity_is_named_with_the_zones_and_never_repeated(world: AwsWorld) -> None:
    """The kind: what comes with HTTP status 500 is not always AWS's own trouble."""
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="*Instances",
            status=500,
            code="InsufficientInstanceCapacity",
            message=ROOMS,
            count=None,
        )
    )
    with pytest.raises(CloudError, match=r"us-east-1b, us-east-1c.*Choose another zone") as refused:
        world.cloud.create(world.operation(INSTANCE, SPEC))
    assert refused.value.code == "InsufficientInstanceCapacity"
    assert "internal error" not in str(refused.value)
    assert operations(world) == ["RunInstances"]


def test_a_type_that_cannot_be_ebs_optimised_is_reached_and_left(world: AwsWorld) -> None:
    """The kind: two properties that go together are changed in the order that AWS takes."""
    able = {**SPEC, "InstanceType": "c3.xlarge", "EbsOptimized": True}
    unable = {**SPEC, "InstanceType": "t2.micro", "EbsOptimized": False}
    remote_id = world.create(INSTANCE, able)
    world.update(INSTANCE, remote_id, able, unable)
    assert world.differences(INSTANCE, remote_id, unable) == ()
    world.update(INSTANCE, remote_id, unable, able)
    assert world.differences(INSTANCE, remote_id, able) == ()


def test_user_data_that_is_not_base64_is_refused_in_the_plan_and_at_the_call(
    world: AwsWorld,
) -> None:
    validator = validator_of(world.schema(INSTANCE).json_schema)
    assert validator.errors({**SPEC, "UserData": encoded("#!/bin/sh")}) == []
    assert validator.errors({**SPEC, "UserData": "#!/bin/sh"}) != []
    with pytest.raises(CloudError, match="base64"):
        world.cloud.create(world.operation(INSTANCE, {**SPEC, "UserData": "#!/bin/sh"}))


def test_reading_all_instances_and_groups_costs_two_calls_and_missing_ones_are_absent(
    world: AwsWorld,
) -> None:
    ids = [world.create(INSTANCE, SPEC, token=f"t{number}") for number in range(3)]
    group = world.create("AWS::EC2::SecurityGroup", {"GroupDescription": "x"})
    gone = RemoteId("i-00000000000000000")
    requests = [
        ReadRequest(
            address=Address(f"r{number}"),
            type=INSTANCE if remote_id.startswith("i-") else "AWS::EC2::SecurityGroup",
            remote_id=remote_id,
            route=Route.NATIVE,
            surfaces=frozenset({"InstanceType", "Tags"}),
        )
        for number, remote_id in enumerate([*ids, gone, group])
    ]
    world.aws.forget_calls()
    observed = world.cloud.read(requests)
    present = [isinstance(observed[request.address], Present) for request in requests]
    assert present == [True, True, True, False, True]
    assert sorted(call.operation for call in world.aws.calls) == [
        "DescribeInstances",
        "DescribeSecurityGroups",
    ]


def named_groups(world: AwsWorld, remote_id: RemoteId) -> list[str]:
    return sorted(world.properties(INSTANCE, remote_id)["SecurityGroups"])


@pytest.fixture
def soon_consistent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there yet is waited for half a minute: here a second is enough."""

    def soon(service: str, error: CloudError, stage: Stage) -> Passing | None:
        row = passing(service, error, stage)
        return row and replace(row, within_s=1.0)

    monkeypatch.setattr(waiting, "passing", soon)


@pytest.mark.usefixtures("soon_consistent")
def test_groups_by_name_are_changed_in_place_in_the_machines_own_vpc(world: AwsWorld) -> None:
    """EC2 takes names at the launch only: a change takes the identifiers of the same names."""
    ec2 = world.aws.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    for name in ("jobs", "ssh"):
        ec2.create_security_group(GroupName=name, Description=name, VpcId=other)
    ids = {
        name: ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        for name in ("jobs", "ssh", "web")
    }
    remote_id = world.create(INSTANCE, {**SPEC, "SecurityGroups": ["ssh", "jobs"]})
    assert named_groups(world, remote_id) == ["jobs", "ssh"]
    ec2.modify_instance_attribute(InstanceId=remote_id, Groups=[ids["web"]])  # a click
    assert named_groups(world, remote_id) == ["web"]
    back = {**SPEC, "SecurityGroups": ["ssh"]}
    world.cloud.update(world.operation(INSTANCE, back, changed={"SecurityGroups"}), remote_id)
    assert world.properties(INSTANCE, remote_id)["SecurityGroupIds"] == [ids["ssh"]]
    gone = {**SPEC, "SecurityGroups": ["ssh", "absent"]}
    with pytest.raises(CloudError, match="no security group called absent"):
        world.cloud.update(world.operation(INSTANCE, gone, changed={"SecurityGroups"}), remote_id)
    assert named_groups(world, remote_id) == ["ssh"]


@pytest.mark.usefixtures("soon_consistent")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"SecurityGroups": ["absent"]}, "InvalidGroup.NotFound"),
        ({"SecurityGroups": ["default"], "SubnetId": "subnet-1"}, "InvalidParameterCombination"),
    ],
)
def test_a_launch_with_group_names_that_aws_refuses_is_refused(
    world: AwsWorld, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(CloudError) as refused:
        world.create(INSTANCE, {**SPEC, **more})
    assert refused.value.code == code


def launched(world: AwsWorld, **more: Any) -> RemoteId:
    """A machine that somebody else has started."""
    given = {"ImageId": AMI, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    answer = world.aws.client("ec2").run_instances(**given)
    return RemoteId(answer["Instances"][0]["InstanceId"])


def spot(kind: str) -> dict[str, Any]:
    options = {"SpotInstanceType": kind, "InstanceInterruptionBehavior": "stop"}
    return {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": options}}


def test_what_aws_does_not_stop_is_left_alone_and_the_message_says_what_to_do(
    world: AwsWorld,
) -> None:
    operation, client = world.operation(INSTANCE, SPEC), world.aws.client("ec2")
    protected = launched(world)
    client.modify_instance_attribute(InstanceId=protected, DisableApiStop={"Value": True})
    with pytest.raises(CloudError, match="switch its stop protection off"):
        world.cloud.stop(operation, protected)
    once = launched(world, **spot("one-time"))
    with pytest.raises(CloudError, match="`offhours: off` beside its type keeps off-hours"):
        world.cloud.stop(operation, once)
    assert {state(world, one) for one in (protected, once)} == {"running"}
    lasting = launched(world, **spot("persistent"))
    world.cloud.stop(operation, lasting)
    assert state(world, lasting) == "stopped"


def test_a_start_without_capacity_is_told_with_the_zones_that_aws_offers(world: AwsWorld) -> None:
    operation, remote_id = world.operation(INSTANCE, SPEC), launched(world)
    world.cloud.stop(operation, remote_id)
    zone = world.properties(INSTANCE, remote_id)["AvailabilityZone"]
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="ec2",
            operation="StartInstances",
            count=None,
            status=500,
            code="InsufficientInstanceCapacity",
        )
    )
    with pytest.raises(CloudError) as caught:
        world.cloud.start(operation, remote_id)
    assert caught.value.code == "InsufficientInstanceCapacity"
    assert f"no capacity for {remote_id} (t3.micro in {zone}) now" in str(caught.value)
    assert "us-east-1b" in str(caught.value)
    world.aws.clear_faults()
    world.cloud.start(operation, remote_id)
    assert state(world, remote_id) == "running"


def test_a_persistent_spot_request_is_cancelled_before_its_machine(world: AwsWorld) -> None:
    remote_id = launched(world, **spot("persistent"))
    world.aws.client("ec2").terminate_instances(InstanceIds=[remote_id])
    (other,) = [one for one in instances(world) if one != remote_id]  # its request made another
    world.cloud.delete(world.operation(INSTANCE, SPEC), other)
    assert instances(world) == []


def instances(world: AwsWorld) -> list[RemoteId]:
    """The machines that are not terminated."""
    answer = world.aws.client("ec2").describe_instances()
    return [
        RemoteId(one["InstanceId"])
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
        if one["State"]["Name"] != "terminated"
    ]
