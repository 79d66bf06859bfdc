"""A text that does not fit a pattern is said to, at the character where it stops to fit."""

from __future__ import annotations

import pytest

from gitbot.language.pattern_misfits import where_it_stops


@pytest.mark.parametrize(
    ("pattern", "text", "says"),
    [
        (
            r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            "my_bucket",
            "character 3, '_', does not fit there",
        ),
        (r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "MyB", "character 1, 'M', does not fit there"),
        (r"\A[a-z]{1,3}\Z", "abcde", "character 4, 'd', does not fit there"),
        (r"^[a-z]{3,63}$", "ab", "it ends too early"),
        (r"^[0-9]+$", "", "it ends too early"),
        (r"^(a|b)c$", "a\n", r"character 2, '\n', does not fit there"),
        (r"^[a-z&&[^x]]+$", "abxc", "character 3, 'x', does not fit there"),
        # These tell nothing: it may begin anywhere, is long, or is no pattern.
        (r"[a-z]+", "123", ""),
        (r"^a+$", "a" * 300 + "b", ""),
        (r"^(a", "b", ""),
        (r"^(a*)*(a*)*(a*)*b$", "a" * 255 + "c", "character 256, 'c', does not fit there"),
    ],
)
def test_where_a_text_stops_to_fit(pattern: str, text: str, says: str) -> None:
    assert where_it_stops(pattern, text) == says
