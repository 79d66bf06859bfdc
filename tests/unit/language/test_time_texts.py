"""Tests for the readers of durations, times, time zones and cron expressions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.language.time.cron import read_cron
from gitbot.language.time.instants import read_instant, read_moment
from gitbot.language.time.zones import read_zone
from gitbot.model.durations import duration_between, duration_words, read_duration
from gitbot.model.text_problem import TextProblemError


def problem(read: Callable[[str], object], text: str) -> TextProblemError:
    with pytest.raises(TextProblemError) as found:
        read(text)
    return found.value


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30m", timedelta(minutes=30)),
        ("72h", timedelta(hours=72)),
        ("7d", timedelta(days=7)),
        ("1d12h30m5s", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_days_hours_minutes_and_seconds(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration
    assert read_duration(duration_words(duration)) == duration


@pytest.mark.parametrize(
    ("text", "at"),
    [("", 0), ("30", 0), ("h", 0), ("1h30", 2), ("30m1h", 3), ("1.5h", 0), ("-1h", 0), ("1h ", 2)],
)
def test_what_is_no_duration_is_told_where_it_goes_wrong(text: str, at: int) -> None:
    assert problem(read_duration, text).at == at


def test_a_duration_out_of_bounds_is_told_with_its_bounds() -> None:
    read = duration_between(timedelta(minutes=1), timedelta(days=30))
    assert read("1m") == timedelta(minutes=1)
    assert read("30d") == timedelta(days=30)
    for text, word in (("59s", "short"), ("30d1s", "long")):
        found = problem(read, text)
        assert word in found.detail
        assert found.fix == "Write at least 1m and at most 30d."


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T18:00:00+01:00", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01T18:00Z", datetime(2026, 12, 1, 18, tzinfo=UTC)),
        ("2026-12-01 18:00:30", datetime(2026, 12, 1, 18, 0, 30)),  # noqa: DTZ001
        # A date means its end.
        ("2026-12-24", datetime(2026, 12, 25)),  # noqa: DTZ001
        ("2026-12-31", datetime(2027, 1, 1)),  # noqa: DTZ001
    ],
)
def test_a_moment_is_a_date_or_a_time_with_or_without_an_offset(
    text: str, moment: datetime
) -> None:
    read = read_moment(text)
    assert (read, read.tzinfo) == (moment, moment.tzinfo)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("tomorrow", 0),
        ("2026-13-01", 0),
        ("2026-02-29", 0),
        ("2026-12-24T25:00", 11),
        ("2026-12-24T18:00+25:00", 16),
        ("2026-12-24T18", 10),
        ("2026-12-24 at noon", 10),
        ("20261224", 0),
        ("9999-12-31", 0),
    ],
)
def test_what_is_no_moment_is_told_where_it_goes_wrong(text: str, at: int) -> None:
    assert problem(read_moment, text).at == at


@pytest.mark.parametrize("text", ["2026-12-24", "2026-12-24T18:00"])
def test_an_instant_needs_an_offset(text: str) -> None:
    found = problem(read_instant, text)
    assert "time zone" in found.detail
    assert found.at == len(text)
    assert read_instant("2026-12-24T18:00:00-05:00") == datetime(2026, 12, 24, 23, tzinfo=UTC)


def test_a_zone_is_named_as_iana_does() -> None:
    assert read_zone("Europe/Berlin") == "Europe/Berlin"
    assert problem(read_zone, "europe/berlin").fix == 'Did you mean "Europe/Berlin"?'
    assert "IANA" in problem(read_zone, "../../etc/passwd").fix


@pytest.mark.parametrize(
    ("text", "field", "numbers"),
    [
        ("5 0 * * *", "minutes", {5}),
        ("*/20 0 * * *", "minutes", {0, 20, 40}),
        ("10-40/15 0 * * *", "minutes", {10, 25, 40}),
        ("0 1,3-5 * * *", "hours", {1, 3, 4, 5}),
        ("0 0 1-31/10 * *", "days", {1, 11, 21, 31}),
        ("0 0 1 JAN,jul *", "months", {1, 7}),
        # Sunday is 0 and 7.
        ("0 0 * * 7", "weekdays", {0}),
        ("0 0 * * 0", "weekdays", {0}),
        ("0 0 * * 5-7", "weekdays", {5, 6, 0}),
        ("0 0 * * FRI-SUN", "weekdays", {5, 6, 0}),
        ("0 0 * * SUN-TUE", "weekdays", {0, 1, 2}),
        ("0 0 * * MON-FRI", "weekdays", {1, 2, 3, 4, 5}),
        ("0 0 * * */2", "weekdays", {0, 2, 4, 6}),
    ],
)
def test_the_fields_of_a_cron_expression_are_sets(text: str, field: str, numbers: set[int]) -> None:
    assert getattr(read_cron(text), field) == numbers


def test_a_day_field_is_given_unless_it_is_a_star() -> None:
    for text, days in (("* *", (True, True)), ("1-31 *", (False, True)), ("* 0-6", (True, False))):
        day, weekday = text.split()
        cron = read_cron(f"0 0 {day} * {weekday}")
        assert (cron.any_day, cron.any_weekday) == days


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 0, "five fields"),
        ("@daily", 0, "five fields"),
        ("0 0 * *", 7, "five fields"),
        ("0 0 * * * *", 10, "five fields"),
        ("60 0 * * *", 0, "minute"),
        ("0 24 * * *", 2, "hour"),
        ("0 0 0 * *", 4, "day of month"),
        ("0 0 * 13 *", 6, "month"),
        ("0 0 * * 8", 8, "day of week"),
        ("0 0 * * MON,FOO", 12, "FOO"),
        ("0 0 * * FRI-MON", 8, "backwards"),
        ("30-20 0 * * *", 0, "backwards"),
        ("5/15 0 * * *", 0, "5/15"),
        ("*/0 0 * * *", 0, "*/0"),
        ("0 0 L * *", 4, '"L"'),
        ("0 0 ? * MON", 4, '"?"'),
        ("0 0 * * MON#2", 8, "MON#2"),
        ("0 0 1-x * *", 6, '"x"'),
        ("0 0 1, * *", 6, '""'),
        ("0 0 30 2 *", 4, "never"),
        ("0 0 31 4,6,9,11 *", 4, "never"),
        # Programs disagree on whether a step counts as given.
        ("0 0 */2 * MON", 4, "1-31/2"),
        ("0 0 1 * */2", 8, "0-6/2"),
    ],
)
def test_a_wrong_cron_expression_is_told_where_it_goes_wrong(
    text: str, at: int, words: str
) -> None:
    found = problem(read_cron, text)
    assert found.at == at
    assert words in f"{found.detail} {found.fix}"


def test_a_day_that_no_month_has_is_fine_beside_a_weekday() -> None:
    assert read_cron("0 0 31 2 MON").weekdays == {1}
