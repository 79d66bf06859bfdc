"""What ``/wake`` and ``/sleep`` ask, and which days a calendar has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gitbot.decisions.hours.commands import asked, words_of
from gitbot.decisions.hours.holidays import calendars_at
from gitbot.decisions.hours.timetable import Timetable
from gitbot.errors import RefusedError
from gitbot.language.time.hours import read_hours
from gitbot.model.cloud import Power
from gitbot.model.desired import LoadedTree
from gitbot.model.holidays import country_codes, country_days

NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)


def table(text: str, timezone: str = "UTC") -> Timetable:
    return Timetable(schedule=read_hours(text), timezone=timezone)


OFFICE, LATE = table("off=(M-F,19);on=(M-F,7)"), table("off=(M-F,23);on=(M-F,12)")


BERLIN = table("off=(M-F,22);on=(M-F,7)", "Europe/Berlin")
ENDED = table("on=(M,7);until=2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("tables", "duration", "until"),
    [
        ([OFFICE], "3h", NOW + timedelta(hours=3)),
        ([OFFICE], "13d24h", NOW + timedelta(days=14)),
        ([OFFICE], None, datetime(2026, 11, 30, 7, tzinfo=UTC)),
        ([OFFICE, LATE], None, datetime(2026, 11, 27, 23, tzinfo=UTC)),
        ([ENDED], None, None),
    ],
)
def test_a_command_holds_for_a_time_or_until_the_next_event(
    tables: list[Timetable], duration: str | None, until: datetime | None
) -> None:
    command = asked(Power.RUNNING, tables, duration, "ada", NOW)
    assert (command.at, command.until, command.by) == (NOW, until, "ada")


@pytest.mark.parametrize(
    ("power", "tables", "duration", "words"),
    [
        (Power.RUNNING, [OFFICE], "3h", "its machines start now. From Fri 2026-11-27 23:00 UTC on they go by their schedule: they stop then, and the next start is Mon 2026-11-30 07:00 UTC"),
        (Power.STOPPED, [OFFICE], "3h", "its machines stop now. From Fri 2026-11-27 23:00 UTC on they go by their schedule: they stay stopped, and the next start is Mon 2026-11-30 07:00 UTC"),
        (Power.RUNNING, [BERLIN], "30m", "From Fri 2026-11-27 21:30 Europe/Berlin (20:30 UTC) on they go by their schedule: they go on running, and the next stop is Fri 2026-11-27 22:00 Europe/Berlin (21:00 UTC)"),
        (Power.STOPPED, [BERLIN], "30m", "they start then, and the next stop is"),
        (Power.STOPPED, [OFFICE, BERLIN], "30m", "each starts or stops as its own says, and the next stop is Fri 2026-11-27 22:00 Europe/Berlin"),
        (Power.RUNNING, [ENDED], "3h", "From Fri 2026-11-27 23:00 UTC on they go by their schedule: they go on running"),
        (Power.RUNNING, [ENDED], None, "its machines start now, and nothing in their schedule follows"),
    ],
)  # fmt: skip
def test_the_answer_says_what_happens_when_the_command_is_over(
    power: Power, tables: list[Timetable], duration: str | None, words: str
) -> None:
    found = words_of(asked(power, tables, duration, "ada", NOW), tables)
    assert words in found
    assert found.count("UTC") == found.count("2026-")


def test_a_command_about_a_stack_without_off_hours_says_so() -> None:
    with pytest.raises(RefusedError, match="has no machines with off-hours"):
        asked(Power.RUNNING, [], "3h", "ada", NOW)


def test_a_calendar_of_the_repository_wins_over_a_country() -> None:
    own = frozenset({date(2026, 5, 4)})
    days = calendars_at(LoadedTree(environments={}, stacks=(), calendars={"DE": own}), "dev", NOW)
    assert days("DE") == own
    assert date(2026, 3, 8) in days("DE-BE")
    assert {one.year for one in days("DE-BE")} == {2025, 2026, 2027, 2028}
    assert days("no-such-calendar") == frozenset()


def test_countries_have_calendars_with_and_without_their_parts() -> None:
    assert {"DE", "DE-BE", "US", "US-NY", "GB-ENG"} <= country_codes()
    assert date(2026, 7, 4) in country_days("US", [2026])
    with pytest.raises(KeyError):
        country_days("DE-XX", [2026])
