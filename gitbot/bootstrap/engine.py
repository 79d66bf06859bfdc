"""Builds the engine, which plans and applies, for the server and the command line. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from gitbot.adapters.loader import ChildLoader, DiskCache
from gitbot.adapters.secrets import KnownSecrets
from gitbot.bootstrap.stores import open_stores
from gitbot.errors import UserError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.time_facts import time_facts
from gitbot.model.places import Place
from gitbot.model.values import Redacted, Redactor, redactor, sha256_hex
from gitbot.ports.jobs import StackProgress, Stop
from gitbot.ports.processes import Processes
from gitbot.ports.records import Records
from gitbot.ports.time import Clock


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and the records in the same database.

    ``children`` says how many child processes the loader has, by trust, and ``identify`` whether AWS says who
    gitbot is (``AwsClouds.identify``).
    """

    engine: Engine
    records: Records
    children: Callable[[], Mapping[str, int]]
    identify: Callable[[], bool | None]

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


class Walking(TypedDict, total=False):
    """How plans are carried out. ``Engine`` has the meaning and the default of each."""

    stop: Stop
    progress: StackProgress
    parallelism: int
    lease_ttl: timedelta
    turn: timedelta


@contextmanager
def open_engine(
    store: Place,
    *,
    hash_key: str | None,
    cache: Path | None = None,
    calendar: Path | None = None,
    processes: Processes | None = None,
    **walking: Unpack[Walking],
) -> Iterator[Opened]:
    """An engine on the state at ``store``, which is made if it does not exist.

    It is closed at the end of the block. ``cache`` is a folder where results of loading specs survive
    restarts, ``calendar`` the file of a ``MovedCalendar``. ``processes``: None means this machine's.
    """
    known, redactor_ = KnownSecrets(), make_redactor(hash_key)
    keyed = None if hash_key is None else redactor_
    # The loader's child starts while the slow imports below run.
    with ChildLoader(disk=_disk(cache), redactor=keyed, known=known) as loader:
        from gitbot.adapters.clock import MovedCalendar, SystemCalendar, SystemClock
        from gitbot.adapters.processes import LocalProcesses
        from gitbot.providers.aws.catalog import open_catalog
        from gitbot.providers.aws.clouds import AwsClouds

        clock, processes = SystemClock(), processes or LocalProcesses()
        clouds = AwsClouds(open_catalog(), clock, hide=known.hide)
        with open_stores(store, clock, processes) as stores:
            engine = Engine(
                clock=clock,
                calendar=SystemCalendar() if calendar is None else MovedCalendar(calendar),
                processes=processes,
                loader=loader,
                clouds=clouds,
                state=stores.state,
                redactor=redactor_,
                hide=known.hide,
                hiding=known.hiding,
                facts=partial(time_facts, stores.records),
                **walking,
            )
            yield Opened(engine, stores.records, loader.children, clouds.identify)


def _disk(cache: Path | None) -> DiskCache | None:
    if cache is None:
        return None
    from gitbot.bootstrap.revision import loading_revision

    return DiskCache(cache / "loaded", revision=loading_revision())
