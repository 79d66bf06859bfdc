"""Kill gitbot while it places a machine, replaces it under its data disk, and keeps a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.faults import Fault, FaultKind
from tests.fault.kill_world import KILLED, Killer
from tests.fault.machine_world import MachineWorld

NEWER = {"environment.yaml": (("ami-0a1b2c3d4e5f60718", "ami-0a1b2c3d4e5f60719"),)}
NO_ROOM = Fault(
    kind=FaultKind.ERROR,
    service="ec2",
    operation="RunInstances",
    status=500,
    code="InsufficientInstanceCapacity",
)


@pytest.fixture
def world(local_aws: LocalAws, killer: Killer, tmp_path: Path) -> Iterator[MachineWorld]:
    yield MachineWorld(local_aws, killer, tmp_path)
    local_aws.clear_faults()


def assert_whole(world: MachineWorld, type_: str) -> None:
    """One machine of this type on spot, with the one data disk, and nothing left to do."""
    (machine,), (volume,) = world.machines(), world.volumes()
    assert (machine["InstanceType"], machine["InstanceLifecycle"]) == (type_, "spot")
    assert [one["InstanceId"] for one in volume["Attachments"]] == [machine["InstanceId"]]
    world.states()
    assert world.gitbot("plan", "--detailed-exitcode") == 0, world.report["printed"]


REFUSED, ACCEPTED = 12, 14
"""The boundaries after the first launch, which is refused, and after the second one."""


def full(*rows: int | str) -> list[Any]:
    """Rows that `make kill` tries."""
    return [pytest.param(row, marks=pytest.mark.full) for row in rows]


@pytest.mark.parametrize("kill_at", [ACCEPTED, *full(REFUSED, "after cloud AttachVolume")])
def test_a_killed_apply_finds_the_machine_whichever_choice_was_taken(
    world: MachineWorld, kill_at: int | str
) -> None:
    """The first choice has no room before the kill, and has room again after it."""
    world.aws.inject(NO_ROOM)
    assert world.gitbot("apply", kill_at=kill_at) == KILLED
    taken = [one["InstanceId"] for one in world.machines()]
    assert len(taken) == (0 if kill_at == REFUSED else 1)
    assert world.gitbot("apply") == 0, world.report["printed"]
    if taken:
        assert [one["InstanceId"] for one in world.machines()] == taken
    assert_whole(world, "g4dn.xlarge" if taken else "g5.xlarge")


def test_the_boundaries_are_those_of_the_two_launches(world: MachineWorld) -> None:
    world.aws.inject(NO_ROOM)
    assert world.gitbot("apply") == 0, world.report["printed"]
    crossed = world.report["crossed"]
    assert crossed[REFUSED - 1] == crossed[ACCEPTED - 1] == "after cloud RunInstances"
    assert "AWS has no room for g5.xlarge on spot in us-east-1a" in world.report["printed"]
    assert_whole(world, "g4dn.xlarge")


@pytest.mark.parametrize(
    "kill_at",
    [
        "after cloud DetachVolume",
        *full("after cloud RunInstances", "before cloud TerminateInstances"),
    ],
)
def test_a_new_image_keeps_the_data_disk_whenever_the_apply_is_killed(
    world: MachineWorld, kill_at: str
) -> None:
    assert world.gitbot("apply") == 0, world.report["printed"]
    (old,), (disk,) = world.machines(), world.volumes()
    world.edit(NEWER)
    assert world.gitbot("plan") == 0
    assert "Data loss: /dev/sda1 (" in world.report["printed"]
    assert f"/dev/sdf ({disk['VolumeId']}) outlives it" in world.report["printed"]
    assert world.gitbot("apply", kill_at=kill_at) == KILLED
    assert world.gitbot("apply") == 0, world.report["printed"]
    assert_whole(world, "g5.xlarge")
    assert [one["VolumeId"] for one in world.volumes()] == [disk["VolumeId"]]
    assert world.machines()[0]["InstanceId"] != old["InstanceId"]
    assert world.snapshots() == []


@pytest.mark.parametrize("kill_at", full("after cloud CreateSnapshot", "after cloud DeleteVolume"))
def test_a_killed_destroy_leaves_one_snapshot_and_nothing_else(
    world: MachineWorld, kill_at: str
) -> None:
    assert world.gitbot("apply") == 0, world.report["printed"]
    (disk,) = world.volumes()
    destroy = ("destroy", "--stack", "training")
    assert world.gitbot(*destroy, kill_at=kill_at) == KILLED
    assert world.gitbot(*destroy) == 0, world.report["printed"]
    (kept,) = world.snapshots()
    assert (kept["VolumeId"], kept["State"]) == (disk["VolumeId"], "completed")
    assert (world.machines(), world.volumes()) == ([], [])
