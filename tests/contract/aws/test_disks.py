"""Volumes, their attachments and snapshots: what only they do."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import RemoteId
from gitbot.model.plan import Action, Cause
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.aws.holding import HOLDS
from tests.contract.aws.cases.case import AMI, TAGS
from tests.contract.aws.cases.ec2_machines import ZONE, attachment, disk, machine
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import TOKEN, AwsWorld

VOLUME = "AWS::EC2::Volume"
ATTACHMENT = "AWS::EC2::VolumeAttachment"
GP3: dict[str, Any] = {"AvailabilityZone": ZONE, "Size": 100, "VolumeType": "gp3"}


def operations(world: AwsWorld, name: str) -> int:
    return sum(call.operation == name for call in world.aws.calls)


def test_one_call_changes_size_iops_and_throughput_and_is_waited_for(world: AwsWorld) -> None:
    remote_id = world.create(VOLUME, GP3)
    HOLDS.hold(modifying=2)
    wanted = {**GP3, "Size": 200, "Iops": 6000, "Throughput": 500}
    world.update(VOLUME, remote_id, GP3, wanted)
    assert operations(world, "ModifyVolume") == 1
    assert world.differences(VOLUME, remote_id, wanted) == ()


def test_a_change_that_is_under_way_is_waited_for_and_not_sent_twice(world: AwsWorld) -> None:
    """A process died after ModifyVolume: until the change has come through, EBS shows the old size."""
    remote_id = world.create(VOLUME, GP3)
    HOLDS.hold(modifying=3)
    world.aws.client("ec2").modify_volume(VolumeId=remote_id, Size=200)
    wanted = {**GP3, "Size": 200}
    operation = world.operation(VOLUME, wanted, changed=frozenset({"Size"}), recorded=GP3)
    world.cloud.resume(operation, remote_id)
    assert world.differences(VOLUME, remote_id, wanted) == ()
    [volume] = world.aws.client("ec2").describe_volumes(VolumeIds=[remote_id])["Volumes"]
    made = world.aws.client("ec2").describe_volumes_modifications(VolumeIds=[remote_id])
    assert (volume["Size"], len(made["VolumesModifications"])) == (200, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"VolumeType": "gp2"}, {"VolumeType": "gp3", "Iops": 4000, "Throughput": 200}),
        ({"VolumeType": "gp3", "Iops": 4000, "Throughput": 200}, {"VolumeType": "gp2"}),
        ({"VolumeType": "gp3", "Throughput": 200}, {"VolumeType": "io2", "Iops": 5000}),
        ({"VolumeType": "io2", "Iops": 5000}, {"VolumeType": "io2", "Iops": 5000, "MultiAttachEnabled": True}),
        ({"VolumeType": "io2", "Iops": 5000, "MultiAttachEnabled": True}, {"VolumeType": "io2", "Iops": 5000}),
        ({"VolumeType": "GP3"}, {"VolumeType": "gp3", "Size": 120}),
    ],
)  # fmt: skip
def test_a_volume_becomes_one_of_another_type(
    world: AwsWorld, before: dict[str, Any], after: dict[str, Any]
) -> None:
    base = {"AvailabilityZone": ZONE, "Size": 100}
    remote_id = world.create(VOLUME, {**base, **before})
    wanted = {**base, **after}
    world.update(VOLUME, remote_id, {**base, **before}, wanted)
    assert world.differences(VOLUME, remote_id, wanted) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"Throughput": 200},
        {"VolumeType": "gp2", "Throughput": 200},
        {"VolumeType": "gp2", "Iops": 4000},
        {"VolumeType": "io2"},
    ],
)
def test_what_its_type_does_not_take_is_refused_before_the_plan(
    world: AwsWorld, wrong: dict[str, Any]
) -> None:
    with pytest.raises(RefusedError):
        Life(world, VOLUME).plan({"AvailabilityZone": ZONE, "Size": 100, **wrong})


def test_a_smaller_volume_is_refused_in_the_plan(world: AwsWorld) -> None:
    life = Life(world, VOLUME)
    life.apply(GP3)
    assert life.attempt({**GP3, "Size": 50}) == {"cannot-shrink"}


def test_a_failed_change_says_why(world: AwsWorld) -> None:
    remote_id = world.create(VOLUME, GP3)
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="ModifyVolume",
            status=400,
            code="VolumeModificationRateExceeded",
            message="You've reached the maximum modification rate per volume limit.",
        )
    )
    with pytest.raises(CloudError, match="six hours"):
        world.update(VOLUME, remote_id, GP3, {**GP3, "Size": 200})


def test_settling_waits_for_volumes_and_attachments(world: AwsWorld) -> None:
    HOLDS.hold(creating=2, attaching=2, detaching=2)
    remote_id = world.create(VOLUME, GP3)
    spec = {"VolumeId": str(remote_id), "InstanceId": machine(world), "Device": "/dev/sdf"}
    attached = world.create(ATTACHMENT, spec)
    ec2 = world.aws.client("ec2")
    [volume] = ec2.describe_volumes(VolumeIds=[remote_id])["Volumes"]
    assert [one["State"] for one in volume["Attachments"]] == ["attached"]
    world.cloud.delete(world.operation(ATTACHMENT, spec), attached)
    [volume] = ec2.describe_volumes(VolumeIds=[remote_id])["Volumes"]
    assert (volume["State"], volume.get("Attachments", [])) == ("available", [])


def test_a_disk_is_attached_once_its_machine_runs(world: AwsWorld) -> None:
    world.aws.hold_instances(pending=2)
    spec = attachment(world)
    hurried = world.operation(ATTACHMENT, spec, within_s=0.5)
    with pytest.raises(CloudError, match="not 'running'"):
        world.cloud.create(hurried)
    attempts = sum(call.operation == "AttachVolume" for call in world.aws.calls)
    assert attempts > 1
    for _ in range(3):
        world.aws.client("ec2").describe_instances()
    attached = world.cloud.create(world.operation(ATTACHMENT, spec))
    assert attached == f"{spec['VolumeId']}|{spec['InstanceId']}"


def test_a_disk_of_another_machine_is_not_taken_away(world: AwsWorld) -> None:
    world.create(ATTACHMENT, attachment(world))
    other = {**attachment(world), "InstanceId": machine(world, "b")}
    with pytest.raises((CloudError, ConflictError), match="already attached"):
        world.cloud.create(world.operation(ATTACHMENT, other, within_s=0.5))


def test_a_volume_in_use_is_not_deleted_and_no_snapshot_is_made(world: AwsWorld) -> None:
    world.create(ATTACHMENT, attachment(world))
    operation = world.operation(VOLUME, GP3, snapshot_on_delete=True, within_s=1)
    with pytest.raises(CloudError, match=f"instance {machine(world)} would have to go first"):
        world.cloud.delete(operation, RemoteId(disk(world)))
    assert operations(world, "CreateSnapshot") == 0


def test_a_disk_outlives_its_machine(world: AwsWorld) -> None:
    spec = attachment(world)
    world.create(ATTACHMENT, spec)
    world.aws.client("ec2").terminate_instances(InstanceIds=[spec["InstanceId"]])
    assert world.is_absent(ATTACHMENT, RemoteId(f"{spec['VolumeId']}|{spec['InstanceId']}"))
    assert not world.is_absent(VOLUME, RemoteId(spec["VolumeId"]))


# --- snapshots -----------------------------------------------------------------------------------


def snapshots(world: AwsWorld) -> list[dict[str, Any]]:
    """The snapshots that gitbot made; images bring others."""
    made = world.aws.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [one for one in made if any(tag["Key"] == "gitbot:stack" for tag in one["Tags"])]


def test_a_snapshot_is_made_tagged_and_waited_for_before_the_deletion(world: AwsWorld) -> None:
    spec = {**GP3, "Tags": TAGS}
    remote_id = world.create(VOLUME, spec)
    HOLDS.hold(snapshots=2)
    operation = world.operation(VOLUME, spec, snapshot_on_delete=True)
    world.cloud.delete(operation, remote_id)
    assert world.is_absent(VOLUME, remote_id)
    [snapshot] = snapshots(world)
    assert (snapshot["VolumeId"], snapshot["State"]) == (remote_id, "completed")
    tags = {tag["Key"]: tag["Value"] for tag in snapshot["Tags"]}
    assert tags["owner"] == "ml"
    assert tags["gitbot:operation"] == TOKEN
    names = [call.operation for call in world.aws.calls]
    waited = len(names) - names[::-1].index("DescribeSnapshots")
    assert names.index("CreateSnapshot") < waited <= names.index("DeleteVolume")


def test_without_the_flag_no_snapshot_is_made(world: AwsWorld) -> None:
    remote_id = world.create(VOLUME, GP3)
    world.cloud.delete(world.operation(VOLUME, GP3), remote_id)
    assert snapshots(world) == []


def test_a_snapshot_that_takes_too_long_keeps_the_volume_and_is_waited_for_next_time(
    world: AwsWorld,
) -> None:
    remote_id = world.create(VOLUME, GP3)
    HOLDS.hold(snapshots=1000)
    with pytest.raises(CloudError, match=r"snapshot snap-.* to be complete") as late:
        world.cloud.delete(
            world.operation(VOLUME, GP3, snapshot_on_delete=True, within_s=0.5), remote_id
        )
    assert late.value.code == "Timeout"
    assert not world.is_absent(VOLUME, remote_id)
    with pytest.raises(CloudError, match="to be complete"):
        world.cloud.delete(
            world.operation(VOLUME, GP3, snapshot_on_delete=True, within_s=0.5), remote_id
        )
    assert len(snapshots(world)) == 1


def test_a_complete_snapshot_of_an_earlier_attempt_gives_way_to_a_new_one(world: AwsWorld) -> None:
    """Data may have been written since: the volume could have been attached in between."""
    remote_id = world.create(VOLUME, GP3)
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="DeleteVolume", status=400, code="OperationNotPermitted"
        )
    )
    operation = world.operation(VOLUME, GP3, snapshot_on_delete=True)
    with pytest.raises(CloudError, match="OperationNotPermitted"):
        world.cloud.delete(operation, remote_id)
    [first] = snapshots(world)
    world.cloud.delete(operation, remote_id)
    [second] = snapshots(world)
    assert second["SnapshotId"] != first["SnapshotId"]
    assert world.is_absent(VOLUME, remote_id)


def test_a_disk_of_a_machine_gets_its_throughput_in_place(world: AwsWorld) -> None:
    def spec(iops: int, throughput: int) -> dict[str, Any]:
        ebs = {"VolumeType": "gp3", "Iops": iops, "Throughput": throughput, "VolumeSize": 100}
        mapping = {"DeviceName": "/dev/sda1", "Ebs": ebs}
        return {"ImageId": AMI, "InstanceType": "t3.micro", "BlockDeviceMappings": [mapping]}

    life = Life(world, "AWS::EC2::Instance")
    life.apply(spec(3000, 125))
    made = life.remote_id
    change = life.apply(spec(6000, 500))
    assert (change.action.value, life.remote_id) == ("update", made)
    assert life.plan(spec(6000, 500)).empty
    wrong = spec(6000, 500)
    wrong["BlockDeviceMappings"][0]["Ebs"]["VolumeType"] = "gp2"
    with pytest.raises(RefusedError):
        life.plan(wrong)


# --- volumes that a machine names ----------------------------------------------------------------


def _on(world: AwsWorld, machine: RemoteId | None) -> dict[str, str]:
    """The devices of the machine, but for its root disk, by volume."""
    told = world.aws.client("ec2").describe_instances(InstanceIds=[str(machine)])
    mappings = told["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    return {one["Ebs"]["VolumeId"]: one["DeviceName"] for one in mappings[1:]}


def test_a_machine_gets_the_volumes_that_it_names_and_gives_them_back(world: AwsWorld) -> None:
    spec = {"ImageId": AMI, "InstanceType": "t3.micro", "AvailabilityZone": "us-east-1a"}
    data, more = disk(world, "data"), disk(world, "more")
    life = Life(world, "AWS::EC2::Instance")
    first = [{"VolumeId": data, "Device": "/dev/sdf"}]
    life.apply({**spec, "Volumes": first})
    assert _on(world, life.remote_id) == {data: "/dev/sdf"}
    moved = [{"VolumeId": data, "Device": "/dev/sdg"}, {"VolumeId": more, "Device": "/dev/sdf"}]
    assert life.apply({**spec, "Volumes": moved}).action is Action.UPDATE
    assert _on(world, life.remote_id) == {data: "/dev/sdg", more: "/dev/sdf"}
    world.aws.client("ec2").detach_volume(VolumeId=more, InstanceId=str(life.remote_id))
    drift = life.change({**spec, "Volumes": moved})
    assert {path.cause for path in drift.paths} == {Cause.DRIFT}
    life.apply({**spec, "Volumes": moved})
    ends = {"DeviceName": "/dev/sdf", "Ebs": {"DeleteOnTermination": True}}
    world.aws.client("ec2").modify_instance_attribute(
        InstanceId=str(life.remote_id), BlockDeviceMappings=[ends]
    )  # it would be deleted with the machine
    assert life.apply({**spec, "Volumes": moved}).action is Action.UPDATE
    assert life.apply({**spec, "Volumes": moved[1:]}).action is Action.UPDATE
    assert _on(world, life.remote_id) == {more: "/dev/sdf"}
    assert life.apply(spec).action is Action.UPDATE
    assert _on(world, life.remote_id) == {}
    told = world.aws.client("ec2").describe_volumes(VolumeIds=[data, more])["Volumes"]
    assert [one["State"] for one in told] == ["available", "available"]


def test_devices_that_a_machine_is_not_to_have_are_no_drift(world: AwsWorld) -> None:
    spec = {"ImageId": AMI, "InstanceType": "t3.micro"}
    devices = [
        {"DeviceName": "/dev/sdc", "NoDevice": {}},
        {"DeviceName": "/dev/sdd", "VirtualName": "ephemeral0"},
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}},
    ]
    life = Life(world, "AWS::EC2::Instance")
    life.apply({**spec, "BlockDeviceMappings": devices})
    assert [*_on(world, life.remote_id).values()] == ["/dev/sdf"]
    assert life.apply({**spec, "BlockDeviceMappings": devices[1:]}).action is Action.NOOP
    assert life.change({**spec, "BlockDeviceMappings": devices}).action is Action.REPLACE


def test_credits_that_ec2_refuses_in_an_answer_of_success_are_an_error(world: AwsWorld) -> None:
    spec = {"ImageId": AMI, "InstanceType": "m5.large"}
    machine = world.create("AWS::EC2::Instance", spec)
    wanted = {**spec, "CreditSpecification": {"CPUCredits": "unlimited"}}
    with pytest.raises(CloudError, match="stay as they are: The instance type has no CPU credits"):
        world.update("AWS::EC2::Instance", machine, spec, wanted)
