"""Do to machines what their off-hours want, and note what became of it. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.hours.deeds import Deed, Machine, decide, failed
from gitbot.jobs.steps.hours.machines import StackMachines
from gitbot.jobs.steps.power.switching import Outcome, Switching, Turn
from gitbot.model.names import Address, StackId


def carry_out(
    switching: Switching,
    stacks: Sequence[StackMachines],
    machines: Mapping[StackId, Mapping[Address, Machine]],
    now: datetime,
) -> Mapping[StackId, Mapping[Address, Deed]]:
    """Do what is to be done now, and return what became of it."""
    deeds = {stack: dict(decided(some, now)) for stack, some in machines.items()}
    turns = [
        Turn(recorded=each.recorded, address=address, power=deed.power)
        for each in stacks
        for address, deed in deeds[each.stack].items()
        if deed.power is not None
    ]
    for (stack, address), outcome in switching.do(turns).items():
        deeds[stack][address] = _after(deeds[stack][address], outcome, now)
    return deeds


def decided(machines: Mapping[Address, Machine], now: datetime) -> Iterator[tuple[Address, Deed]]:
    """What to do with each machine now."""
    for address, machine in machines.items():
        yield address, decide(machine, now)


def _after(deed: Deed, outcome: Outcome, now: datetime) -> Deed:
    """The deed, or why it was not done, with why the command before a stop failed."""
    verdict = outcome.verdict
    if outcome.failure:
        deed = failed(
            deed, outcome.failure, now, allowed=verdict.allowed, open_at=verdict.next_open
        )
    if deed.row is None:
        return deed
    return replace(deed, row=replace(deed.row, pre_stop=outcome.pre_stop))
