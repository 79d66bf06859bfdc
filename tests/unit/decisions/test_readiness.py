"""Tests for what makes a server not ready, and what it says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.readiness import Check, Sights, checked, is_ready


@pytest.mark.parametrize(
    ("seen", "wrong", "why", "ready"),
    [
        ({}, None, "", True),
        ({"aws": True, "lock_s": 1.0, "ahead_s": 2.9, "silence_s": 60.0}, None, "", True),
        ({"stopping": True}, Check.DRAINING, "the server is stopping", False),
        (
            {"database_s": 16.4},
            Check.DATABASE,
            "the database has not answered for 16 s",
            False,
        ),
        (
            {"lock_s": 5.0},
            Check.MEMBERSHIP,
            "the lock of this server has not been held for 5 s",
            False,
        ),
        (
            {"schedule_s": 61.0},
            Check.SCHEDULE,
            "the schedule has not been looked at for 61 s; the log says why",
            False,
        ),
        ({"schedule_s": 61.0, "late_s": 120.0}, None, "", True),
        (
            {"served": 2, "missing": 1},
            Check.REPOSITORIES,
            "1 of 3 repositories are not served; the log says why",
            False,
        ),
        ({"silence_s": 61.0}, Check.GITHUB, "GitHub has given nothing but errors for 61 s", True),
        (
            {"lacking": ["issues", "contents"]},
            Check.RIGHTS,
            "the App lacks rights (contents, issues); the check gitbot/rights says where and what is off",
            True,
        ),
        ({"aws": False}, Check.AWS, "AWS does not say who gitbot is; the log says why", True),
        (
            {"waiting": "FollowTip", "waiting_s": 901.0},
            Check.QUEUE,
            "a job FollowTip has waited for 901 s",
            True,
        ),
        (
            {"ahead_s": 95.2},
            Check.CLOCK,
            "this machine's clock is 95 s ahead of GitHub's: set it",
            True,
        ),
        (
            {"ahead_s": -12.0},
            Check.CLOCK,
            "this machine's clock is 12 s behind GitHub's: set it",
            True,
        ),
    ],
)
def test_only_what_another_server_may_do_better_makes_it_not_ready(
    seen: dict[str, Any], wrong: Check | None, why: str, ready: bool
) -> None:
    found = checked(replace(Sights(), **seen))
    assert list(found) == list(Check)
    assert {check: text for check, text in found.items() if text} == ({wrong: why} if wrong else {})
    assert is_ready(found) is ready
