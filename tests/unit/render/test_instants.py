"""How an instant is said to people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitbot.render.instants import instant_words


@pytest.mark.parametrize(
    ("hour", "timezone", "words"),
    [
        (7, "UTC", "Mon 2026-11-30 07:05 UTC"),
        (7, "Europe/Berlin", "Mon 2026-11-30 08:05 Europe/Berlin (07:05 UTC)"),
        (23, "Asia/Kolkata", "Tue 2026-12-01 04:35 Asia/Kolkata (Mon 2026-11-30 23:05 UTC)"),
    ],
)
def test_an_instant_is_said_in_local_time_and_in_utc(hour: int, timezone: str, words: str) -> None:
    assert instant_words(datetime(2026, 11, 30, hour, 5, 59, tzinfo=UTC), timezone) == words
