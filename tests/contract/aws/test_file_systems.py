"""File systems of EFS whose throughput is bought."""

from __future__ import annotations

import pytest

from gitbot.errors import CloudError
from gitbot.model.plan import Action
from tests.contract.aws.cases.efs import a_subnet, group
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

FILES, MOUNT = "AWS::EFS::FileSystem", "AWS::EFS::MountTarget"


def test_throughput_is_bought_changed_and_given_back(world: AwsWorld) -> None:
    life = Life(world, FILES)
    life.apply({"ThroughputMode": "bursting"})
    for amount in (100, 200):
        bought = {"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": amount}
        assert life.apply(bought).action is Action.UPDATE
    assert life.apply({"ThroughputMode": "elastic"}).action is Action.UPDATE


@pytest.mark.parametrize(
    "wrong",
    [
        {"ThroughputMode": "provisioned"},
        {"ThroughputMode": "elastic", "ProvisionedThroughputInMibps": 100},
        {"ProvisionedThroughputInMibps": 100},
    ],
)
def test_an_amount_goes_with_its_mode_alone(world: AwsWorld, wrong: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        Life(world, FILES).apply(wrong)


def test_a_file_system_that_is_mounted_is_kept_and_says_by_what(world: AwsWorld) -> None:
    files = world.create(FILES, {})
    spec = {
        "FileSystemId": files,
        "SubnetId": a_subnet(world),
        "SecurityGroups": [group(world, "g")],
    }
    target = world.create(MOUNT, spec)
    operation = world.operation(FILES, {}, within_s=5)
    with pytest.raises(CloudError, match=f"still in use.*mount target {target}"):
        world.cloud.delete(operation, files)
    assert not world.is_absent(FILES, files)
