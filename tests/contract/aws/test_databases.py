"""What only databases of RDS do: changes that wait, copies, storage that grows, and final snapshots."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import RemoteId
from tests.contract.aws.cases.rds import least_instance, parameter_group, snapshot, source
from tests.contract.aws.world import AwsWorld

DATABASE = "AWS::RDS::DBInstance"


def spec_of(world: AwsWorld, **more: Any) -> dict[str, Any]:
    return {**least_instance(world), "DBInstanceIdentifier": "tracking", **more}


def described(world: AwsWorld, remote_id: RemoteId) -> dict[str, Any]:
    """What RDS tells of the instance."""
    answer = world.aws.client("rds").describe_db_instances(DBInstanceIdentifier=remote_id)
    return dict(answer["DBInstances"][0])


def snapshots(world: AwsWorld) -> list[str]:
    answer = world.aws.client("rds").describe_db_snapshots(SnapshotType="manual")
    return [one["DBSnapshotIdentifier"] for one in answer["DBSnapshots"]]


def test_a_change_that_waits_is_no_drift_and_one_at_once_does_not_wait(world: AwsWorld) -> None:
    small = spec_of(world, ApplyImmediately=False)
    large = {**small, "DBInstanceClass": "db.t3.large", "AllocatedStorage": "40"}
    remote_id = world.create(DATABASE, small)
    world.update(DATABASE, remote_id, small, large)
    assert described(world, remote_id)["DBInstanceClass"] == "db.t3.micro"
    assert world.differences(DATABASE, remote_id, large) == ()
    now = {**large, "ApplyImmediately": True, "DBInstanceClass": "db.t3.xlarge"}
    world.update(DATABASE, remote_id, large, now)
    one = described(world, remote_id)
    assert (one["DBInstanceClass"], one["AllocatedStorage"]) == ("db.t3.xlarge", 40)
    assert world.differences(DATABASE, remote_id, now) == ()


def test_a_version_is_given_by_its_beginning(world: AwsWorld) -> None:
    """The kind: a plan that wants to downgrade what AWS has upgraded to the newest 15."""
    spec = spec_of(world, EngineVersion="15")
    remote_id = world.create(DATABASE, spec)
    assert described(world, remote_id)["EngineVersion"] == "15.4"
    assert world.differences(DATABASE, remote_id, spec) == ()
    for other in ("1", "15.40", "16"):
        changes = world.differences(DATABASE, remote_id, {**spec, "EngineVersion": other})
        assert [(one.path, one.before) for one in changes] == [("/EngineVersion", "15.4")]
    newer = {**spec, "EngineVersion": "16"}
    with pytest.raises(CloudError, match="AllowMajorVersionUpgrade"):
        world.update(DATABASE, remote_id, spec, newer)
    world.update(DATABASE, remote_id, spec, {**newer, "AllowMajorVersionUpgrade": True})
    assert described(world, remote_id)["EngineVersion"] == "16.1"


def test_storage_that_grew_by_itself_is_no_drift_and_does_not_shrink(world: AwsWorld) -> None:
    spec = spec_of(world, MaxAllocatedStorage=100)
    remote_id = world.create(DATABASE, spec)
    world.aws.client("rds").modify_db_instance(
        DBInstanceIdentifier=remote_id, AllocatedStorage=50, ApplyImmediately=True
    )
    assert world.differences(DATABASE, remote_id, spec) == ()
    larger = {**spec, "AllocatedStorage": "30"}
    world.update(DATABASE, remote_id, spec, larger)
    assert described(world, remote_id)["AllocatedStorage"] == 50
    rest = {name: value for name, value in larger.items() if name != "MaxAllocatedStorage"}
    world.update(DATABASE, remote_id, larger, rest)
    assert described(world, remote_id).get("MaxAllocatedStorage") in (None, 50)


def test_a_password_is_given_or_kept_by_rds_and_never_shown(world: AwsWorld) -> None:
    managed = spec_of(world)
    given = {**managed, "ManageMasterUserPassword": False, "MasterUserPassword": "top-secret-one"}
    remote_id = world.create(DATABASE, managed)
    assert world.properties(DATABASE, remote_id)["MasterUserSecret"]["SecretArn"]
    world.update(DATABASE, remote_id, managed, given)
    shown = world.properties(DATABASE, remote_id)
    assert shown["ManageMasterUserPassword"] is False
    assert "top-secret-one" not in str(shown)
    world.aws.forget_calls()
    world.update(DATABASE, remote_id, given, {**given, "MasterUserPassword": "top-secret-two"})
    assert [one.operation for one in world.aws.calls].count("ModifyDBInstance") == 1


def copy_of(world: AwsWorld, kind: str) -> dict[str, Any]:
    """A spec of an instance that is made from a snapshot or another instance."""
    made_from = {
        "snapshot": {"DBSnapshotIdentifier": snapshot(world, "a"), "Engine": "postgres"},
        "replica": {"SourceDBInstanceIdentifier": source(world, "a")},
    }
    return {
        "DBInstanceIdentifier": "copy",
        "DBInstanceClass": "db.t3.large",
        "DBParameterGroupName": parameter_group(world, "a"),
        "PreferredBackupWindow": "01:00-02:00",
        "CopyTagsToSnapshot": True,
        "Tags": [{"Key": "owner", "Value": "ml"}],
        **made_from[kind],
    }


@pytest.mark.parametrize("kind", ["snapshot", "replica"])
def test_a_copy_gets_what_its_own_call_does_not_take(world: AwsWorld, kind: str) -> None:
    spec = copy_of(world, kind)
    operation = world.operation(DATABASE, spec)
    remote_id = world.create(DATABASE, spec)
    assert world.differences(DATABASE, remote_id, spec) == ()
    assert described(world, remote_id)["MasterUsername"] == "ada"
    assert world.cloud.create(operation) == remote_id


def test_a_deletion_keeps_a_final_snapshot_or_says_that_it_keeps_none(world: AwsWorld) -> None:
    spec, told = spec_of(world), list[str]()
    for keeps in (True, False):
        remote_id = world.create(DATABASE, spec)
        operation = world.operation(
            DATABASE, spec, snapshot_on_delete=keeps, watch=told.append, token="e" * 32
        )
        before = set(snapshots(world))
        world.cloud.delete(operation, remote_id)
        assert world.is_absent(DATABASE, remote_id)
        new = set(snapshots(world)) - before
        assert len(new) == keeps
        assert not keeps or f"is kept in the snapshot {new.pop()}" in told[-1]


def test_a_replica_goes_without_a_snapshot(world: AwsWorld) -> None:
    spec, before = copy_of(world, "replica"), snapshots(world)
    remote_id = world.create(DATABASE, spec)
    world.cloud.delete(world.operation(DATABASE, spec, snapshot_on_delete=True), remote_id)
    assert world.is_absent(DATABASE, remote_id)
    assert snapshots(world) == before


def test_a_protected_database_stays_until_its_protection_is_off(world: AwsWorld) -> None:
    spec = spec_of(world, DeletionProtection=True)
    remote_id = world.create(DATABASE, spec)
    world.aws.forget_calls()
    with pytest.raises(CloudError, match=r"protected .* Set `DeletionProtection: false`"):
        world.cloud.delete(world.operation(DATABASE, spec, snapshot_on_delete=True), remote_id)
    assert "DeleteDBInstance" not in [one.operation for one in world.aws.calls]
