"""What freeze windows say of an act: half open, deny wins, one that allows must be open."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest

from gitbot.decisions.freeze.windows import (
    LOOKS_AHEAD,
    is_open,
    matching,
    open_times,
    standing_in_the_way,
    window_verdict,
)
from gitbot.model.freeze import Act, Verdict, Window
from tests.unit.decisions.facts_by_hand import PROD
from tests.unit.decisions.freeze.windows_by_hand import a_window, at, once

WEEKEND = a_window("weekend", "deny", "0 17 * * FRI", 63)
FRIDAY = once("black friday", "deny", "2026-11-26T00:00", "2026-11-30T08:00")
OFFICE = a_window("office", "allow", "0 8 * * MON-FRI", 10, stacks=("web-*",))
LATE = a_window("late", "allow", "0 18 * * MON-FRI", 2)


def verdict(now: str, *windows: Window, stack: str = "web-shop", act: Act = Act.APPLY) -> Verdict:
    return window_verdict(replace(PROD, freezes=windows), act, stack, at(now))


@pytest.mark.parametrize(
    ("now", "windows", "allowed", "next_open", "next_close"),
    [
        # Half open: closed from the first instant, open from the last.
        ("2026-11-27T16:59", (WEEKEND,), True, None, "2026-11-27T17:00"),
        ("2026-11-27T17:00", (WEEKEND,), False, "2026-11-30T08:00", "2026-12-04T17:00"),
        ("2026-11-30T07:59", (WEEKEND,), False, "2026-11-30T08:00", "2026-12-04T17:00"),
        ("2026-11-30T08:00", (WEEKEND,), True, None, "2026-12-04T17:00"),
        ("2026-11-25T00:00", (FRIDAY,), True, None, "2026-11-26T00:00"),
        ("2026-11-26T00:00", (FRIDAY,), False, "2026-11-30T08:00", None),
        ("2026-11-30T08:00", (FRIDAY,), True, None, None),
        # Two that deny: both must be over.
        ("2026-11-26T12:00", (FRIDAY, WEEKEND), False, "2026-11-30T08:00", "2026-12-04T17:00"),
        # One that allows must be open, and deny wins over it.
        ("2026-11-27T07:00", (OFFICE,), False, "2026-11-27T08:00", "2026-11-27T18:00"),
        ("2026-11-27T12:00", (OFFICE,), True, None, "2026-11-27T18:00"),
        ("2026-11-27T12:00", (OFFICE, LATE), True, None, "2026-11-27T20:00"),
        ("2026-11-27T12:00", (OFFICE, WEEKEND), True, None, "2026-11-27T17:00"),
        ("2026-11-27T17:30", (OFFICE, WEEKEND), False, "2026-11-30T08:00", "2026-11-30T18:00"),
        # No window is ever open again.
        ("2026-12-01T00:00", (replace(FRIDAY, allows=True),), False, None, None),
        # Further ahead than anybody plans.
        (
            "2026-01-01T00:00",
            (once("far", "deny", "2027-03-01T00:00", "2027-03-02T00:00"),),
            True,
            None,
            None,
        ),
        ("2026-01-01T00:00", (), True, None, None),
    ],
)
def test_an_act_is_allowed_when_no_window_denies_it_and_one_allows_it(
    now: str,
    windows: tuple[Window, ...],
    allowed: bool,
    next_open: str | None,
    next_close: str | None,
) -> None:
    found = verdict(now, *windows)
    assert found.allowed == allowed
    assert found.next_open == (next_open and at(next_open))
    assert found.next_close == (next_close and at(next_close))
    assert bool(found.why) != allowed


def test_a_window_speaks_only_of_its_acts_and_its_stacks() -> None:
    saturday = "2026-11-28T12:00"
    assert not verdict(saturday, WEEKEND).allowed
    assert verdict(saturday, WEEKEND, act=Act.HEAL).allowed
    assert not verdict(saturday, OFFICE).allowed
    assert verdict(saturday, OFFICE, stack="trainer").allowed


@pytest.mark.parametrize(
    ("windows", "why"),
    [
        (
            (WEEKEND,),
            "the window `weekend` (open until Mon 2026-11-30 08:00 UTC) of prod denies apply",
        ),
        (
            (FRIDAY, WEEKEND, OFFICE),
            "the window `black friday` (open until Mon 2026-11-30 08:00 UTC) and the window "
            "`weekend` (open until Mon 2026-11-30 08:00 UTC) of prod deny apply",
        ),
        (
            (OFFICE, LATE),
            "prod allows apply only in the window `office` (0 8 * * MON-FRI for 10h (UTC)) or "
            "`late` (0 18 * * MON-FRI for 2h (UTC))",
        ),
    ],
)
def test_the_reason_names_the_windows_and_until_when(windows: tuple[Window, ...], why: str) -> None:
    assert verdict("2026-11-28T12:00", *windows).why == why


@pytest.mark.parametrize(
    ("now", "windows", "names"),
    [
        ("2026-11-28T12:00", (WEEKEND, OFFICE, LATE), ["weekend", "office", "late"]),
        ("2026-11-27T17:30", (WEEKEND, OFFICE, LATE), ["weekend"]),
        ("2026-11-27T12:00", (WEEKEND, OFFICE, LATE), []),
        ("2026-11-28T12:00", (FRIDAY, WEEKEND), ["black friday", "weekend"]),
    ],
)
def test_what_must_be_overridden_is_named(
    now: str, windows: tuple[Window, ...], names: list[str]
) -> None:
    found = standing_in_the_way(windows, Act.APPLY, "web-shop", at(now))
    assert [window.name for window in found] == names


def test_the_times_of_a_rare_window_are_those_of_nine_years() -> None:
    leap = a_window("leap", "deny", "0 0 29 2 *", 1)
    found = [span.start for span in open_times(leap, at("2026-05-01T12:00"))]
    assert found == [at("2028-02-29T00:00"), at("2032-02-29T00:00")]


def test_times_that_touch_are_one_and_endless_ones_are_cut() -> None:
    now = at("2026-05-01T12:00")
    days = next(open_times(a_window("days", "deny", "0 0 * * *", 24), now))
    assert days.start <= at("2026-05-01T00:00")
    assert days.end == at("2026-05-02T00:00") + LOOKS_AHEAD
    minutes = next(open_times(a_window("minutes", "deny", "* * * * *", 1), now))
    assert minutes.start <= now
    assert minutes.end > now + LOOKS_AHEAD
    assert is_open(a_window("minutes", "deny", "* * * * *", 1), now)
    rules = replace(PROD, freezes=(a_window("minutes", "deny", "* * * * *", 1),))
    found = window_verdict(rules, Act.APPLY, "web", now)
    assert (found.next_open, "(open for more than a year)" in found.why) == (None, True)


def test_however_often_a_window_opens_again_before_it_closes_its_end_is_found() -> None:
    rules = replace(PROD, freezes=(a_window("busy", "deny", "* * * * MON-THU", 1 / 30),))
    found = window_verdict(rules, Act.APPLY, "web", at("2026-05-04T00:00"))
    assert found.next_open == at("2026-05-08T00:01")
    assert found.next_close == at("2026-05-11T00:00")


def test_times_between_which_clocks_skip_the_hour_are_one() -> None:
    window = a_window("early", "deny", "0 1,3 * * *", 1, timezone="Europe/Berlin")
    found = next(open_times(window, at("2026-03-29T00:30")))
    assert (found.start, found.end) == (at("2026-03-29T00:00"), at("2026-03-29T02:00"))


@pytest.mark.parametrize(
    "windows",
    [
        (("deny", "*/2 * * * *"), ("deny", "1-59/2 * * * *")),
        (("allow", "*/2 * * * *"), ("deny", "*/2 * * * *")),
        tuple(("deny", f"{minute}-59/10 * * * *") for minute in range(10)),
    ],
)
def test_windows_that_take_turns_every_minute_are_not_followed_for_a_year(
    windows: tuple[tuple[str, str], ...],
) -> None:
    started = process_time()
    found = verdict(
        "2026-11-28T12:00",
        *(a_window(f"{at}", verb, cron, 1 / 60) for at, (verb, cron) in enumerate(windows)),
    )
    assert not found.allowed
    assert found.next_open is None
    assert process_time() - started < 1


def test_a_window_that_names_a_stack_means_it_in_every_region() -> None:
    window = replace(OFFICE, stacks=("late",))
    found = [
        matching([window], Act.APPLY, name)
        for name in ("late", "late@eu-west-1", "later@eu-west-1")
    ]
    assert found == [(window,), (window,), ()]
