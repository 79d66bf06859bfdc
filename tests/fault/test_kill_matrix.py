"""Kill gitbot at every boundary of create, update, replace and destroy; then run it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.fault.conftest import BOUNDARIES
from tests.fault.kill_world import KILLED, Edit, Killer, KillWorld

RecordProperty: TypeAlias = Callable[[str, object], None]


KEY_PAIR = "ml-platform-dev-gpu-trainer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is applied while it is killed; ``edit`` None: the first apply of the examples.

    ``objects``: how many there are in the end. ``keeps``: they are the same ones as before; without
    it none of them is, for there were none, or all were replaced or deleted.
    """

    edit: Edit | None = None
    objects: int = 4
    keeps: bool = False

    def assert_done(self, world: KillWorld, before: Mapping[str, str]) -> None:
        """The world is whole, and its objects are the ones that the scenario leaves."""
        world.assert_whole(self.objects)
        after = world.live()
        if self.keeps:
            assert after == before
        else:
            # No scenario edits the key pair: where it stands before and after, it is the same.
            assert after.keys() & before.keys() <= {KEY_PAIR}


SCENARIOS = {
    "create": Scenario(),
    "update": Scenario(
        keeps=True,
        edit={
            "artifact-bucket.yaml": (("default: 30", "default: 60"), ("ml-artifacts", "ml-models")),
            "gpu-trainer.yaml": (
                ("203.0.113.5/32", "198.51.100.7/32"),
                ("ml-experiments", "ml-training"),
                ("default: g4dn.xlarge", "default: g5.xlarge"),
            ),
        },
    ),
    "replace": Scenario(
        edit={
            "environment.yaml": (("ami-0a1b2c3d4e5f60718", "ami-0a1b2c3d4e5f60719"),),
            "artifact-bucket.yaml": (("-artifacts", "-models"),),
            "gpu-trainer.yaml": (
                ("SSH from one address only", "SSH"),
                ("default: 100", "default: 200"),
            ),
        }
    ),
    "destroy": Scenario(edit={"artifact-bucket.yaml": None, "gpu-trainer.yaml": None}, objects=0),
}


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def killer(local_aws: LocalAws) -> Iterator[Killer]:
    killer = Killer(local_aws)
    yield killer
    killer.close()


@dataclass(frozen=True, slots=True)
class Worlds:
    """Makes a fresh world for each boundary that is tried."""

    aws: LocalAws
    killer: Killer
    folder: Path

    def at(self, name: str, scenario: Scenario) -> KillWorld:
        """A world in which the scenario is about to be applied."""
        folder = self.folder / name
        folder.mkdir()
        world = KillWorld(self.aws, self.killer, folder)
        if scenario.edit is not None:
            assert world.gitbot("apply") == 0, world.report["printed"]
            world.edit(scenario.edit)
        return world


@pytest.fixture
def worlds(local_aws: LocalAws, killer: Killer, tmp_path: Path) -> Worlds:
    return Worlds(local_aws, killer, tmp_path)


def boundaries(worlds: Worlds, scenario: Scenario) -> int:
    """How many boundaries an undisturbed apply crosses; it must be whole, too."""
    world = worlds.at("undisturbed", scenario)
    before = world.live()
    assert world.gitbot("apply") == 0, world.report["printed"]
    crossed = world.report["crossed"]
    # Without these, a wrapper that wraps nothing would leave nothing to kill at, and pass.
    for kind in ("before cloud", "after cloud", "before state", "after state"):
        assert any(name.startswith(kind) for name in crossed), crossed
    scenario.assert_done(world, before)
    return len(crossed)


def kill_and_go_on(worlds: Worlds, scenario: Scenario, *kills: int) -> None:
    """Kill one apply after the other at the given boundaries, then let one finish."""
    world = worlds.at("-".join(map(str, kills)), scenario)
    before = world.live()
    for number, kill_at in enumerate(kills):
        # A later apply may have fewer boundaries left than it is to be killed at.
        allowed = (KILLED, 0) if number else (KILLED,)
        assert world.gitbot("apply", kill_at=kill_at) in allowed
    assert world.gitbot("apply") == 0, world.report["printed"]
    scenario.assert_done(world, before)


@pytest.mark.parametrize(
    ("name", "boundary"),
    [
        ("create", "after cloud RunInstances"),
        ("replace", "before cloud TerminateInstances"),
    ],
)
def test_a_killed_apply_is_continued(worlds: Worlds, name: str, boundary: str) -> None:
    scenario = SCENARIOS[name]
    world = worlds.at("world", scenario)
    before = world.live()
    status = world.gitbot("apply", kill_at=boundary)
    assert status == KILLED, world.report["printed"]
    assert world.gitbot("apply") == 0, world.report["printed"]
    scenario.assert_done(world, before)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_apply_may_be_killed_at_every_boundary(
    worlds: Worlds, name: str, record_property: RecordProperty
) -> None:
    scenario = SCENARIOS[name]
    tried = range(1, boundaries(worlds, scenario) + 1)
    for kill_at in tried:
        kill_and_go_on(worlds, scenario, kill_at)
    record_property(BOUNDARIES, len(tried))


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_apply_that_continues_may_be_killed_too(
    worlds: Worlds, name: str, record_property: RecordProperty
) -> None:
    scenario = SCENARIOS[name]
    tried = range(2, boundaries(worlds, scenario) + 1, 3)
    for kill_at in tried:
        kill_and_go_on(worlds, scenario, kill_at, 1 + kill_at % 4, 2)
    record_property(BOUNDARIES, len(tried))
