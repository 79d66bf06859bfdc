"""Whether people can have relied on a comment of ours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gitbot.decisions.standing import changed_review, require_untouched, untouched
from gitbot.errors import RefusedError
from tests.unit.decisions.facts_by_hand import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("restored_at", "relied_on"),
    [(None, True), (NOW - SECOND, True), (NOW, False), (NOW + SECOND, False)],
    ids=["never changed", "restored before", "in the same second", "restored later"],
)
def test_a_comment_counts_as_read_when_it_stood_there_before(
    restored_at: datetime | None, relied_on: bool
) -> None:
    """The kind: what was agreed to is what stood on GitHub, not what we once wrote there."""
    assert untouched(restored_at, NOW) is relied_on
    if relied_on:
        require_untouched(restored_at, NOW, stands=True)
        return
    with pytest.raises(RefusedError, match="written again only after this command"):
        require_untouched(restored_at, NOW, stands=True)


def test_a_comment_that_was_changed_or_deleted_is_no_ground_for_a_command() -> None:
    with pytest.raises(
        RefusedError, match="changed or deleted by somebody: gitbot writes it again"
    ):
        require_untouched(None, NOW, stands=False)
    assert changed_review(7).startswith("the plan comment on #7 was changed or deleted")
