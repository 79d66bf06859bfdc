"""Keep in SQL tables what off-hours have done to machines, and what people asked. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.sealed import opened
from gitbot.adapters.stores.tables.hours import hours_commands, machine_hours
from gitbot.model.codec import from_data, to_data
from gitbot.model.hours import HoursCommand, MachineRow, StackHours
from gitbot.model.names import Address, EnvironmentKey, StackId
from gitbot.model.values import canonical_json

_KEY = ("repository", "environment", "stack", "region")


class SqlHoursRows:
    """The ``HoursRows`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_environment(self, environment: EnvironmentKey) -> Mapping[StackId, StackHours]:
        """What is known of the stacks of the environment, by stack."""
        with reading(self._engine) as connection:
            machines, commands = (
                {
                    keys.stack_of(row): json.loads(opened(connection, table.c.document, row))
                    for row in connection.execute(
                        sa.select(table).where(*keys.of_environment(table, environment))
                    )
                }
                for table in (machine_hours, hours_commands)
            )
        return {
            stack: StackHours(
                stack=stack,
                machines=from_data(machines.get(stack, {}), dict[Address, MachineRow]),
                command=from_data(commands[stack], HoursCommand) if stack in commands else None,
            )
            for stack in sorted({*machines, *commands})
        }

    def put_machines(self, stack: StackId, machines: Mapping[Address, MachineRow]) -> None:
        """Record the machines of the stack; they replace those recorded before."""
        if machines:
            self._put(machine_hours, stack, dict(machines))
            return
        with writing(self._engine) as connection:
            connection.execute(sa.delete(machine_hours).where(*keys.of_stack(machine_hours, stack)))

    def put_command(self, stack: StackId, command: HoursCommand) -> None:
        """Record what somebody asked of the stack; it replaces what was asked before."""
        self._put(hours_commands, stack, command)

    def _put(self, table: sa.Table, stack: StackId, value: Any) -> None:
        row = {**keys.stack_columns(stack), "document": canonical_json(to_data(value))}
        with writing(self._engine) as connection:
            upsert(connection, table, row, _KEY)
