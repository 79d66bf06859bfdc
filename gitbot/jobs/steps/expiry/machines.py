"""Look which machines of a stack that expires are to be stopped, and which work. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gitbot.decisions.hours.working import Wait, wait_for
from gitbot.errors import TransientError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.power.looking import Looked, is_machine, look_at
from gitbot.jobs.steps.power.switching import Outcome, Place, Turn
from gitbot.model.cloud import Power
from gitbot.model.hours import Working
from gitbot.model.names import Address
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Awake:
    """The machines that are not known to be stopped: those to stop, and those that work.

    ``waits`` says of each that works how it puts off what is due.
    """

    idle: tuple[Address, ...] = ()
    waits: Mapping[Address, Wait]

    @property
    def busy_until(self) -> datetime | None:
        """Until when machines that work put it off; None when none works."""
        return max((one.until for one in self.waits.values()), default=None)

    @property
    def noticed(self) -> Mapping[str, datetime]:
        """Since when people know of each machine that it does not go on for long, though it works."""
        return {address: one.noticed_at for address, one in self.waits.items() if one.noticed_at}

    @property
    def notices(self) -> tuple[Address, ...]:
        """The machines of which people are to be told so now."""
        return tuple(address for address, one in self.waits.items() if one.notice)


def awake_machines(
    engine: Engine,
    cloud: Cloud,
    recorded: RecordedStack,
    noticed: Mapping[str, datetime],
    *,
    due: datetime,
    now: datetime,
) -> Awake:
    """Look which machines of the stack run, and which of them work.

    One that works, or of which nobody knows whether it does, puts off what was due at ``due`` as
    its ``busy`` says. While the cloud does not answer, nobody knows.
    """
    machines = {
        address: resource
        for address, resource in recorded.resources.items()
        if is_machine(engine, resource)
    }
    looked: Mapping[Address, Looked]
    try:
        looked = look_at(engine, cloud, machines, now)
    except TransientError as error:
        unknown = Looked(working=Working.UNKNOWN, unread=engine.hide(str(error)))
        looked = dict.fromkeys(machines, unknown)
    idle: list[Address] = []
    waits: dict[Address, Wait] = {}
    for address, one in looked.items():
        if not one.unread and one.power in (None, Power.STOPPED):
            continue
        busy = machines[address].machine.busy
        wait = wait_for(busy, one.working, due=due, noticed_at=noticed.get(address), now=now)
        if wait is None:
            idle.append(address)
        else:
            waits[address] = wait
    return Awake(idle=tuple(idle), waits=waits)


def turns_of(recorded: RecordedStack, addresses: Iterable[str], power: Power) -> list[Turn]:
    """The turns that give these machines of the stack the power; what is gone has none."""
    wanted = set(addresses)
    return [
        Turn(recorded=recorded, address=address, power=power)
        for address in recorded.resources
        if address in wanted
    ]


def failures_of(outcomes: Mapping[Place, Outcome]) -> Mapping[Address, str]:
    """Which machines have not the power that they should have, and why, by address."""
    return {
        address: f"{address}: {one.failure}"
        for (_, address), one in outcomes.items()
        if one.failure
    }


def pre_stops_of(outcomes: Mapping[Place, Outcome]) -> Mapping[Address, str]:
    """Of which machines the command that runs before a stop failed, and why, by address."""
    return {
        address: f"{address}: {one.pre_stop}"
        for (_, address), one in outcomes.items()
        if one.pre_stop
    }


def forbidden_of(outcomes: Mapping[Place, Outcome]) -> frozenset[Address]:
    """The machines whose power nothing tried to change, because something forbids it now."""
    return frozenset(address for (_, address), one in outcomes.items() if not one.verdict.allowed)
