"""The port to what off-hours have done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gitbot.model.hours import HoursCommand, MachineRow, StackHours
from gitbot.model.names import Address, EnvironmentKey, StackId


class HoursRows(Protocol):
    """What off-hours have done to machines, and what people asked of them instead."""

    def of_environment(self, environment: EnvironmentKey) -> Mapping[StackId, StackHours]:
        """What is known of the stacks of the environment."""

    def put_machines(self, stack: StackId, machines: Mapping[Address, MachineRow]) -> None:
        """Record the machines of the stack; they replace those recorded before."""

    def put_command(self, stack: StackId, command: HoursCommand) -> None:
        """Record what somebody asked of the stack; it replaces what was asked before."""
