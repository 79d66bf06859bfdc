"""What waits for a time is told in the zone of its environment and in UTC, the earliest first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gitbot.decisions.drift.schedule import schedules_of as scans
from gitbot.decisions.expiry.ahead import ahead_of
from gitbot.decisions.expiry.schedule import schedules_of as expiries
from gitbot.decisions.expiry.stages import Decision
from gitbot.decisions.time.schedules import next_due
from gitbot.model.drift import DriftRules
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import At, Every, Missed, Schedule, ScheduleRow, Work
from gitbot.render.schedule import Next, schedule_data, schedule_lines
from tests.unit.decisions.expiry.expiries_by_hand import a_case, an_expiry
from tests.unit.decisions.facts_by_hand import stack_id

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZONES = {"dev": "Europe/Berlin"}


def coming(environment: str, at: datetime | None, *, fired: datetime | None = None) -> Next:
    schedule = Schedule(
        name="scan",
        environment=EnvironmentKey(repository="7", environment=environment),
        work=Work.DRIFT,
        when=Every(interval=timedelta(hours=1)) if at else At(instant=NOON),
        why=f"look for drift in {environment}",
        missed=Missed.ONCE,
    )
    return ScheduleRow(schedule=schedule, since=NOON, last_fired=fired), at


def test_what_comes_is_told_the_earliest_first_and_what_is_over_is_not() -> None:
    rows = [
        coming("prod", NOON + timedelta(minutes=1)),
        coming("staging", None),
        coming("dev", NOON),
    ]
    assert [line.text for line in schedule_lines(schedule_data(rows, ZONES))] == [
        "Fri 2026-05-01 14:00 Europe/Berlin (12:00 UTC)  dev  drift: look for drift in dev",
        "Fri 2026-05-01 12:01 UTC  prod  drift: look for drift in prod",
    ]


def test_nothing_to_come_is_told() -> None:
    (line,) = schedule_lines(schedule_data([coming("dev", None)], ZONES))
    assert line.text == "Nothing waits for a time: no part of the schedule is switched on."
    assert schedule_data([coming("dev", None)], ZONES) == []


def test_programs_get_both_times() -> None:
    assert schedule_data(
        [coming("dev", NOON, fired=NOON - timedelta(hours=1)), coming("prod", NOON)], ZONES
    ) == [
        {
            "environment": "dev",
            "work": "drift",
            "name": "scan",
            "at": "2026-05-01T12:00:00+00:00",
            "local": "2026-05-01T14:00:00+02:00",
            "timezone": "Europe/Berlin",
            "why": "look for drift in dev",
            "lastFired": "2026-05-01T11:00:00+00:00",
        },
        {
            "environment": "prod",
            "work": "drift",
            "name": "scan",
            "at": "2026-05-01T12:00:00+00:00",
            "local": "2026-05-01T12:00:00+00:00",
            "timezone": "UTC",
            "why": "look for drift in prod",
            "lastFired": None,
        },
    ]


def test_the_page_shows_what_is_printed() -> None:
    page = (Path(__file__).parents[3] / "docs" / "schedule.md").read_text()
    (shown,) = re.findall(r"^\$ gitbot schedule .*\n((?:\w.*\n)+)", page, re.M)
    now = datetime(2026, 11, 30, 6, tzinfo=UTC)
    hours = timedelta(hours=1)
    stack = stack_id("try-out")
    place = EnvironmentKey(repository=stack.repository, environment=stack.environment)
    warned = Decision(until=now + 2 * hours)
    expiry = an_expiry(name="try-out", expires_at=now + 50 * hours)
    rows = [
        ScheduleRow(schedule=one, since=now)
        for one in (
            *scans(place, DriftRules(), ()),
            *expiries(
                place, [expiry], {stack: warned}, {stack: ahead_of(a_case(expiry), now)}, now
            ),
        )
    ]
    lines = schedule_lines(
        schedule_data([(row, next_due(row)) for row in rows], {"dev": "Europe/Berlin"})
    )
    assert [line.text for line in lines] == shown.splitlines()
