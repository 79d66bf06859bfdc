"""Share one local GitHub among the tests of a module. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.bootstrap.engine import open_engine
from gitbot.jobs.steps.look import Ports
from gitbot.model.places import SqlitePlace
from gitbot_sandbox.github import LocalGitHub
from tests.contract.github.github_world import ForgeWorld, build
from tests.e2e.drift_world import Waiting


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForgeWorld]:
    folder = tmp_path_factory.mktemp("github")
    with LocalGitHub(folder / "hub") as hub:
        yield build(hub, folder / "data")


@pytest.fixture
def world(shared_world: ForgeWorld) -> Iterator[ForgeWorld]:
    shared_world.hub.faults.clear()
    shared_world.hub.faults.forget_calls()
    yield shared_world
    shared_world.hub.faults.clear()


@pytest.fixture
def ports(world: ForgeWorld, tmp_path: Path) -> Iterator[Ports]:
    """The ports of a server whose jobs nobody runs."""
    with open_engine(SqlitePlace(tmp_path / "gitbot.db"), hash_key="k" * 32) as opened:
        yield Ports(
            engine=opened.engine,
            forges=world.forges("app"),
            records=opened.records,
            queue=Waiting(),
            hear=print,
        )


@pytest.fixture(params=["app", "token"])
def way(request: pytest.FixtureRequest) -> str:
    """How gitbot signs in."""
    return str(request.param)
