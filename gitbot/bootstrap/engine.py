"""Builds the engine, which plans and applies, for the server and the command line. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gitbot.adapters.loader import ChildLoader, DiskCache
from gitbot.adapters.secrets import KnownSecrets
from gitbot.errors import UserError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.time_facts import time_facts
from gitbot.model.cloud import TURN
from gitbot.model.names import Address, StackId
from gitbot.model.values import Redacted, Redactor, redactor, sha256_hex
from gitbot.ports.jobs import StackProgress, Stop
from gitbot.ports.records import Records
from gitbot.ports.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An engine, and the records in the same database."""

    engine: Engine
    records: Records

    @property
    def clock(self) -> Clock:
        """Real time."""
        return self.engine.clock


def make_redactor(hash_key: str | None) -> Redactor:
    """The redactor for this key. The id of the key is the beginning of its own hash.

    Without a key, the redactor raises UserError when it meets a sensitive value.
    """
    if hash_key is None:
        return _no_key
    return redactor(hash_key.encode(), sha256_hex(hash_key)[:8])


def _no_key(value: Any) -> Redacted:
    raise UserError(
        "a value here is sensitive, and GITBOT_HASH_KEY is not set: it keys the hashes that stand "
        "for such values in state. Make one with `openssl rand -hex 32` and keep it; with the "
        "store of a server, use the server's key"
    )


def silent(stack: StackId, address: Address, action: str, phase: str, detail: str) -> None:
    """Ignore the progress of a walk."""


@contextmanager
def open_engine(
    store: Path | str,
    *,
    hash_key: str | None,
    stop: Stop = lambda: False,
    progress: StackProgress = silent,
    parallelism: int = 10,
    lease_ttl: timedelta = timedelta(seconds=60),
    turn: timedelta = TURN,
    cache: Path | None = None,
    calendar: Path | None = None,
) -> Iterator[Opened]:
    """An engine on the database at ``store``, which is created if it does not exist.

    The engine is closed at the end of the block. ``cache`` is a folder for the results of loading
    specs, which then survive restarts. ``calendar`` is the file of a ``MovedCalendar``.
    """
    known = KnownSecrets()
    redactor_ = make_redactor(hash_key)
    # The loader's child starts while the slow imports below run.
    with ChildLoader(
        disk=None if cache is None else _disk(cache),
        redactor=None if hash_key is None else redactor_,
        known=known,
    ) as loader:
        from gitbot.adapters.clock import MovedCalendar, SystemCalendar, SystemClock
        from gitbot.adapters.processes import LocalProcesses
        from gitbot.adapters.stores.database import open_database
        from gitbot.adapters.stores.records import sql_records
        from gitbot.adapters.stores.state import SqlStateStore
        from gitbot.providers.aws.catalog import open_catalog
        from gitbot.providers.aws.clouds import AwsClouds

        database = open_database(store)
        clock, processes = SystemClock(), LocalProcesses()
        records = sql_records(database)
        try:
            yield Opened(
                engine=Engine(
                    clock=clock,
                    calendar=SystemCalendar() if calendar is None else MovedCalendar(calendar),
                    processes=processes,
                    loader=loader,
                    clouds=AwsClouds(open_catalog(), clock, hide=known.hide),
                    state=SqlStateStore(database, clock, processes),
                    redactor=redactor_,
                    hide=known.hide,
                    hiding=known.hiding,
                    stop=stop,
                    progress=progress,
                    parallelism=parallelism,
                    lease_ttl=lease_ttl,
                    turn=turn,
                    facts=partial(time_facts, records),
                ),
                records=records,
            )
        finally:
            database.dispose()


def _disk(cache: Path) -> DiskCache:
    from gitbot.bootstrap.revision import loading_revision

    return DiskCache(cache / "loaded", revision=loading_revision())
