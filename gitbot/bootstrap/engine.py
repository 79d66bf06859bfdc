"""Put together what planning and applying need; the command line and the server share it. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from gitbot.adapters.loader import ChildLoader, DiskCache
from gitbot.errors import UserError
from gitbot.jobs.steps.look import Engine
from gitbot.model.names import Address
from gitbot.model.values import Redacted, Redactor, redactor, sha256_hex
from gitbot.ports.jobs import Progress, Stop
from gitbot.ports.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An engine and the records of the same database."""

    engine: Engine
    records: Records


def make_redactor(hash_key: str | None) -> Redactor:
    """Keyed hashes under this key; its id is the beginning of the key's own hash.

    Without a key the redactor raises UserError where something sensitive needs one.
    """
    if hash_key is None:
        return _no_key
    return redactor(hash_key.encode(), sha256_hex(hash_key)[:8])


def _no_key(value: Any) -> Redacted:
    raise UserError(
        "a value here is sensitive, and GITBOT_HASH_KEY is not set: it keys the hashes that stand "
        "for such values in state. Make one with `openssl rand -hex 32` and keep it; with a "
        "server's store use the server's"
    )


def silent(address: Address, action: str, phase: str, detail: str) -> None:
    """Progress that nobody watches."""


@contextmanager
def open_engine(
    store: Path | str,
    *,
    hash_key: str | None,
    stop: Stop = lambda: False,
    progress: Progress = silent,
    parallelism: int = 10,
    lease_ttl: timedelta = timedelta(seconds=60),
    cache: Path | None = None,
) -> Iterator[Opened]:
    """An engine on the database at ``store`` (made when it is not there), closed at the end.

    ``cache``: the folder that keeps what specs said over restarts.
    """
    # The loader's child starts beside the imports of the databases and of AWS below.
    with ChildLoader(disk=None if cache is None else _disk(cache)) as loader:
        from gitbot.adapters.clock import SystemCalendar, SystemClock
        from gitbot.adapters.processes import LocalProcesses
        from gitbot.adapters.stores.database import open_database
        from gitbot.adapters.stores.records import sql_records
        from gitbot.adapters.stores.state import SqlStateStore
        from gitbot.providers.aws.catalog import open_catalog
        from gitbot.providers.aws.clouds import AwsClouds

        database = open_database(store)
        clock, processes = SystemClock(), LocalProcesses()
        try:
            yield Opened(
                engine=Engine(
                    clock=clock,
                    calendar=SystemCalendar(),
                    processes=processes,
                    loader=loader,
                    clouds=AwsClouds(open_catalog(), clock),
                    state=SqlStateStore(database, clock, processes),
                    redactor=make_redactor(hash_key),
                    stop=stop,
                    progress=progress,
                    parallelism=parallelism,
                    lease_ttl=lease_ttl,
                ),
                records=sql_records(database),
            )
        finally:
            database.dispose()


def _disk(cache: Path) -> DiskCache:
    from gitbot.bootstrap.revision import loading_revision

    return DiskCache(cache / "loaded", revision=loading_revision())
