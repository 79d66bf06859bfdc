"""What off-hours have done, and what people asked, survive in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gitbot.model.cloud import Power
from gitbot.model.hours import HoursCommand, MachineRow, StackHours
from gitbot.model.names import Address, RemoteId
from gitbot.ports.records import Records
from tests.contract.records_world import DEV, NOON, OTHER, PROD, STACK

ROW = MachineRow(
    remote_id=RemoteId("i-1"),
    schedule="on in UTC",
    done_at=NOON,
    power=Power.STOPPED,
    failure="no capacity",
    failing_since=NOON,
    allowed=False,
    waits_since=NOON,
    noticed_at=NOON,
    again_at=NOON + timedelta(minutes=5),
    told="no capacity",
)
WAKE = HoursCommand(power=Power.RUNNING, at=NOON, until=NOON + timedelta(hours=3), by="ada")
TRAINER = Address('trainer["a"]')


def test_machines_and_commands_are_kept_by_stack(records: Records) -> None:
    hours = records.hours
    assert hours.of_environment(DEV) == {}
    hours.put_machines(STACK, {TRAINER: ROW})
    hours.put_machines(PROD, {TRAINER: replace(ROW, failure="")})
    hours.put_command(STACK, replace(WAKE, until=None))
    hours.put_command(STACK, WAKE)
    hours.put_command(OTHER, WAKE)
    assert hours.of_environment(DEV) == {
        OTHER: StackHours(stack=OTHER, command=WAKE),
        STACK: StackHours(stack=STACK, machines={TRAINER: ROW}, command=WAKE),
    }
    hours.put_machines(STACK, {})
    assert hours.of_environment(DEV)[STACK] == StackHours(stack=STACK, command=WAKE)
