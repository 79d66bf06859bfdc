"""The language of off-hours: what each text means, and where a mistake is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.language.time.hours import ZONE_ALIASES
from gitbot.language.time.hours import read_hours as read
from gitbot.language.time.hours_text import ESCAPES
from gitbot.model.hours import HoursSchedule, WeekTime
from gitbot.model.text_problem import TextProblemError
from gitbot.model.zones import zone_names

WEEK = range(5)


def at(days: range | tuple[int, ...], hour: int, minute: int = 0) -> WeekTime:
    return WeekTime(days=frozenset(days), minute=hour * 60 + minute)


DEFAULT = HoursSchedule(on=(at(WEEK, 7),), off=(at(WEEK, 19),))

# Each of these is a valid tag of Cloud Custodian 0.9.53, which reads it so.
CUSTODIAN = {
    "": DEFAULT,
    "on": DEFAULT,
    "ON": DEFAULT,
    ";": DEFAULT,
    '"on"': DEFAULT,
    "off": HoursSchedule(),
    "tz=pt": HoursSchedule(on=DEFAULT.on, off=DEFAULT.off, timezone="America/Los_Angeles"),
    "tz=america/new_york": HoursSchedule(
        on=DEFAULT.on, off=DEFAULT.off, timezone="America/New_York"
    ),
    "off=(M-F,19);on=(M-F,7)": DEFAULT,
    "'off=(M-F,19);on=(M-F,7)'": DEFAULT,
    "off=(m-f,19);on=(m-f,07);;": DEFAULT,
    "off=M-F,19;on=M-F,7": DEFAULT,
    "on=(M-F,7);off=(M-F,19);tz=": DEFAULT,
    "off=[(M-F,21),(U,18)];on=[(M-F,6),(U,10)];tz=pt": HoursSchedule(
        on=(at(WEEK, 6), at((6,), 10)),
        off=(at(WEEK, 21), at((6,), 18)),
        timezone="America/Los_Angeles",
    ),
    "off=(M-F,19),(S,13);on=(M,7)": HoursSchedule(
        on=(at((0,), 7),), off=(at(WEEK, 19), at((5,), 13))
    ),
    "off=(F-M,19);on=(H-H,7)": HoursSchedule(on=(at((3,), 7),), off=(at((4, 5, 6, 0), 19),)),
    "offu3du28M-Fu2c18u29u3btzu3dAustraliau2fSydneyu3bonu3du28M-Fu2c8u29": HoursSchedule(
        on=(at(WEEK, 8),), off=(at(WEEK, 18),), timezone="Australia/Sydney"
    ),
    "off=u5bu28M-Fu2c18u29u2cu28Su2c13u29u5d;on=U28Mu2dFu2C8u29": HoursSchedule(
        on=(at(WEEK, 8),), off=(at(WEEK, 18), at((5,), 13))
    ),
}


@pytest.mark.parametrize(("text", "meaning"), CUSTODIAN.items())
def test_a_valid_tag_of_cloud_custodian_means_what_it_means_there(
    text: str, meaning: HoursSchedule
) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        # Here Cloud Custodian takes the default of its policy for the side that is missing.
        ("off=(M-F,19)", HoursSchedule(off=(at(WEEK, 19),))),
        ("on=(M-F,7);tz=utc", HoursSchedule(on=(at(WEEK, 7),), timezone="Etc/UTC")),
        (" off = [ (M - F, 19:30) , (S ,13) ] ; on=( M-F , 7 ) ", None),
        ("off=(U-S,0:05);on=(W,23:59)", HoursSchedule(on=(at((2,), 23, 59),), off=(at(range(7), 0, 5),))),
        ("skip=DE-BE", HoursSchedule(on=DEFAULT.on, off=DEFAULT.off, skip="DE-BE")),
        (
            "until=2026-12-24T18:00:00+01:00",
            HoursSchedule(
                on=DEFAULT.on, off=DEFAULT.off, until=datetime(2026, 12, 24, 17, tzinfo=UTC)
            ),
        ),
        (
            "UNTIL=2026-12-24t18:00z",
            HoursSchedule(
                on=DEFAULT.on, off=DEFAULT.off, until=datetime(2026, 12, 24, 18, tzinfo=UTC)
            ),
        ),
    ],
)  # fmt: skip
def test_what_goes_beyond_cloud_custodian_is_read(text: str, meaning: HoursSchedule | None) -> None:
    spaced = HoursSchedule(on=(at(WEEK, 7),), off=(at(WEEK, 19, 30), at((5,), 13)))
    assert read(text) == (meaning or spaced)


@pytest.mark.parametrize(
    ("text", "column", "detail"),
    [
        ("bogus text", 1, '"bogus text" is not a part of a schedule.'),
        ("Offhours tz=PT", 1, '"Offhours tz" is not a part of a schedule.'),
        ("off=(M-F,19);foo=1", 14, '"foo" is not a part of a schedule.'),
        ("on;tz=pt", 1, '"on" stands alone'),
        ("tz=pt; off", 8, '"off" stands alone'),
        ("off=(M-F,19);off=(M-F,20)", 14, "off= is written twice"),
        ("tz=pt;tz=et", 7, "tz= is written twice"),
        ("off=(x-m-f,12)", 6, '"x-m-f" does not name days.'),
        ("off=(m-t-w,12)", 6, '"m-t-w" does not name days.'),
        ("off=()", 6, '"" does not name days.'),
        ("off=", 5, '"" does not name days.'),
        ("off=(M-F)", 9, "The hour is missing."),
        ("off=(M-F,24)", 10, '"24" is not a time of day.'),
        ("off=(M-F,7:60)", 10, '"7:60" is not a time of day.'),
        ("off=(M-F,19", 12, "The time that begins with ( has no end."),
        ("off=[(M-F,19)", 14, "The list that begins with [ has no end."),
        ("off=(M-F,19) on=(M-F,7)", 14, '"on=(M-F,7)" is too much here.'),
        ("off=u28M-Fu2c24u29", 14, '"24" is not a time of day.'),
        ("off=(M-F,19);tz=Nowhere/There", 17, '"Nowhere/There" is not a time zone.'),
        ("until=2026-12-24T18:00:00", 26, "does not say in which time zone."),
        ("until=2026u2d13-24T18:00:00Z", 7, "is not a date or time that exists."),
        ("until=2026u2d12-24 noon", 19, "is not a date or time."),
        ("skip=", 6, '"" is not the name of a calendar.'),
        ("skip=../x", 6, '"../x" is not the name of a calendar.'),
        ("off=(M-F,19);on=(F,19)", 17, "Machines would start and stop at the same time"),
    ],
)
def test_a_mistake_is_told_with_its_column_and_how_to_mend_it(
    text: str, column: int, detail: str
) -> None:
    with pytest.raises(TextProblemError) as caught:
        read(text)
    assert (caught.value.at + 1, detail in caught.value.detail) == (column, True)
    assert caught.value.fix.endswith(".")


def test_every_short_name_of_a_zone_stands_for_one_that_exists() -> None:
    for short, name in ZONE_ALIASES.items():
        assert read(f"tz={short}").timezone == name
        assert name in zone_names()


def outcome(text: str) -> HoursSchedule | tuple[int, str]:
    try:
        return read(text)
    except TextProblemError as error:
        return error.at + 1, error.detail


DAYS = st.sampled_from(["M", "t", "W-F", "S-M", "H"])
SIDE = st.lists(st.builds("({},{})".format, DAYS, st.integers(0, 23)), min_size=1, max_size=3)


@given(SIDE, SIDE, st.booleans())
def test_escapes_and_brackets_change_no_meaning(
    on: list[str], off: list[str], brackets: bool
) -> None:
    texts = [",".join(side) for side in (on, off)]
    plain = "on={};off={}".format(*texts)
    other = "off=[{}];on=[{}]".format(*reversed(texts)) if brackets else plain
    for escape, char in ESCAPES.items():
        other = other.replace(char, escape)
    meaning, same = outcome(plain), outcome(other)
    if isinstance(meaning, HoursSchedule):
        assert same == meaning
    else:  # it is told at another column
        assert not isinstance(same, HoursSchedule)
        assert same[1] == meaning[1]


@given(st.text(alphabet="()[],;=/-u28MTWHFSUonftz 0123456789:'\"x", max_size=40))
def test_any_text_is_a_schedule_or_a_mistake_inside_the_text(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, HoursSchedule) or 1 <= found[0] <= len(text) + 1


def test_every_schedule_of_the_page_about_off_hours_can_be_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "off-hours.md").read_text()
    texts = re.findall(r"^\| `([^`]*(?:off|on|tz|skip|until)[^`]*)`", page, re.MULTILINE)
    assert len(texts) >= 8
    assert all(read(text) for text in texts)
