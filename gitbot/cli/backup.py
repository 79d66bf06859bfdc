"""``gitbot backup`` and ``gitbot restore``: copy the embedded databases, and put them back. Shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.snapshot_file import QUEUE, Snapshot
from gitbot.adapters.snapshots import back_up
from gitbot.adapters.snapshots import restore as put_back
from gitbot.bootstrap.no_server import no_server
from gitbot.cli.common import json_option, note, say, show_json, tells_errors
from gitbot.cli.refresh import ask
from gitbot.cli.stores import require_store, store_option
from gitbot.errors import UserError
from gitbot.model.codec import to_full_data
from gitbot.model.places import Place, PostgresPlace, SqlitePlace


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@store_option
@json_option
@tells_errors
def backup(file: Path, store: Place, as_json: bool) -> None:
    """Copy the store, and the queue of a server beside it, into the new file FILE.

    Works while the server and commands run: writes wait for the time of the copying. All of it is of one
    instant, and is checked. Only you can read the file.
    """
    require_store(store)
    path = _file_of(store)
    with _told(f"{path} cannot be backed up into {file}"):
        made = back_up(path, file, SystemClock().now())
    if as_json:
        show_json({**to_full_data(made), "file": str(file)})
        return
    say("Backed up", "green", f" {' and '.join(made.databases)} of {made.made_at} into {file}")
    note("Keep GITBOT_HASH_KEY with it, and the keys of encrypted state.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@store_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@tells_errors
def restore(file: Path, store: Place, yes: bool, as_json: bool) -> None:
    """Put the backup in FILE in the place of the store, and of the queue of a server beside it.

    Stop the server first. What is there now is kept beside it under another name. Run `gitbot recover`
    for each environment afterwards, before the server starts: state is as old as the backup.
    """
    from gitbot.adapters.stores.migrating import known_revisions

    path = _file_of(store)
    if not yes:
        ask(f"replace {path} by the backup", [str(path)])
    with _told(f"{file} cannot be restored to {path}"), no_server(store):
        made, kept = put_back(file, path, known_revisions(), SystemClock().now())
    if as_json:
        show_json({**to_full_data(made), "replaced": [str(one) for one in kept]})
        return
    _tell(made, kept, path)


def _tell(made: Snapshot, kept: list[Path], path: Path) -> None:
    say("Restored", "green", f" {' and '.join(made.databases)} of {made.made_at} to {path.parent}")
    for one in kept:
        note(f"What was there is kept as {one}")
    if QUEUE in made.databases:
        note(
            f"{made.open_jobs} jobs had not ended then: they run again, and find what is done already. Of "
            "those that came later, the server finds at its next sweep what pull requests and the tip need."
        )
    for environment in made.environments:
        note(f"Now bring state up to the cloud: gitbot recover {environment}")


def _file_of(store: Place) -> Path:
    """The file of the store. Raises UserError where the store is none."""
    if isinstance(store, SqlitePlace):
        return store.path.absolute()
    how = "with pg_dump" if isinstance(store, PostgresPlace) else "by the versions of the bucket"
    raise UserError(f"{store} is no file: it is backed up {how} (docs/state.md says more)")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say what could not be done where a file or database says no. Raises UserError."""
    try:
        yield
    except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
        raise UserError(f"{what}: {error}") from error
