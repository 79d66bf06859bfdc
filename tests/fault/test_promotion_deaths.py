"""A promotion that dies at any write to GitHub is finished by the next one: one pull request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.drift_world import Died, DriftWorld, Dying, drift_world
from tests.e2e.promotion_world import Edge
from tests.e2e.specs import group


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("promotion")
    with drift_world(root) as made:
        yield made


@pytest.mark.full
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_promotion_that_dies_at_any_write_leaves_one_pull_request_and_no_hold(
    world: DriftWorld, after: bool
) -> None:
    edge = Edge(world, {"web": group("web")})

    def promote_and_die(at: int) -> int:
        dying = Dying(world.ports.forges, at, after)
        with suppress(Died):
            edge.promote(replace(world.ports, forges=dying))
        return dying.writes

    def bring(address: str) -> None:
        edge.merge_files({"specs/dev/web.yaml": group("web", address)}, "dev")

    at, writes = 0, 1
    while at < writes:  # the last time, nothing is left to die at
        at += 1
        bring(f"203.0.113.{at + 10}/32")
        writes = promote_and_die(at)
        edge.promote()
        (number,) = edge.open_numbers("web")
        assert f"203.0.113.{at + 10}/32" in edge.file(number, "specs/staging/web.yaml")
        # The source takes it back: the pull request is closed, and that is no hold.
        bring("203.0.113.5/32")
        writes = max(writes, promote_and_die(at))
        edge.promote()
        assert edge.open_numbers("web") == []
        assert edge.promotion("web").hold is None
