"""Copy the databases of a store and a queue into one file while they are in use, and put them back. Shell.

https://www.sqlite.org/backup.html
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from gitbot.adapters.replacing import put_in_place, set_aside
from gitbot.adapters.snapshot_file import QUEUE, STORE, Snapshot, pack, unpack
from gitbot.adapters.snapshot_moves import DAMAGED, movings, refuse_moved
from gitbot.errors import UserError

_PATIENCE_S: Final = 60.0
_SHORT_S: Final = 2.0
_SERIAL_LEAP: Final = 1_000
"""How far the serials of restored states leap. Client tokens are made from them, and the cloud may know
those of objects that were made after the backup."""


def databases_at(store: Path) -> Mapping[str, Path]:
    """The databases of the store by their names in a backup: a server has its queue beside its state."""
    queue = store.with_name(QUEUE)
    found = {STORE: store}
    return {**found, QUEUE: queue} if store.name == STORE and queue.exists() else found


def back_up(store: Path, target: Path, now: datetime) -> Snapshot:
    """Copy the databases of the store, all at one instant, into the new file ``target``.

    Writers wait meanwhile, for as long as the copying takes. Only the owner can read the file.

    Raises:
        UserError: the target exists or cannot be written, or a database is damaged or stays locked.
        BrokenStoreError: the store has what cannot be read.
    """
    # Imported here: it takes a tenth of a second, and other commands need nothing of it.
    from gitbot.adapters.stores.checking import check_copy

    with TemporaryDirectory(dir=target.parent) as folder:
        copies = {name: Path(folder) / name for name in databases_at(store)}
        with _all_still(list(databases_at(store).values())):
            for name, source in databases_at(store).items():
                _copy(source, copies[name])
        check_copy(copies[STORE], store)
        if QUEUE in copies:
            _check(copies[QUEUE])
        snapshot = _described(copies, now)
        pack(target, copies, snapshot)
    return snapshot


def restore(
    source: Path, store: Path, known: Sequence[str], now: datetime
) -> tuple[Snapshot, list[Path]]:
    """Put the databases of a backup in the place of the store's; returns it and the files that it replaced,
    which are kept beside them.

    ``known`` are the revisions of the tables that this gitbot knows.

    Raises:
        UserError: the file is no backup, is damaged or of a newer gitbot, something uses the store, or another
            store has what the backup has.
    """
    with TemporaryDirectory(dir=_folder(store)) as folder:
        snapshot = unpack(source, Path(folder))
        for name in snapshot.databases:
            _check(Path(folder) / name)
        if snapshot.revision not in known:
            raise UserError(
                f"{source} was written by a newer gitbot (its tables are at revision {snapshot.revision}, "
                f"this one knows them up to {known[0]}): install that gitbot, then restore"
            )
        _leap(Path(folder) / STORE)
        here = {STORE: store, QUEUE: store.with_name(QUEUE)}
        replaced = [one for name, one in here.items() if name in snapshot.databases]
        with _unused(replaced) as ours, closing(_open(Path(folder) / STORE, _SHORT_S)) as theirs:
            if store in ours:
                refuse_moved(store, movings(ours[store]), movings(theirs))
            kept = [set_aside(one, now) for one in replaced if one.exists()]
            # The queue first: with a newer state than they know, jobs find that they are done.
            for name in sorted(snapshot.databases, key=lambda one: one == STORE):
                put_in_place(Path(folder) / name, here[name])
    return snapshot, kept


# --- backing up


@contextmanager
def _all_still(paths: Sequence[Path]) -> Iterator[None]:
    """Keep every writer out of all the databases while the block lasts.

    Somebody may hold one and wait for another, so nobody is waited for long while one is held.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        with ExitStack() as held:
            try:
                for path in paths:
                    connection = held.enter_context(closing(_open(path, _SHORT_S)))
                    connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if time.monotonic() > deadline or "locked" not in str(error):
                    raise UserError(f"{path} cannot be backed up now: {error}") from error
                continue
            except DAMAGED as error:
                raise _damaged(path, error) from error
            yield
            return


def _open(path: Path, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout_s, isolation_level=None)


def _copy(source: Path, target: Path) -> None:
    with closing(_open(source, _SHORT_S)) as reading, closing(_open(target, _SHORT_S)) as writing:
        try:
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode = DELETE")
        except DAMAGED as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise _damaged(source, error) from error


def _damaged(path: Path, error: Exception) -> Exception:
    """The error that the database cannot be read: of the store with the ways on, which a queue has not."""
    from gitbot.adapters.stores.checking import damaged_file

    if path.name == QUEUE:
        return UserError(f"{path} cannot be backed up: {error}")
    return damaged_file(path, error)


def _check(path: Path) -> None:
    try:
        with closing(_open(path, _SHORT_S)) as database:
            (answer,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except DAMAGED as error:
        answer = str(error)
    if answer != "ok":
        raise UserError(f"the database {path.name} is damaged: {answer}")


def _described(copies: Mapping[str, Path], now: datetime) -> Snapshot:
    with closing(_open(copies[STORE], _SHORT_S)) as database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        rows = database.execute("SELECT DISTINCT environment FROM stacks ORDER BY environment")
        environments = tuple(name for (name,) in rows)
    return Snapshot(
        made_at=now.isoformat(timespec="seconds"),
        revision=revision,
        databases=tuple(copies),
        environments=environments,
        open_jobs=_open_jobs(copies[QUEUE]) if QUEUE in copies else 0,
    )


def _open_jobs(path: Path) -> int:
    query = (
        "SELECT count(*) FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')"
    )
    with closing(_open(path, _SHORT_S)) as database:
        (count,) = database.execute(query).fetchone()
    return int(count)


# --- restoring


def _folder(store: Path) -> Path:
    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return store.parent


def _leap(path: Path) -> None:
    with closing(_open(path, _SHORT_S)) as database:
        database.execute(f"UPDATE stacks SET serial = serial + {_SERIAL_LEAP}")


@contextmanager
def _unused(paths: Sequence[Path]) -> Iterator[Mapping[Path, sqlite3.Connection]]:
    """Keep everybody else out of the databases while the block lasts; those that can be read.

    One that is damaged is in nobody's use.

    Raises:
        UserError: a process has one of them open.
    """
    found = {}
    with ExitStack() as held:
        for path in paths:
            if not path.exists():
                continue
            database = held.enter_context(closing(_open(path, _SHORT_S)))
            try:
                # SQLite refuses to leave WAL while another connection is open. It also empties the
                # file beside the database, so that what is set aside is whole.
                database.execute("PRAGMA journal_mode = DELETE")
                database.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    continue
                raise UserError(
                    f"{path} is in use: stop the server, and wait for commands that use it, then restore"
                ) from error
            except DAMAGED:
                continue
            found[path] = database
        yield found
