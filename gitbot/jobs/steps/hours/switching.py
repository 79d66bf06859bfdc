"""Do to machines what their off-hours want, and note what became of it. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.hours.power import Decision, Machine, decide, failed
from gitbot.jobs.steps.hours.machines import StackMachines
from gitbot.jobs.steps.power.switching import Outcome, Switching, Turn
from gitbot.model.names import Address, StackId


def carry_out(
    switching: Switching,
    stacks: Sequence[StackMachines],
    machines: Mapping[StackId, Mapping[Address, Machine]],
    now: datetime,
) -> Mapping[StackId, Mapping[Address, Decision]]:
    """Do what is to be done now, and return what became of it."""
    decisions = {stack: dict(decided(some, now)) for stack, some in machines.items()}
    turns = [
        Turn(recorded=each.recorded, address=address, power=decision.power)
        for each in stacks
        for address, decision in decisions[each.stack].items()
        if decision.power is not None
    ]
    for (stack, address), outcome in switching.do(turns).items():
        decisions[stack][address] = _after(decisions[stack][address], outcome, now)
    return decisions


def decided(
    machines: Mapping[Address, Machine], now: datetime
) -> Iterator[tuple[Address, Decision]]:
    """What to do with each machine now."""
    for address, machine in machines.items():
        yield address, decide(machine, now)


def _after(decision: Decision, outcome: Outcome, now: datetime) -> Decision:
    """The decision, or why it was not done, with why the command before a stop failed."""
    verdict = outcome.verdict
    if outcome.failure:
        decision = failed(
            decision, outcome.failure, now, allowed=verdict.allowed, open_at=verdict.next_open
        )
    if decision.row is None:
        return decision
    return replace(decision, row=replace(decision.row, pre_stop=outcome.pre_stop))
