"""Share one local GitHub among the tests of a module. Shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitbot_sandbox.github import LocalGitHub
from tests.contract.github.github_world import ForgeWorld, build


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


@pytest.fixture(params=["app", "token"])
def way(request: pytest.FixtureRequest) -> str:
    """How gitbot signs in."""
    return str(request.param)
