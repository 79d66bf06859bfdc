"""What only file systems of FSx do: changes one after the other, final backups, and volumes that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import RemoteId
from gitbot.model.plan import Action
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.fsx import LINK, lasting, ontap, openzfs, small, windows
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

FILES = "AWS::FSx::FileSystem"


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    hold()


def described(world: AwsWorld, remote_id: RemoteId) -> dict[str, Any]:
    """What FSx tells of the file system."""
    answer = world.aws.client("fsx").describe_file_systems(FileSystemIds=[remote_id])
    return dict(answer["FileSystems"][0])


def backups(world: AwsWorld) -> list[str]:
    return [one["BackupId"] for one in world.aws.client("fsx").describe_backups()["Backups"]]


def updates(world: AwsWorld) -> int:
    return [one.operation for one in world.aws.calls].count("UpdateFileSystem")


def test_what_is_larger_comes_after_what_it_needs_and_each_is_waited_for(world: AwsWorld) -> None:
    """FSx takes one change at a time, and no capacity that the metadata has too few IOPS for."""
    metadata = {"Mode": "USER_PROVISIONED", "Iops": 1500}
    spec = lasting(world, MetadataConfiguration=metadata)
    remote_id = world.create(FILES, spec)
    larger = {**metadata, "Iops": 3000}
    wanted = {**lasting(world, MetadataConfiguration=larger), "StorageCapacity": 2400}
    hold(describes=3)
    world.update(FILES, remote_id, spec, wanted)
    one = described(world, remote_id)
    told = [
        (each["AdministrativeActionType"], each["Status"]) for each in one["AdministrativeActions"]
    ]
    assert told == [
        ("FILE_SYSTEM_UPDATE", "COMPLETED"),
        ("FILE_SYSTEM_UPDATE", "UPDATED_OPTIMIZING"),
        ("STORAGE_OPTIMIZATION", "IN_PROGRESS"),
    ]
    assert one["Lifecycle"] == "AVAILABLE"
    assert world.differences(FILES, remote_id, wanted) == ()


def test_a_change_under_way_is_no_drift_and_is_not_asked_for_again(world: AwsWorld) -> None:
    """The kind: an apply that was killed, and a plan that shows what AWS is doing already."""
    spec, wanted = lasting(world), lasting(world, DataCompressionType="LZ4")
    remote_id = world.create(FILES, spec)
    hold(describes=6)
    world.aws.client("fsx").update_file_system(
        FileSystemId=remote_id, LustreConfiguration={"DataCompressionType": "LZ4"}
    )
    assert world.differences(FILES, remote_id, wanted) == ()
    world.aws.forget_calls()
    world.update(FILES, remote_id, spec, wanted)
    assert updates(world) == 0
    assert described(world, remote_id)["LustreConfiguration"]["DataCompressionType"] == "LZ4"


def test_another_change_waits_for_that_of_somebody_else(world: AwsWorld) -> None:
    spec, wanted = lasting(world), lasting(world, DataCompressionType="LZ4")
    remote_id = world.create(FILES, spec)
    hold(describes=3)
    world.aws.client("fsx").update_file_system(FileSystemId=remote_id, StorageCapacity=2400)
    hold()
    world.update(FILES, remote_id, spec, wanted)
    one = described(world, remote_id)
    assert (one["StorageCapacity"], one["LustreConfiguration"]["DataCompressionType"]) == (
        2400,
        "LZ4",
    )


def test_a_change_that_fails_says_why_and_is_made_again(world: AwsWorld) -> None:
    spec, wanted = lasting(world), {**lasting(world), "StorageCapacity": 2400}
    remote_id = world.create(FILES, spec)
    hold(fails="no servers are left in this zone")
    with pytest.raises(CloudError, match="rolled back: no servers are left in this zone"):
        world.update(FILES, remote_id, spec, wanted)
    hold()
    tags = [{"Key": "owner", "Value": "ml"}]
    world.update(FILES, remote_id, spec, {**spec, "Tags": tags})
    world.update(FILES, remote_id, {**spec, "Tags": tags}, {**wanted, "Tags": tags})
    assert described(world, remote_id)["StorageCapacity"] == 2400


def test_a_file_system_that_fails_says_why(world: AwsWorld) -> None:
    hold(fails="the directory cannot be reached")
    with pytest.raises(CloudError, match="FSx says that it is FAILED; the directory cannot be"):
        world.create(FILES, windows(world))


@pytest.mark.parametrize("make", [lasting, windows, openzfs])
def test_a_deletion_keeps_a_final_backup_unless_the_spec_says_otherwise(
    world: AwsWorld, make: Callable[[AwsWorld], dict[str, Any]]
) -> None:
    spec, told = make(world), list[str]()
    for keeps in (False, True):
        remote_id = world.create(FILES, spec, token=f"{keeps:d}" * 32)
        hold(describes=3)
        operation = world.operation(FILES, spec, snapshot_on_delete=keeps, watch=told.append)
        world.cloud.delete(operation, remote_id)
        hold()
        assert world.is_absent(FILES, remote_id)
        assert len(backups(world)) == keeps
        assert bool(told) == keeps
    copy = {**spec, "BackupId": backups(world)[0]}
    remote_id = world.create(FILES, copy)
    assert world.differences(FILES, remote_id, copy) == ()


def test_a_deletion_that_fails_says_why(world: AwsWorld) -> None:
    spec = lasting(world)
    remote_id = world.create(FILES, spec)
    hold(describes=2, fails="no backup could be made")
    with pytest.raises(CloudError, match=r"was not deleted: .*no backup could be made"):
        world.cloud.delete(world.operation(FILES, spec, snapshot_on_delete=True), remote_id)
    hold()
    world.cloud.delete(world.operation(FILES, spec), remote_id)
    assert world.is_absent(FILES, remote_id)


def linked(world: AwsWorld) -> dict[str, Any]:
    return small(world, LustreConfiguration=LINK)


@pytest.mark.parametrize("make", [small, linked, ontap])
def test_what_has_no_backups_is_kept_until_the_spec_gives_it_up(
    world: AwsWorld, make: Callable[[AwsWorld], dict[str, Any]]
) -> None:
    """The kind: data that is lost although a plan said that a snapshot keeps it."""
    spec = make(world)
    remote_id = world.create(FILES, spec)
    with pytest.raises(CloudError, match=r"left as it is: .*snapshotOnDelete: false"):
        world.cloud.delete(world.operation(FILES, spec, snapshot_on_delete=True), remote_id)
    assert described(world, remote_id)["Lifecycle"] == "AVAILABLE"
    world.cloud.delete(world.operation(FILES, spec), remote_id)
    assert world.is_absent(FILES, remote_id)


def test_what_is_linked_to_a_bucket_later_has_no_backups_either(world: AwsWorld) -> None:
    spec = lasting(world)
    remote_id = world.create(FILES, spec)
    world.aws.client("fsx").create_data_repository_association(
        FileSystemId=remote_id, FileSystemPath="/data", DataRepositoryPath="s3://data"
    )
    with pytest.raises(CloudError, match="linked to a bucket"):
        world.cloud.delete(world.operation(FILES, spec, snapshot_on_delete=True), remote_id)
    world.cloud.delete(world.operation(FILES, spec), remote_id)
    assert world.is_absent(FILES, remote_id)


def volume_of(world: AwsWorld, remote_id: RemoteId) -> str:
    """A volume of OpenZFS in the file system."""
    root = described(world, remote_id)["OpenZFSConfiguration"]["RootVolumeId"]
    made = world.aws.client("fsx").create_volume(
        VolumeType="OPENZFS", Name="data", OpenZFSConfiguration={"ParentVolumeId": root}
    )
    return f"volume {made['Volume']['VolumeId']}"


def machine_of(world: AwsWorld, remote_id: RemoteId) -> str:
    """A storage virtual machine in the file system."""
    made = world.aws.client("fsx").create_storage_virtual_machine(
        FileSystemId=remote_id, Name="data"
    )["StorageVirtualMachine"]
    return f"storage virtual machine {made['StorageVirtualMachineId']}"


@pytest.mark.parametrize(("make", "part"), [(openzfs, volume_of), (ontap, machine_of)])
def test_volumes_hold_their_file_system_and_are_named(
    world: AwsWorld,
    make: Callable[[AwsWorld], dict[str, Any]],
    part: Callable[[AwsWorld, RemoteId], str],
) -> None:
    spec = make(world)
    remote_id = world.create(FILES, spec)
    name = part(world, remote_id)
    world.aws.forget_calls()
    with pytest.raises(CloudError, match=f"still in use .*{name}"):
        world.cloud.delete(world.operation(FILES, spec), remote_id)
    assert "DeleteFileSystem" not in [one.operation for one in world.aws.calls]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"AutomaticBackupRetentionDays": 7}, "property-value"),
        ({"DeploymentType": "PERSISTENT_1"}, "missing-property"),
        ({"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 125}, "property-value"),
        ({"ExportPath": "s3://data/out"}, "property-value"),
        ({**LINK, "DeploymentType": "PERSISTENT_2"}, "missing-property"),
        ({"ThroughputCapacity": 4000}, "property-not-handled"),
        ({"WeeklyMaintenanceStartTime": "0:05:00"}, "property-value"),
    ],
)
def test_what_lustre_does_not_take_is_refused_by_the_plan(
    world: AwsWorld, wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        Life(world, FILES).plan(small(world, LustreConfiguration=wrong))


def test_a_file_system_has_the_configuration_of_its_kind_alone(world: AwsWorld) -> None:
    life = Life(world, FILES)
    for wrong in (
        {**windows(world), "FileSystemType": "LUSTRE"},
        {**openzfs(world), "LustreConfiguration": {}},
        small(world, FileSystemType="ONTAP"),
        {**openzfs(world), "FileSystemTypeVersion": "2.15"},
    ):
        with pytest.raises(RefusedError):
            life.plan(wrong)


def test_storage_that_shrinks_is_refused_by_the_plan(world: AwsWorld) -> None:
    life = Life(world, FILES)
    life.apply({**lasting(world), "StorageCapacity": 2400})
    with pytest.raises(RefusedError, match="StorageCapacity"):
        life.plan(lasting(world))


def test_the_order_of_security_groups_has_no_meaning_and_others_replace(world: AwsWorld) -> None:
    life, two = Life(world, FILES), ["sg-0123456789abcdef0", "sg-0123456789abcdef1"]
    life.apply({**lasting(world), "SecurityGroupIds": two})
    for groups, action in (
        (two[::-1], Action.NOOP),
        (two[:1], Action.REPLACE),
        ([*two, "sg-0123456789abcdef2"], Action.REPLACE),
    ):
        changed = life.plan({**lasting(world), "SecurityGroupIds": groups})
        assert [one.action for one in changed.changes] == [action]


def test_another_key_is_another_file_system(world: AwsWorld) -> None:
    """FSx shows the ARN of its key, whatever name a spec has for it."""
    life, key = Life(world, FILES), "12345678-1234-1234-1234-123456789012"
    life.apply({**lasting(world), "KmsKeyId": key})
    changed = life.plan({**lasting(world), "KmsKeyId": key.replace("9012", "9013")})
    assert [one.action for one in changed.changes] == [Action.REPLACE]
