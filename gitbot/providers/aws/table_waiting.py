"""Wait until objects of a table are ready, and stop and start those that run. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED, Operation, Power
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Running
from gitbot.providers.aws.table import Described, Table
from gitbot.providers.aws.table_reading import look_at
from gitbot.providers.aws.table_writing import addresses, refuse_undone
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def existing(table: Table, aws: Connection, remote_id: str) -> Described:
    """The description of the object, as ``look_at`` gives it. Raises CloudError if it is gone."""
    one = look_at(table, aws, remote_id)
    if one is None:
        raise CloudError(f"{table.noun} {remote_id} is gone", code="NotFound")
    return one


def wait_until_ready(
    table: Table, aws: Connection, operation: Operation, remote_id: str
) -> Described:
    """Wait until the object can be used; returns its description then.

    Raises CloudError if it never will be, with the reason.
    """
    seen: list[Described] = []

    def is_ready() -> bool:
        one = look_at(table, aws, remote_id)
        seen[:] = [] if one is None else [one]
        return one is not None and table.ready(_unharmed(table, remote_id, one))

    what = f"{table.noun} {remote_id} to be ready"
    wait_until(what, is_ready, operation, aws.clock, lambda: " ".join(map(table.asks_for, seen)))
    return seen[0]


def check_kept(table: Table, aws: Connection, operation: Operation, remote_id: str) -> None:
    """Raise CloudError if the service took the update back, with the reason."""
    if table.undone is not None:
        refuse_undone(table, remote_id, existing(table, aws, remote_id), operation.properties)


def power_of(table: Table, aws: Connection, remote_id: str) -> Power | None:
    """Whether the object runs; None when it is gone or going, or of a kind that does not run."""
    one = look_at(table, aws, remote_id)
    if one is None or table.running is None:
        return None
    return table.running.power(one)


def switch(
    table: Table, aws: Connection, operation: Operation, remote_id: str, power: Power
) -> None:
    """Start or stop the object, and wait until it has this power.

    An object that is on its way to the other power is waited for first: it can be neither started nor
    stopped until then.
    """
    running = table.running
    assert running is not None
    passing = {Power.RUNNING: Power.STOPPING, Power.STOPPED: Power.STARTING}[power]
    _wait(table, running, aws, operation, remote_id, frozenset(Power) - {passing})
    one = existing(table, aws, remote_id)
    on_its_way = {Power.RUNNING: Power.STARTING, Power.STOPPED: Power.STOPPING}[power]
    if running.power(one) not in (power, on_its_way):
        call = running.start if power is Power.RUNNING else running.stop
        ask(aws, table.dialect, call, **addresses(table, one))
    _wait(table, running, aws, operation, remote_id, frozenset({power}))


def _wait(
    table: Table,
    running: Running,
    aws: Connection,
    operation: Operation,
    remote_id: str,
    powers: frozenset[Power],
) -> None:
    def has_it() -> bool:
        one = existing(table, aws, remote_id)
        return running.power(_unharmed(table, remote_id, one)) in powers

    what = f"{table.noun} {remote_id} to be {' or '.join(sorted(powers))}"
    wait_until(what, has_it, operation, clock=aws.clock)


def _unharmed(table: Table, remote_id: str, one: Described) -> Described:
    if why := table.failed(one):
        raise CloudError(f"{table.noun} {remote_id} cannot be used: {why}", code=FAILED)
    return one
