"""A machine has its power back after a change, whatever died or was refused in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.model.names import Address
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import LocalAws
from tests.contract.walk_death import KILLED, apply_until
from tests.contract.walk_world import World, group, instance, stack_of

TRAINER = Address("trainer")
SMALL = stack_of(group(), instance())
LARGE = stack_of(group(), instance(InstanceType="t3.large"))


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[World]:
    local_aws.reset()
    world = World(local_aws, open_catalog(), tmp_path)
    yield world
    world.engine.dispose()


def machine(world: World) -> tuple[str, str, str]:
    """Identifier, power and type of the only instance."""
    [made] = world.instances()
    return made["InstanceId"], made["State"]["Name"], made["InstanceType"]


@pytest.mark.parametrize(
    "boundary",
    [
        "before cloud StopInstances",
        "after cloud StopInstances",
        "before cloud ModifyInstanceAttribute",
        "after cloud ModifyInstanceAttribute",
        "before cloud StartInstances",
        "after cloud StartInstances",
    ],
)
def test_the_same_machine_runs_again_after_a_change_that_was_killed(
    world: World, tmp_path: Path, boundary: str
) -> None:
    assert world.apply(SMALL).ok
    before, _, _ = machine(world)
    assert apply_until(world, tmp_path, LARGE, boundary) == KILLED
    with world.lease() as lease:
        world.recover(lease)
    assert machine(world) == (before, "running", "t3.large")
    assert world.apply(LARGE).ok
    assert machine(world) == (before, "running", "t3.large")
    world.assert_state_is_the_cloud()
    assert world.plan(LARGE).empty
