"""Where a server keeps what it knows: alone in files of its own, or with others in one database. Shell."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace

from gitbot.adapters.processes import LocalProcesses, ServerProcesses, end_children
from gitbot.adapters.queue import (
    JOBS_VERSION,
    AlwaysMine,
    Membership,
    SharedTurns,
    Together,
    Turns,
)
from gitbot.model.places import Place, PostgresPlace, SqlitePlace, database_of
from gitbot.model.state_keys import state_keys
from gitbot.ports.processes import Processes
from gitbot.settings import Settings

EXIT_FENCED = 4
"""The exit code of a server that lost its lock, so that others take over its jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A server's places, and what it knows of other servers.

    ``membership`` is None where it is alone. ``turns`` are those at the inbox.
    """

    store: Place
    queue: SqlitePlace | PostgresPlace
    name: str
    membership: Membership | None
    processes: Processes
    turns: Turns


def member_of(settings: Settings) -> Member:
    """The places that the settings name. Nothing is opened."""
    local, keys = LocalProcesses(), state_keys(settings.state_key)
    if not settings.database:
        return Member(
            store=SqlitePlace(settings.data / "gitbot.db", keys),
            queue=SqlitePlace(settings.data / "jobs.db"),
            name=local.name(),
            membership=None,
            processes=local,
            turns=AlwaysMine(),
        )
    direct = database_of(settings.database_direct or settings.database)
    together = Together(direct.where, local.name(), JOBS_VERSION, lost=_end)
    store = database_of(settings.database)
    return Member(
        store=replace(store, keys=keys),
        queue=direct,
        name=local.name(),
        membership=together,
        processes=ServerProcesses(together.is_dead),
        turns=SharedTurns(direct.where, "inbox"),
    )


def _end() -> None:
    """End this process at once: another one takes over what it does."""
    end_children()
    logging.shutdown()
    os._exit(EXIT_FENCED)
