"""``gitbot schedule``: show what a server does next, when and why. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from gitbot.cli.common import (
    folder_option,
    json_option,
    show,
    show_json,
    tells_errors,
)
from gitbot.cli.stores import store_option
from gitbot.decisions.time.schedules import next_due
from gitbot.errors import UserError
from gitbot.model.places import Place
from gitbot.model.time import ScheduleRow
from gitbot.render.schedule import schedule_data, schedule_lines


@click.command()
@click.argument("environment", required=False)
@store_option
@folder_option
@json_option
@tells_errors
def schedule(environment: str | None, store: Place, folder: Path, as_json: bool) -> None:
    """List what a server does next in ENVIRONMENT, or in all of them: when, and why.

    Times are in the environment's time zone, as the checked-out specs say it, and in UTC. The store
    is that of the server.
    """
    zones = _zones(folder)
    if environment is not None and environment not in zones:
        known = ", ".join(sorted(zones)) or "none"
        raise UserError(f"there is no environment {environment!r}; there is: {known}")
    found = [
        (row, next_due(row))
        for row in _rows(store, folder)
        if environment in (None, row.schedule.environment.environment)
    ]
    if as_json:
        show_json({"schedules": schedule_data(found, zones)})
    else:
        show(schedule_lines(found, zones))


def _rows(store: Place, folder: Path) -> tuple[ScheduleRow, ...]:
    from gitbot.adapters.clock import SystemClock
    from gitbot.adapters.processes import LocalProcesses
    from gitbot.bootstrap.stores import open_stores, store_exists
    from gitbot.cli.clone import open_clone, repository_of

    if not store_exists(store):
        raise UserError(
            f"there is no state at {store}: name the store of the server, $GITBOT_DATABASE or $GITBOT_DATA/gitbot.db"
        )
    with open_stores(store, SystemClock(), LocalProcesses()) as stores:
        repository = repository_of(open_clone(folder), stores.records.journal)
        return stores.records.schedules.of_repository(repository)


def _zones(folder: Path) -> Mapping[str, str]:
    from gitbot.cli.specs import load

    return {name: one.timezone for name, one in load(folder).environments.items()}
