"""Tests for what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gitbot.decisions.time.schedules import AGAIN, due, next_due, settle
from gitbot.language.time.cron import read_cron
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import At, Cron, Every, Missed, Schedule, ScheduleRow, When, Work
from gitbot.model.zones import zone
from tests.model_checks import sized

DEV = EnvironmentKey(repository="7", environment="dev")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HOURLY = Every(interval=HOUR)
BERLIN = Cron(expression="30 14 * * *", timezone="Europe/Berlin", fields=read_cron("30 14 * * *"))
ONCE, LEVEL = Missed.ONCE, Missed.LEVEL


def schedule(when: When, missed: Missed = ONCE, name: str = "scan") -> Schedule:
    return Schedule(
        name=name, environment=DEV, work=Work.DRIFT, when=when, why="look", missed=missed
    )


def row(
    when: When,
    last_fired: datetime | None = None,
    *,
    missed: Missed = ONCE,
    since: datetime = NOON - HOUR / 2,
) -> ScheduleRow:
    return ScheduleRow(schedule=schedule(when, missed), since=since, last_fired=last_fired)


@pytest.mark.parametrize(
    ("of", "fires", "next_"),
    [
        # An interval fires at its multiples, the same on every server.
        (row(HOURLY), NOON, NOON),
        (row(HOURLY, NOON - HOUR), NOON, NOON),
        (row(HOURLY, NOON), None, NOON + HOUR),
        # What was missed fires once, for the newest instant.
        (row(HOURLY, NOON - 50 * HOUR), NOON, NOON - 49 * HOUR),
        # A new row fires for nothing that was before.
        (row(HOURLY, since=NOON), None, NOON + HOUR),
        (row(HOURLY, since=NOON + MINUTE), None, NOON + HOUR),
        # What fired after now, by a clock that jumped ahead, counts as never fired.
        (row(HOURLY, NOON + HOUR), NOON, NOON),
        (row(HOURLY, NOON + 9999 * HOUR, since=NOON), None, NOON + HOUR),
        (row(HOURLY, since=NOON + 9999 * HOUR), None, NOON + HOUR),
        (row(At(instant=NOON), NOON + HOUR), NOON, NOON),
        (row(At(instant=NOON + HOUR), NOON + HOUR), None, NOON + HOUR),
        # Half past two in Berlin is half past twelve in UTC.
        (row(BERLIN, NOON - HOUR), None, NOON + HOUR / 2),
        (row(BERLIN, NOON - 48 * HOUR), NOON - 23.5 * HOUR, NOON - 47.5 * HOUR),
        # An instant fires once, also when the row is younger.
        (row(At(instant=NOON)), NOON, NOON),
        (row(At(instant=NOON - HOUR)), NOON - HOUR, NOON - HOUR),
        (row(At(instant=NOON + MINUTE)), None, NOON + MINUTE),
        (row(At(instant=NOON), NOON), None, None),
        (row(At(instant=NOON - HOUR), NOON - HOUR), None, None),
        # One that was put off fires again.
        (row(At(instant=NOON), NOON - HOUR), NOON, NOON),
        # Where the state decides, it fires again until the job has replaced it.
        (row(At(instant=NOON), missed=LEVEL), NOON, NOON),
        (row(At(instant=NOON), NOON, missed=LEVEL), None, NOON + AGAIN),
        (row(At(instant=NOON - AGAIN), NOON - AGAIN, missed=LEVEL), NOON, NOON),
        (
            row(At(instant=NOON - 2.5 * AGAIN), NOON - 2.5 * AGAIN, missed=LEVEL),
            NOON - AGAIN / 2,
            NOON - 1.5 * AGAIN,
        ),
        (row(HOURLY, NOON, missed=LEVEL), None, NOON + HOUR),
    ],
)
def test_what_is_due_fires_once_for_the_newest_instant(
    of: ScheduleRow, fires: datetime | None, next_: datetime | None
) -> None:
    assert [firing.instant for firing in due([of], NOON)] == ([] if fires is None else [fires])
    assert next_due(settle(of, NOON)) == next_


def test_what_fires_first_was_due_first() -> None:
    rows = [
        ScheduleRow(schedule=schedule(At(instant=NOON - late), name=name), since=NOON)
        for name, late in (("b", MINUTE), ("c", 2 * MINUTE), ("a", MINUTE))
    ]
    assert [firing.schedule.name for firing in due(rows, NOON)] == ["c", "a", "b"]


def test_the_reason_of_a_firing_is_the_same_wherever_its_server_stands() -> None:
    berlin = NOON.astimezone(zone("Europe/Berlin"))
    here, there = (due([row(At(instant=one))], NOON)[0] for one in (NOON, berlin))
    assert here.reason == there.reason == "2026-05-01T12:00:00+00:00:scan"


class OneSchedule(RuleBasedStateMachine):
    """A server that goes down and comes back, and a clock that moves on: each instant of the
    schedule fires at most once, and none is left unanswered while a server looks."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.row = row(HOURLY, since=NOON)
        self.fired: list[datetime] = []

    @rule(minutes=st.integers(1, 60 * 30))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(recorded=st.booleans())
    def a_server_looks(self, recorded: bool) -> None:
        for firing in due([self.row], self.now):
            # The same instant again is the same job: the queue knows it.
            if firing.instant not in self.fired:
                self.fired.append(firing.instant)
            if recorded:
                self.row = replace(self.row, last_fired=firing.instant)
        hour = NOON + (self.now - NOON) // HOUR * HOUR
        assert hour in {NOON, *self.fired}

    @rule(hours=st.integers(1, 5))
    def the_tip_asks_for_another_interval(self, hours: int) -> None:
        for interval in (Every(interval=hours * HOUR), HOURLY):
            self.row = replace(self.row, schedule=replace(self.row.schedule, when=interval))

    @invariant()
    def nothing_fires_before_its_time_or_out_of_order(self) -> None:
        assert self.fired == sorted(self.fired)
        assert all(NOON < instant <= self.now for instant in self.fired)
        following = next_due(self.row)
        assert following is not None
        assert bool(due([self.row], self.now)) == (following <= self.now)


OneSchedule.TestCase.settings = sized(30)
TestOneSchedule = pytest.mark.model(OneSchedule.TestCase)
