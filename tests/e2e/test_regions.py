"""A stack in two regions: what happens to one of its instances happens there, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitbot.jobs.apply_environment import apply_environment
from gitbot.model.keys import ApplyEnvironment
from tests.e2e.drift_world import DriftWorld, drift_world
from tests.e2e.promotion_world import Edge
from tests.e2e.specs import group

HERE, THERE = "us-east-1", "eu-west-1"
ONE, OTHER, ANY = "203.0.113.5/32", "203.0.113.9/32", "198.51.100.0/24"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("regions")
    with drift_world(root, repositories=4) as made:
        yield made


def in_both(text: str, *regions: str) -> str:
    """The stack in these regions; by default in two."""
    return text.replace(
        "spec:\n", f"spec:\n  regions: [{', '.join(regions or (HERE, THERE))}]\n", 1
    )


def let_in(world: DriftWorld, name: str, region: str) -> list[str]:
    """The addresses that the group of this name lets in there; nothing where it is not."""
    found = world.sandbox.aws.client("ec2", region).describe_security_groups()["SecurityGroups"]
    return [
        one["CidrIp"]
        for each in found
        if each["GroupName"] == name
        for rule in each["IpPermissions"]
        for one in rule["IpRanges"]
    ]


def _door(world: DriftWorld, name: str, region: str) -> tuple[Any, dict[str, Any]]:
    ec2 = world.sandbox.aws.client("ec2", region)
    found = ec2.describe_security_groups()["SecurityGroups"]
    (group_id,) = [one["GroupId"] for one in found if one["GroupName"] == name]
    ip = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": ANY}]}
    return ec2, {"GroupId": group_id, "IpPermissions": [ip]}


def open_door(world: DriftWorld, name: str, region: str) -> None:
    """Let more in by the group of this name there, as somebody in the console does."""
    ec2, rule = _door(world, name, region)
    ec2.authorize_security_group_ingress(**rule)


def close_door(world: DriftWorld, name: str, region: str) -> None:
    """Take that back."""
    ec2, rule = _door(world, name, region)
    ec2.revoke_security_group_ingress(**rule)


def test_a_promotion_waits_for_every_region_and_brings_it_to_all(world: DriftWorld) -> None:
    edge = Edge(world, {"web": in_both(group("web"))}, ", how: merge")
    name = f"{edge.project}-staging-web"
    edge.dev({"web.yaml": in_both(group("web", OTHER))})
    (number,) = edge.open_numbers("web")
    assert "what dev changed in `web` (us-east-1, eu-west-1)" in edge.told(number).body
    assert "not shown yet: `web@eu-west-1`, `web@us-east-1`" in str(edge.gates(number).summary)
    assert "write `staging/web`" in edge.answer(number, "/promote approve staging/web@eu-west-1")
    open_door(world, f"{edge.project}-dev-web", THERE)
    edge.scan()
    edge.scan()
    edge.planned("web")
    assert "`dev/web@eu-west-1` has drift" in str(edge.gates(number).summary)
    close_door(world, f"{edge.project}-dev-web", THERE)
    edge.scan()
    edge.promote()
    apply_environment(
        world.ports,
        ApplyEnvironment(
            repository=edge.id, environment="staging", tip=edge.tip, why=edge.reason()
        ),
    )
    assert [let_in(world, name, region) for region in (HERE, THERE)] == [[OTHER], [OTHER]]
