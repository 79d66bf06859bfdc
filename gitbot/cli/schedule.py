"""``gitbot schedule``: show what a server does next, when and why. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import (
    folder_option,
    json_option,
    show,
    show_json,
    tells_errors,
)
from gitbot.cli.where import AtServer, Where, where_options
from gitbot.decisions.time.schedules import next_due
from gitbot.errors import UserError
from gitbot.model.places import Place
from gitbot.model.time import ScheduleRow
from gitbot.model.values import Json
from gitbot.render.schedule import schedule_data, schedule_lines

if TYPE_CHECKING:
    from gitbot.cli.remote import Remote


@click.command()
@click.argument("environment", required=False)
@where_options
@folder_option
@json_option
@tells_errors
def schedule(environment: str | None, where: Where, folder: Path, as_json: bool) -> None:
    """List what a server does next in ENVIRONMENT, or in all of them: when, and why.

    Times are in the environment's time zone and in UTC. A store that is named is that of the server; the
    time zones are then those of the checked-out specs.
    """
    if isinstance(where, AtServer):
        data = _at_server(where, folder, environment)
    else:
        data = _in_store(where, folder, environment)
    if as_json:
        show_json({"schedules": data})
    else:
        show(schedule_lines(data))


def _in_store(store: Place, folder: Path, environment: str | None) -> list[Mapping[str, Json]]:
    zones = _zones(folder)
    if environment is not None and environment not in zones:
        known = ", ".join(sorted(zones)) or "none"
        raise UserError(f"there is no environment {environment!r}; there is: {known}")
    found = [
        (row, next_due(row))
        for row in _rows(store, folder)
        if environment in (None, row.schedule.environment.environment)
    ]
    return schedule_data(found, zones)


def _at_server(where: AtServer, folder: Path, environment: str | None) -> list[Mapping[str, Json]]:
    from gitbot.cli.remote import open_remote

    remote = open_remote(where, folder)
    names = [environment] if environment else _names(remote)
    found = [
        item
        for name in names
        for item in remote.read("environments", name, "schedule")["schedules"]
    ]
    return sorted(found, key=lambda item: (datetime.fromisoformat(item["at"]), item["environment"]))


def _names(remote: Remote) -> list[str]:
    """The environments of the tracked branch."""
    return [each["name"] for each in remote.items("environments") if each["in_specs"]]


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
