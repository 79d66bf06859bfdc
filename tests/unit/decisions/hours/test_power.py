"""What is done to machines by their off-hours, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.hours.power import (
    Decision,
    Machine,
    decide,
    effective_event,
    failed,
    upcoming,
)
from gitbot.decisions.hours.rules import hours_of, in_force, timetable_of
from gitbot.decisions.hours.schedule import ENFORCED, Watched, schedules_of
from gitbot.decisions.hours.telling import trouble_of
from gitbot.decisions.hours.timetable import Timetable
from gitbot.decisions.hours.working import (
    CPU_METRIC,
    LOOK_AGAIN,
    NOTICE,
    working_by_metric,
    working_by_tag,
)
from gitbot.language.time.hours import read_hours
from gitbot.model.cloud import Power
from gitbot.model.desired import Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.hours import (
    Busy,
    BusyMetric,
    EventKind,
    HoursCommand,
    MachineRow,
    MachineRules,
    OffHours,
    Working,
)
from gitbot.model.names import Address, EnvironmentKey, RemoteId
from gitbot.model.time import At

UP, DOWN = Power.RUNNING, Power.STOPPED
OFFICE = "off=(M-F,19);on=(M-F,7)"
ID = RemoteId("i-1")
WAITS = Busy(at_most=timedelta(hours=3))


def at(text: str) -> datetime:
    """An hour of the week around Friday, 2026-11-27: ``Fri 19:00``."""
    days = {"Thu": 26, "Fri": 27, "Sat": 28, "Sun": 29, "Mon": 30}
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{days[day]}T{clock}").replace(tzinfo=UTC)


def table(text: str = OFFICE) -> Timetable:
    return Timetable(schedule=read_hours(text), timezone="UTC")


def row(done: str = "Fri 07:00", power: Power | None = UP, **more: Any) -> MachineRow:
    return MachineRow(remote_id=ID, schedule=OFFICE, done_at=at(done), power=power, **more)


def machine(
    power: Power | None = UP,
    known: MachineRow | None = None,
    text: str | None = OFFICE,
    **more: Any,
) -> Machine:
    return Machine(
        remote_id=ID,
        table=None if text is None else table(text),
        schedule=text or "",
        power=power,
        row=known,
        **more,
    )


def command(power: Power, since: str, until: str | None) -> HoursCommand:
    end = None if until is None else at(until)
    return HoursCommand(power=power, at=at(since), until=end, by="ada")


def gives_notice(decision: Decision) -> bool:
    """Whether people get to know now that the machine will be stopped although it works."""
    before = decision.known.noticed_at if decision.known is not None else None
    return before is None and decision.row is not None and decision.row.noticed_at is not None


@pytest.mark.parametrize(
    ("now", "found", "known", "does"),
    [
        pytest.param("Fri 18:59", UP, row(), None, id="nothing before the event"),
        pytest.param("Fri 19:00", UP, row(), DOWN, id="stops at the event"),
        pytest.param("Sat 11:23", UP, row(), DOWN, id="an event that was missed is made up for"),
        pytest.param("Fri 20:00", DOWN, row(), None, id="somebody has stopped it before"),
        pytest.param("Fri 20:00", Power.STOPPING, row(), None, id="it is stopping"),
        pytest.param("Fri 20:00", Power.STARTING, row(), DOWN, id="it is starting"),
        pytest.param("Fri 20:00", UP, row("Fri 19:00", DOWN), None, id="a person's start wins"),
        pytest.param("Fri 12:00", DOWN, row(), None, id="a person's stop wins"),
        pytest.param("Mon 07:00", DOWN, row("Fri 19:00", DOWN), UP, id="until the next event"),
        pytest.param("Fri 20:00", UP, None, None, id="a machine that is new off-hours runs on"),
        pytest.param("Fri 20:00", None, row(), None, id="it is gone"),
    ],
)
def test_only_events_act(
    now: str, found: Power | None, known: MachineRow | None, does: Power | None
) -> None:
    decision = decide(machine(found, known), at(now))
    assert decision.power is does
    if found is None:
        assert decision.row is None


def test_what_is_done_is_recorded_and_not_done_again() -> None:
    for found in (UP, DOWN):
        decision = decide(
            machine(found, row(failure="x", failing_since=at("Fri 19:00"))), at("Fri 19:05")
        )
        assert decision.row == row("Fri 19:00", DOWN)
        assert decide(machine(UP, decision.row), at("Fri 23:00")).power is None


def test_a_new_machine_waits_for_the_next_event() -> None:
    decision = decide(machine(UP, None), at("Fri 20:00"))
    assert decision.row == row("Fri 19:00", None)
    assert decide(machine(DOWN, decision.row), at("Mon 07:00")).power is UP
    first = decide(machine(UP, None, "off=(M,7);until=2026-11-10T00:00:00Z"), at("Fri 20:00"))
    assert first.row is not None
    assert first.row.done_at == at("Fri 20:00") - timedelta(days=8)
    assert first.power is None


def test_another_machine_at_the_same_address_is_a_new_one() -> None:
    other = replace(row(), remote_id=RemoteId("i-0"))
    assert decide(machine(UP, other), at("Fri 20:00")).row == row("Fri 19:00", None)


@pytest.mark.parametrize(
    ("known", "found", "text", "does"),
    [
        pytest.param(row("Fri 07:00", UP), UP, "off=(F,11);on=(M,7)", DOWN, id="it should sleep now"),
        pytest.param(row("Fri 07:00", UP), UP, "off=(F,6);on=(M,7)", DOWN, id="since before"),
        pytest.param(row("Fri 07:00", UP), DOWN, "off=(M-F,20);on=(M-F,11)", None, id="as before"),
        pytest.param(row("Fri 07:00", None), UP, "off=(F,11);on=(M,7)", None, id="nothing done yet"),
        pytest.param(row("Fri 07:00", UP), UP, "off=(F,11);until=2026-11-01T00:00:00Z", None, id="over"),
    ],
)  # fmt: skip
def test_a_changed_schedule_acts_only_where_it_wants_something_else(
    known: MachineRow, found: Power, text: str, does: Power | None
) -> None:
    decision = decide(machine(found, known, text), at("Fri 12:00"))
    assert decision.power is does
    assert decision.row is not None
    assert decision.row.schedule == text
    assert decide(machine(does or found, decision.row, text), at("Fri 12:01")).power is None


@pytest.mark.parametrize(
    ("found", "known", "does"),
    [
        pytest.param(UP, row("Fri 19:00", DOWN), DOWN, id="a start is put back"),
        pytest.param(DOWN, row("Fri 19:00", DOWN), None, id="as it should be"),
        pytest.param(UP, row("Fri 19:00", None), None, id="a new machine waits all the same"),
    ],
)
def test_an_enforced_schedule_acts_on_the_state(
    found: Power, known: MachineRow, does: Power | None
) -> None:
    assert decide(machine(found, known, enforce=True), at("Fri 23:00")).power is does


@pytest.mark.parametrize(
    ("now", "waits_since", "does", "notice"),
    [
        ("Fri 23:00", None, None, False),
        ("Sat 01:29", "Fri 23:00", None, False),
        ("Sat 01:30", "Fri 23:00", None, True),
        ("Sat 12:00", "Sat 11:00", None, False),
    ],
)
def test_work_that_somebody_began_off_hours_has_its_whole_maximum_where_it_is_enforced(
    now: str, waits_since: str | None, does: Power | None, notice: bool
) -> None:
    since = None if waits_since is None else at(waits_since)
    known = row("Fri 19:00", DOWN, waits_since=since)
    decision = decide(machine(UP, known, enforce=True, busy=WAITS, working=Working.BUSY), at(now))
    assert (decision.power, gives_notice(decision)) == (does, notice)


def test_how_the_command_before_a_stop_failed_is_told_until_the_next_event() -> None:
    known = row("Fri 19:00", DOWN, pre_stop="exit 1")
    still = decide(machine(DOWN, known), at("Sat 12:00")).row
    assert still is not None
    assert still.pre_stop == "exit 1"
    started = decide(machine(DOWN, known), at("Mon 07:00")).row
    assert started is not None
    assert started.pre_stop == ""


def test_a_machine_that_takes_the_place_of_another_is_new_and_what_was_told_is_over() -> None:
    old = replace(
        row("Fri 07:00", told="no capacity", failure="no capacity"), remote_id=RemoteId("i-0")
    )
    decision = decide(machine(UP, old), at("Fri 15:00"))
    assert decision.power is None
    assert decision.row == row("Fri 07:00", None, told="no capacity")
    assert decide(machine(UP, decision.row), at("Fri 19:00")).power is DOWN


def test_the_end_of_an_enforced_schedule_enforces_nothing() -> None:
    text = f"{OFFICE};until=2026-11-28T12:00:00Z"
    known = replace(row("Sat 12:00", UP), schedule=text)
    assert decide(machine(DOWN, known, text, enforce=True), at("Sat 13:00")).power is None


@pytest.mark.parametrize("text", [None, "off"])
def test_what_off_hours_have_stopped_is_started_when_they_end(text: str | None) -> None:
    asleep = decide(machine(DOWN, row("Fri 19:00", DOWN), text), at("Sat 12:00"))
    assert (asleep.power, asleep.row) == (UP, None)
    assert failed(asleep, "no", at("Sat 12:00")).row is not None
    for found, known in ((UP, row("Fri 19:00", DOWN)), (DOWN, row()), (DOWN, None)):
        decision = decide(machine(found, known, text), at("Sat 12:00"))
        assert (decision.power, decision.row) == (None, None)


@pytest.mark.parametrize(
    ("told", "now", "found", "known", "does"),
    [
        pytest.param(("wake", "Fri 20:00", "Fri 23:00"), "Fri 20:01", DOWN, row("Fri 19:00", DOWN), UP, id="wakes"),
        pytest.param(("wake", "Fri 20:00", "Fri 23:00"), "Fri 22:00", DOWN, row("Fri 20:00", UP), None, id="a person stops it again"),
        pytest.param(("wake", "Fri 20:00", "Fri 23:00"), "Fri 23:00", UP, row("Fri 20:00", UP), DOWN, id="sleeps at its end"),
        pytest.param(("wake", "Fri 18:00", "Fri 21:00"), "Fri 19:30", UP, row("Fri 18:00", UP), None, id="over an event"),
        pytest.param(("wake", "Fri 18:00", "Fri 21:00"), "Fri 21:00", UP, row("Fri 18:00", UP), DOWN, id="and then sleeps"),
        pytest.param(("wake", "Fri 20:00", "Mon 07:00"), "Mon 07:00", DOWN, row("Fri 20:00", UP), UP, id="until the event itself"),
        pytest.param(("wake", "Fri 20:00", "Mon 07:00"), "Mon 19:00", UP, row("Mon 07:00", UP), DOWN, id="the day after"),
        pytest.param(("sleep", "Fri 12:00", "Fri 19:00"), "Fri 12:01", UP, row(), DOWN, id="sleeps early"),
        pytest.param(("sleep", "Fri 12:00", None), "Mon 12:00", DOWN, row("Fri 12:00", DOWN), None, id="for ever"),
        pytest.param(("sleep", "Sat 12:00", None), "Fri 12:00", UP, row(), None, id="not yet"),
    ],
)  # fmt: skip
def test_a_command_wins_over_the_schedule_while_it_holds(
    told: tuple[str, str, str | None], now: str, found: Power, known: MachineRow, does: Power | None
) -> None:
    verb, since, until = told
    asked = command(UP if verb == "wake" else DOWN, since, until)
    assert decide(machine(found, known, command=asked), at(now)).power is does


def test_the_end_of_a_command_with_nothing_to_go_back_to() -> None:
    over = table("off=(F,7);until=2026-11-01T00:00:00Z")
    assert effective_event(over, command(UP, "Fri 10:00", "Fri 11:00"), at("Fri 12:00")) is None


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        (None, [("Fri 19:00", DOWN), ("Mon 07:00", UP)]),
        (command(UP, "Thu 10:00", "Thu 11:00"), [("Fri 19:00", DOWN), ("Mon 07:00", UP)]),
        (command(DOWN, "Fri 11:00", "Fri 15:00"), [("Fri 15:00", UP), ("Fri 19:00", DOWN)]),
        (command(UP, "Fri 11:00", "Fri 19:00"), [("Fri 19:00", DOWN), ("Mon 07:00", UP)]),
        (command(UP, "Fri 11:00", None), []),
    ],
)
def test_the_next_events_by_schedule_and_command(
    asked: HoursCommand | None, events: list[tuple[str, Power]]
) -> None:
    found = upcoming(table(), asked, at("Fri 12:00"), 2)
    assert [(one.at, one.power) for one in found] == [(at(text), power) for text, power in events]


def test_a_command_that_ends_after_the_schedule_leads_back_to_nothing() -> None:
    over = table("off=(F,7);until=2026-11-01T00:00:00Z")
    assert upcoming(over, command(UP, "Fri 11:00", "Fri 13:00"), at("Fri 12:00"), 2) == ()


@pytest.mark.parametrize(
    ("working", "now", "known", "does", "notice", "again"),
    [
        pytest.param(Working.IDLE, "Fri 19:00", row(), DOWN, False, None, id="idle: at once, without notice"),
        pytest.param(Working.BUSY, "Fri 19:00", row(), None, False, "Fri 19:05", id="busy: waits"),
        pytest.param(Working.UNKNOWN, "Fri 21:00", row(waits_since=at("Fri 19:00")), None, False, "Fri 21:05", id="unknown counts as busy"),
        pytest.param(Working.BUSY, "Fri 21:27", row(waits_since=at("Fri 19:00")), None, False, "Fri 21:30", id="until the notice"),
        pytest.param(Working.BUSY, "Fri 21:30", row(waits_since=at("Fri 19:00")), None, True, "Fri 21:35", id="is noticed half an hour before"),
        pytest.param(Working.BUSY, "Fri 21:35", row(noticed_at=at("Fri 21:30")), None, False, "Fri 21:40", id="waits after the notice"),
        pytest.param(Working.IDLE, "Fri 21:35", row(noticed_at=at("Fri 21:30")), DOWN, False, None, id="and is stopped when it is done"),
        pytest.param(Working.BUSY, "Fri 22:00", row(noticed_at=at("Fri 21:30")), DOWN, False, None, id="or at the reviewed maximum"),
        pytest.param(Working.BUSY, "Sat 12:00", row(), None, True, "Sat 12:05", id="never without notice, after downtime too"),
        pytest.param(Working.BUSY, "Sat 12:28", row(noticed_at=at("Sat 12:00")), None, False, "Sat 12:30", id="of its full length"),
        pytest.param(Working.BUSY, "Sat 12:30", row(noticed_at=at("Sat 12:00")), DOWN, False, None, id="then it is stopped"),
    ],
)  # fmt: skip
def test_a_machine_that_works_is_not_stopped_before_its_maximum_and_a_notice(
    working: Working,
    now: str,
    known: MachineRow,
    does: Power | None,
    notice: bool,
    again: str | None,
) -> None:
    decision = decide(machine(UP, known, busy=WAITS, working=working), at(now))
    assert (decision.power, gives_notice(decision)) == (does, notice)
    assert decision.row is not None
    assert decision.row.again_at == (None if again is None else at(again))
    if does is None:
        assert decision.row.waits_since is not None or decision.row.noticed_at is not None
        assert decision.row.done_at == known.done_at


def test_a_machine_that_works_is_started_like_any_other() -> None:
    asleep = machine(DOWN, row("Fri 19:00", DOWN), busy=WAITS, working=Working.UNKNOWN)
    assert decide(asleep, at("Mon 07:00")).power is UP


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-27T20:00:00Z", Working.BUSY),
        (" 2026-11-27T20:00:00+02:00 ", Working.IDLE),
        ("tomorrow", Working.UNKNOWN),
        ("2026-11-27T20:00:00", Working.UNKNOWN),
        (None, Working.UNKNOWN),
    ],
)
def test_the_tag_of_a_job_says_until_when_it_works(text: str | None, says: Working) -> None:
    assert working_by_tag(text, at("Fri 19:00")) is says


@pytest.mark.parametrize(
    ("name", "value", "gpus", "says"),
    [
        ("gpu", 6, True, Working.BUSY),
        ("gpu", 5, True, Working.IDLE),
        ("gpu", None, False, Working.UNKNOWN),
        (CPU_METRIC, 1, False, Working.IDLE),
        (CPU_METRIC, 1, True, Working.UNKNOWN),
        (CPU_METRIC, 50, True, Working.BUSY),
    ],
)
def test_a_metric_says_whether_a_machine_works(
    name: str, value: float | None, gpus: bool, says: Working
) -> None:
    metric = BusyMetric(namespace="N", name=name, above=5)
    assert working_by_metric(metric, value, gpus=gpus) is says


def test_what_fails_says_why_and_is_tried_again() -> None:
    now = at("Fri 19:00")
    decision = decide(machine(UP, row()), now)
    first = failed(decision, "no capacity", now)
    assert first.power is None
    assert first.row == row(failure="no capacity", failing_since=now, again_at=now + LOOK_AGAIN)
    later = decide(machine(UP, first.row), now + LOOK_AGAIN)
    assert later.power is DOWN
    again = failed(later, "still none", now + LOOK_AGAIN)
    assert again.row is not None
    assert (again.row.failing_since, again.row.failure) == (now, "still none")
    frozen = failed(decision, "frozen", now, allowed=False, open_at=now + timedelta(hours=2))
    assert frozen.row is not None
    assert (frozen.row.again_at, frozen.row.allowed) == (now + timedelta(hours=2), False)


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (row(), ""),
        (row(failure="There is no capacity", failing_since=at("Mon 07:00")), "There is no capacity. gitbot tries"),
        (row(failure="a freeze", failing_since=at("Mon 07:00"), allowed=False), ""),
        (row(noticed_at=at("Fri 21:30")), "it will be stopped at Fri 2026-11-27 23:00 Europe/Berlin (22:00 UTC), in 30 minutes."),
        (row(waits_since=at("Fri 19:00")), ""),
        (row(pre_stop="it ended with Failed."), "`preStop` failed (it ended with Failed). It was stopped all the same"),
    ],
)  # fmt: skip
def test_people_are_told_what_they_can_do_something_about(known: MachineRow, says: str) -> None:
    found = trouble_of(known, "Europe/Berlin")
    assert says in found if says else found == ""
    assert timedelta(minutes=30) == NOTICE


DEV = EnvironmentKey(repository="7", environment="dev")


def watched(known: MachineRow | None, text: str | None = OFFICE, **more: Any) -> Watched:
    return Watched(
        stack="gpu",
        address=Address("trainer"),
        table=None if text is None else table(text),
        schedule=text or "",
        row=known,
        **more,
    )


@pytest.mark.parametrize(
    ("one", "when", "why"),
    [
        (watched(row()), "Fri 19:00", "it stops"),
        (watched(row("Thu 19:00", DOWN)), "Fri 12:00", "it starts"),
        (watched(None), "Fri 12:00", "its off-hours begin"),
        (watched(row(), "off=(F,20);on=(M,7)"), "Fri 12:00", "its off-hours begin"),
        (watched(row(failure="x", again_at=at("Fri 12:05"))), "Fri 12:05", "it has not the power"),
        (watched(row(waits_since=at("Fri 11:00"), again_at=at("Fri 12:03"))), "Fri 12:03", "it works"),
        (watched(row(failure="x", again_at=at("Sat 12:05"))), "Fri 19:00", "it stops"),
        (watched(row(), enforce=True), "Fri 12:10", "whether it is as its schedule says"),
        (watched(row(), command=command(DOWN, "Thu 11:00", None)), None, ""),
        (watched(row(), None), "Fri 12:00", "its off-hours have ended"),
        (watched(row(again_at=at("Fri 12:05")), "off"), "Fri 12:05", "its off-hours have ended"),
        (watched(None, None), None, ""),
        (watched(row("Thu 19:00", DOWN), replaced=True), "Fri 12:00", "its off-hours begin"),
    ],
)  # fmt: skip
def test_a_machine_is_looked_at_when_something_may_happen(
    one: Watched, when: str | None, why: str
) -> None:
    found = schedules_of(DEV, (one,), at("Fri 12:00"))
    if when is None:
        assert found == ()
        return
    (schedule,) = found
    assert schedule.name == "gpu/trainer"
    assert schedule.why.startswith(f"dev/gpu/trainer: {why}")
    assert schedule.when == At(instant=at(when))
    assert timedelta(minutes=10) == ENFORCED


def rules(off_hours: OffHours | None = None, timezone: str = "UTC") -> Environment:
    return Environment(
        name="dev",
        region="us-east-1",
        timezone=timezone,
        off_hours=off_hours,
        source=SourceSpan(file="specs/dev/environment.yaml"),
    )


def test_a_machine_has_the_hours_of_its_own_else_of_its_environment() -> None:
    own, default = OffHours(text="off"), OffHours(text=OFFICE)
    assert hours_of(MachineRules(off_hours=own), rules(default)) == own
    assert hours_of(MachineRules(), rules(default)) == default
    assert hours_of(MachineRules(), rules()) is None


def test_a_schedule_without_a_zone_is_in_that_of_the_environment() -> None:
    berlin = rules(timezone="Europe/Berlin")
    days = frozenset({at("Fri 12:00").date()})
    plain = timetable_of(OffHours(text=""), berlin, lambda name: days)
    assert (plain.timezone, plain.holidays) == ("Europe/Berlin", frozenset())
    other = timetable_of(OffHours(text="tz=et;skip=mine"), berlin, lambda name: days)
    assert (other.timezone, other.holidays) == ("America/New_York", days)
    assert in_force(OffHours(text=""), plain) == "on in Europe/Berlin"
    assert EventKind.TIME == "time"


def test_nothing_is_done_to_a_machine_that_the_cloud_does_not_show_and_that_is_told() -> None:
    for known in (row(), None):
        found = decide(machine(None, known, unread="AccessDenied"), at("Fri 20:00"))
        assert found.power is None
        assert found.row is not None
        assert found.row.failure == "it is not known whether it runs: AccessDenied"
        assert found.row.again_at == at("Fri 20:00") + LOOK_AGAIN
    gone = machine(None, None, None, unread="AccessDenied")
    assert decide(gone, at("Fri 20:00")) == Decision()
