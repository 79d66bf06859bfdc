"""Kill gitbot at every boundary of create, update, replace and destroy, on each store; then run it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.fault.conftest import BOUNDARIES
from tests.fault.kill_places import FreshPlace, in_a_bucket, in_a_file, on_postgresql
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
    with LocalAws() as aws, pytest.MonkeyPatch.context() as patch:
        # The test reads state too, and that may be in a bucket.
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        yield aws


@dataclass(frozen=True, slots=True)
class Worlds:
    """Makes a fresh world for each boundary that is tried."""

    aws: LocalAws
    killer: Killer
    folder: Path
    place: FreshPlace

    def at(self, name: str, scenario: Scenario) -> KillWorld:
        """A world in which the scenario is about to be applied."""
        folder = self.folder / name
        folder.mkdir()
        world = KillWorld(self.aws, self.killer, folder, self.place)
        if scenario.edit is not None:
            assert world.gitbot("apply") == 0, world.report["printed"]
            world.edit(scenario.edit)
        return world


@pytest.fixture
def worlds(
    request: pytest.FixtureRequest, local_aws: LocalAws, killer: Killer, tmp_path: Path
) -> Iterator[Worlds]:
    """Worlds whose state is in the store that the parameter names."""
    with ExitStack() as stack:
        match request.param:
            case "SQLite":
                place: FreshPlace = in_a_file
            case "S3":
                place = in_a_bucket
            case "PostgreSQL":
                server = request.getfixturevalue("postgres_url")
                place = stack.enter_context(on_postgresql(server))
        yield Worlds(local_aws, killer, tmp_path, place)


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What an apply that nobody kills does: the boundaries it crosses, and what state says then."""

    crossed: int
    documents: Mapping[str, Any]


def undisturbed(worlds: Worlds, scenario: Scenario) -> Undisturbed:
    """Apply without a kill; all must be whole then, too."""
    world = worlds.at("undisturbed", scenario)
    before = world.live()
    assert world.gitbot("apply") == 0, world.report["printed"]
    crossed = world.report["crossed"]
    # Without these, a wrapper that wraps nothing would leave nothing to kill at, and pass.
    for kind in ("before cloud", "after cloud", "before state", "after state"):
        assert any(name.startswith(kind) for name in crossed), crossed
    scenario.assert_done(world, before)
    return Undisturbed(len(crossed), world.documents())


def kill_and_go_on(worlds: Worlds, scenario: Scenario, *kills: int | str) -> Mapping[str, Any]:
    """Kill one apply after the other at the given boundaries, then let one finish; what state says then."""
    world = worlds.at("-".join(map(str, kills)), scenario)
    before = world.live()
    for number, kill_at in enumerate(kills):
        # A later apply may have fewer boundaries left than it is to be killed at.
        allowed = (KILLED, 0) if number and isinstance(kill_at, int) else (KILLED,)
        assert world.gitbot("apply", kill_at=kill_at) in allowed
    assert world.gitbot("apply") == 0, world.report["printed"]
    scenario.assert_done(world, before)
    return world.documents()


def try_all(
    worlds: Worlds, name: str, kills: Callable[[int], Sequence[tuple[int, ...]]]
) -> Iterator[str]:
    """Kill at each of the points; yields how many were tried and survived, and fails if some were not."""
    scenario = SCENARIOS[name]
    whole = undisturbed(worlds, scenario)
    failed: list[AssertionError] = []
    tried = kills(whole.crossed)
    for points in tried:
        try:
            assert kill_and_go_on(worlds, scenario, *points) == whole.documents
        except AssertionError as error:
            error.add_note(f"killed at {points}")
            failed.append(error)
    yield f"{len(tried)} boundaries, survived {len(tried) - len(failed)}"
    if failed:
        raise ExceptionGroup("not survived", failed)


@pytest.mark.parametrize("worlds", ["SQLite"], indirect=True)
def test_a_killed_apply_is_continued_and_that_one_too(worlds: Worlds) -> None:
    kills = "after cloud RunInstances", "before cloud TerminateInstances"
    kill_and_go_on(worlds, SCENARIOS["replace"], *kills)


FULL, SOAK = pytest.mark.full, pytest.mark.soak
PARTS = 4
HOW_MANY = [
    pytest.param("PostgreSQL", 7, None, id="some on PostgreSQL", marks=FULL),
    pytest.param("S3", 7, None, id="some on S3", marks=FULL),
    *(
        pytest.param(store, PARTS, part, id=f"all on {store}, part {part}", marks=marks)
        for store, marks in (("SQLite", (FULL, SOAK)), ("PostgreSQL", SOAK), ("S3", SOAK))
        for part in range(PARTS)
    ),
]
"""The store and, of how many boundaries, one is tried: from which on. Parts together try all.

A part is a test, so that workers share them. Without one each scenario begins elsewhere; an odd step takes
turns between before and after.
"""
every_store = pytest.mark.parametrize(("worlds", "step", "part"), HOW_MANY, indirect=["worlds"])


@pytest.mark.timeout(3600)
@every_store
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_apply_may_be_killed_at_every_boundary(
    worlds: Worlds, name: str, step: int, part: int | None, record_property: RecordProperty
) -> None:
    first = 1 + (list(SCENARIOS).index(name) % step if part is None else part)
    for told in try_all(worlds, name, lambda n: [(at,) for at in range(first, n + 1, step)]):
        record_property(BOUNDARIES, told)


@pytest.mark.timeout(3600)
@every_store
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_apply_that_continues_may_be_killed_too(
    worlds: Worlds, name: str, step: int, part: int | None, record_property: RecordProperty
) -> None:
    def kills(crossed: int) -> Sequence[tuple[int, ...]]:
        return [(at, 1 + at % 4, 2) for at in range(2 + 3 * (part or 0), crossed + 1, 3 * step)]

    for told in try_all(worlds, name, kills):
        record_property(BOUNDARIES, told)
