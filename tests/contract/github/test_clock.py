"""This machine's clock is measured against GitHub's, and decides nothing of what came first."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from gitbot.adapters.github.skew import GITHUB_TIME, TOLERATED_S, GitHubTime, words
from tests.contract.github.github_world import ForgeWorld

GITHUB_NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize("ahead_s", [180.0, -180.0, 4.0, 1.0, 0.0])
def test_the_difference_is_measured_and_corrected_when_it_matters(ahead_s: float) -> None:
    """The kind: two clocks decided. A server three minutes ahead refused every /apply."""
    clock = GitHubTime()
    assert clock.ahead_s is None
    here = GITHUB_NOW.timestamp() + 0.5 + ahead_s
    clock.note(date(GITHUB_NOW), here - 0.1, here + 0.1)
    assert clock.ahead_s == pytest.approx(ahead_s)
    corrected = ahead_s if abs(ahead_s) > TOLERATED_S else 0.0
    assert clock.is_corrected is (corrected != 0.0)
    assert time.time() - clock.now_s() == pytest.approx(corrected, abs=0.5)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("told", "took_s"),
    [(None, 0.1), ("yesterday", 0.1), (date(GITHUB_NOW), 30.0), (date(GITHUB_NOW), -1.0)],
    ids=["no date", "no time", "a slow answer", "the clock was set meanwhile"],
)
def test_an_answer_that_tells_no_time_measures_nothing(told: str | None, took_s: float) -> None:
    clock = GitHubTime()
    clock.note(told, 1000.0, 1000.0 + took_s)
    assert clock.ahead_s is None


def test_a_wrong_clock_is_logged_once_and_when_it_is_right_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, second = GitHubTime(), timedelta(seconds=1)
    caplog.set_level(logging.INFO)
    for number, ahead in enumerate((0, 90, 90, 0)):
        github = GITHUB_NOW + number * second
        here = github.timestamp() + 0.5 + ahead
        clock.note(date(github), here, here)
    assert [record.getMessage() for record in caplog.records] == [
        "this machine's clock is 90 s ahead of GitHub's: set it",
        "this machine's clock agrees with GitHub's again",
    ]
    assert words(-12.4) == "12 s behind"


def test_every_answer_of_github_measures_the_clock(world: ForgeWorld, way: str) -> None:
    world.forge(way).repository()
    assert GITHUB_TIME.ahead_s is not None
    assert abs(GITHUB_TIME.ahead_s) < TOLERATED_S
