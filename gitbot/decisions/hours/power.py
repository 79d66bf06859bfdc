"""Decides whether a machine is started or stopped now. Pure.

A machine is changed at events only: those of its schedule, and those of commands. What people start
or stop in between stays until the next event, unless the schedule is enforced. A missed event is
still carried out later, if it is the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitbot.decisions.hours.timetable import LOOK_BACK_DAYS, Timetable, last_event, next_events
from gitbot.decisions.hours.working import LOOK_AGAIN, wait_for
from gitbot.model.cloud import Power
from gitbot.model.hours import (
    Busy,
    EventKind,
    HoursCommand,
    HoursEvent,
    MachineRow,
    Working,
)
from gitbot.model.names import RemoteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is known of one machine.

    ``table`` is None when the machine has no off-hours (any more). ``power`` is what the cloud shows;
    None when the machine is gone. ``unread`` says why the cloud did not show it; nothing is done to
    it then. ``row`` is None when off-hours see it for the first time.
    """

    remote_id: RemoteId
    table: Timetable | None
    schedule: str = ""
    enforce: bool = False
    power: Power | None
    row: MachineRow | None
    command: HoursCommand | None = None
    busy: Busy | None = None
    working: Working = Working.IDLE
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do with one machine now.

    ``power`` is the power to give it; None for nothing. ``event`` is why; None when its off-hours
    have ended. ``row`` is what to record once that is done, ``known`` what is recorded before; None
    for nothing.
    """

    power: Power | None = None
    event: HoursEvent | None = None
    row: MachineRow | None = None
    known: MachineRow | None = None


def effective_event(
    table: Timetable, command: HoursCommand | None, now: datetime
) -> HoursEvent | None:
    """The last event by schedule and command: it says what should be now; None for nothing."""
    scheduled = last_event(table, now)
    if command is None or now < command.at:
        return scheduled
    if command.until is None or now < command.until:
        return HoursEvent(at=command.at, power=command.power, kind=EventKind.COMMAND)
    if scheduled is None or scheduled.at >= command.until:
        return scheduled
    return HoursEvent(at=command.until, power=scheduled.power, kind=EventKind.AFTER_COMMAND)


def upcoming(
    table: Timetable, command: HoursCommand | None, now: datetime, count: int
) -> tuple[HoursEvent, ...]:
    """The next events by schedule and command, at most ``count``."""
    if command is None or (command.until is not None and command.until <= now):
        return next_events(table, now, count)
    if command.until is None:
        return ()
    back = effective_event(table, command, command.until)
    after = [one for one in next_events(table, command.until, count) if one.at > command.until]
    return tuple([*([back] if back is not None else []), *after][:count])


def decide(machine: Machine, now: datetime) -> Decision:
    """What to do with the machine at ``now``."""
    table = machine.table
    if machine.power is None:
        return _unread(machine, now) if machine.unread else Decision()
    row = None if is_replaced(machine.row, machine.remote_id) else machine.row
    if table is None or table.schedule.opted_out:
        return _without_hours(machine.power, row)
    event = effective_event(table, machine.command, now)
    known = _known(machine, row, table, event, now)
    if event is None or not _asks(machine, known, event):
        return Decision(row=settled(known), known=known)
    done_at = max(known.done_at, event.at)
    done = settled(replace(known, done_at=done_at, power=event.power, pre_stop=""))
    if _comes_to(machine.power) is event.power:
        return Decision(row=done, known=known, event=event)
    if event.power is Power.STOPPED and (wait := _wait(machine, known, event, now)) is not None:
        return wait
    return Decision(power=event.power, event=event, row=done, known=known)


def is_replaced(row: MachineRow | None, remote_id: RemoteId) -> bool:
    """Whether another machine has taken the place of the one that is recorded."""
    return row is not None and row.remote_id != remote_id


def _unread(machine: Machine, now: datetime) -> Decision:
    """Record that nobody knows what the machine does, and look again soon."""
    row, table = machine.row, machine.table
    if row is None and table is not None:
        row = _known(machine, None, table, None, now)
    if row is None:
        return Decision()
    return failed(Decision(known=row), f"it is not known whether it runs: {machine.unread}", now)


def failed(
    decision: Decision,
    why: str,
    now: datetime,
    *,
    allowed: bool = True,
    open_at: datetime | None = None,
) -> Decision:
    """The same decision when it was not carried out: the row says why, and it is tried again soon.

    ``allowed`` False: something forbids it, until ``open_at`` if that is known.
    """
    known = decision.known
    assert known is not None
    again = now + LOOK_AGAIN if open_at is None else max(open_at, now + LOOK_AGAIN)
    row = replace(
        known,
        failure=why,
        failing_since=known.failing_since or now,
        allowed=allowed,
        again_at=again,
    )
    return replace(decision, power=None, row=row)


def _without_hours(power: Power, row: MachineRow | None) -> Decision:
    """Start what off-hours have stopped, now that they have ended, and forget the machine."""
    slept = row is not None and row.power is Power.STOPPED
    if slept and _comes_to(power) is Power.STOPPED:
        return Decision(power=Power.RUNNING, known=row)
    return Decision(known=row)


def _known(
    machine: Machine,
    row: MachineRow | None,
    table: Timetable,
    event: HoursEvent | None,
    now: datetime,
) -> MachineRow:
    """The row before anything is done now.

    A machine that is seen for the first time waits for the next event; what people were told of the
    one before it is over. When the schedule has
    changed, the last event of the new one counts only if it wants something else than was done.
    """
    if row is None:
        before = last_event(table, now)
        done_at = before.at if before is not None else now - timedelta(days=LOOK_BACK_DAYS)
        return MachineRow(
            remote_id=machine.remote_id,
            schedule=machine.schedule,
            done_at=done_at,
            told="" if machine.row is None else machine.row.told,
        )
    if row.schedule == machine.schedule:
        return row
    row = replace(row, schedule=machine.schedule)
    if event is None:
        return row
    if row.power in (None, event.power):
        return replace(row, done_at=max(row.done_at, event.at))
    return replace(row, done_at=min(row.done_at, event.at - timedelta(seconds=1)))


def _asks(machine: Machine, row: MachineRow, event: HoursEvent) -> bool:
    """Whether the event asks for something now."""
    if event.at > row.done_at:
        return True
    held = machine.enforce and row.power is not None and event.kind is not EventKind.END
    return held and machine.power is not None and _comes_to(machine.power) is not event.power


def _wait(machine: Machine, row: MachineRow, event: HoursEvent, now: datetime) -> Decision | None:
    """Put the stop off while the machine works; None when it may be stopped now.

    It was due at the event; where somebody has started the machine since, and the schedule is
    enforced, when the machine was first seen to work.
    """
    waits_since = row.waits_since or now
    due = event.at if event.at > row.done_at else waits_since
    put_off = wait_for(machine.busy, machine.working, due=due, noticed_at=row.noticed_at, now=now)
    if put_off is None:
        return None
    waiting = replace(
        row,
        waits_since=waits_since,
        noticed_at=put_off.noticed_at,
        again_at=put_off.again_at,
    )
    return Decision(event=event, row=waiting, known=row)


def _comes_to(power: Power) -> Power:
    """The power that it has in the end."""
    return {Power.STARTING: Power.RUNNING, Power.STOPPING: Power.STOPPED}.get(power, power)


def settled(row: MachineRow) -> MachineRow:
    """The row when nothing is the matter with the machine (any more)."""
    return replace(
        row,
        failure="",
        failing_since=None,
        allowed=True,
        waits_since=None,
        noticed_at=None,
        again_at=None,
    )
