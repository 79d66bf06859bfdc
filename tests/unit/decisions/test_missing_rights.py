"""What is off because gitbot's GitHub App lacks a right."""

from __future__ import annotations

from gitbot.decisions.missing_rights import cannot_propose, what_is_off
from gitbot.model.forge import Right


def test_nothing_is_off_while_no_right_is_missing() -> None:
    assert what_is_off(()) == cannot_propose(()) == cannot_propose([Right.ISSUES]) == ""


def test_each_missing_right_is_named_with_what_is_off_and_how_to_give_it() -> None:
    words = what_is_off([Right.ISSUES, Right.CONTENTS])
    assert words.startswith("- `contents: write` is missing: no promotions, `/drift adopt`")
    assert "\n- `issues: write` is missing: no issues about drift" in words
    assert "in its settings under Permissions" in words
    assert cannot_propose(list(Right)).startswith(
        "gitbot's GitHub App lacks `contents: write` and `pull_requests: write`, so"
    )
