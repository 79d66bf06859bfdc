"""A scan for drift that dies at any write to GitHub is finished by the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gitbot.jobs.detect_drift import detect_drift
from gitbot.model.keys import DetectDrift
from tests.e2e.drift_world import MINUTE, Died, DriftWorld, Dying, drift_world, web


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift")
    with drift_world(root) as made:
        yield made


@pytest.mark.full
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_scan_that_dies_at_any_write_leaves_one_issue_that_tells_each_thing_once(
    world: DriftWorld, after: bool
) -> None:
    place = world.place({"web": web()})

    def scan_and_die(at: int) -> int:
        world.calendar.at += 6 * MINUTE
        dying = Dying(world.ports.forges, at, after)
        key = DetectDrift(repository=place.id, environment="dev", reason=place.reason())
        with suppress(Died):
            detect_drift(replace(world.ports, forges=dying), key)
        return dying.writes

    at, writes = 0, 1
    while at < writes:  # the last time, nothing is left to die at
        at += 1
        place.tag(f"bob{at}")
        place.scan()
        writes = scan_and_die(at)
        place.scan()
        place.tag(f"eve{at}")
        writes = max(writes, scan_and_die(at))
        place.scan()
        (issue,) = place.issues()
        assert issue.state == "open"
        assert f"eve{at}" in (issue.body or "")
        place.tag("ml-team")
        writes = max(writes, scan_and_die(at))
        place.scan()
        assert issue.state == "closed"
        said = place.said(issue.number)
        assert len({text.partition("\n")[0] for text in said}) == len(said)
        assert sum(f'→ "eve{at}"' in text for text in said) == 1
        assert sum("put back in the cloud" in text for text in said) == at
