"""Tests of one kind: consent outlived its withdrawal.

What was agreed to once and then taken back was applied when somebody wanted the same again.
"""

from __future__ import annotations

import pytest

from gitbot.decisions.agreements import Moment, ended, lost, standing, still_wanted
from gitbot.model.names import Sha


def at(desired_hash: str | None, merge: int | None = None) -> Moment:
    return Moment(desired_hash=desired_hash, merge=merge)


@pytest.mark.parametrize(
    ("moments", "stand"),
    [
        pytest.param([at("a", 1)], (1,), id="merged, and nothing since"),
        pytest.param([at("a", 1), at("a"), at("a", 9)], (1,), id="others changed other stacks"),
        pytest.param([at("a", 1), at("b", 2)], (1, 2), id="two merged one after the other"),
        pytest.param([at("b", 1), at("b", 2)], (1, 2), id="two brought by one commit"),
        pytest.param([at("a", 1), at("0"), at("a")], (), id="taken back and pushed again"),
        pytest.param([at("a", 1), at(None), at("a")], (), id="removed and pushed again"),
        pytest.param([at("a", 1), at("b")], (), id="a direct push on top"),
        pytest.param([at("a", 1), at("b"), at("c", 2)], (2,), id="a review after a direct push"),
        pytest.param([at("a", 1), at("0", 3), at("a")], (), id="reverted by an unseen merge"),
        pytest.param([at("a", 1), at("0", 2), at("a")], (), id="reverted by a reviewed merge"),
        pytest.param([], (), id="nothing is known"),
    ],
)
def test_a_review_ends_with_a_commit_that_wants_what_nobody_reviewed(
    moments: list[Moment], stand: tuple[int, ...]
) -> None:
    assert standing(moments, {1, 2}) == stand


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([at("a")], True),
        ([at("a"), at("a", 3)], True),
        ([at("a"), at("b", 3), at("a")], False),
        ([at(None), at("a")], False),
    ],
    ids=["now", "all the time", "something else in between", "not wanted in between"],
)
def test_a_release_and_a_rest_end_when_anything_else_was_wanted(
    moments: list[Moment], expected: bool
) -> None:
    assert still_wanted("a", moments) is expected


def test_the_reasons_name_the_commit() -> None:
    assert "agreed to at aaaaaaaa does not count any more" in ended(Sha("a" * 40))
    assert "commit bbbbbbbb, which the repository does not have" in lost(Sha("b" * 40))
