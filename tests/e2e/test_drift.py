"""What somebody changes in the console becomes one issue, and its end is told there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.model.drift import Phase
from tests.e2e.drift_world import DriftWorld, drift_world, web


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift")
    with drift_world(root) as made:
        yield made


def test_drift_is_confirmed_filed_once_told_of_and_closed(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.scan()
    assert place.issues() == []
    place.tag("bob")
    issue = place.confirmed()
    assert issue.title == "Drift: dev/web differs in the cloud from what was applied"
    assert '"ml-team" → "bob"' in (issue.body or "")
    check = place.check()
    assert check is not None
    assert (check.conclusion, check.title) == ("neutral", "Drift: dev/web")
    place.scan()
    assert place.said(issue.number) == []
    place.tag("eve")
    place.scan()
    (news,) = place.said(issue.number)
    assert '"ml-team" → "eve"' in news
    place.tag("ml-team")
    place.scan()
    assert "put back in the cloud" in place.said(issue.number)[-1]
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert place.row().phase is Phase.CLEAN
