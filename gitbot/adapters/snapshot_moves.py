"""Keep a backup from bringing back stacks that another store has by now. Shell."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gitbot.errors import UserError

DAMAGED: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises: SQLite's own message can have bytes of it that are no text."""
Movings = Mapping[tuple[str, ...], str | None]
"""By the identity of a stack, the store that has it; None: this one."""


def refuse_moved(store: Path, here: Movings, then: Movings) -> None:
    """Return when no stack went to another store, or came from there, after the backup."""
    for stack in sorted(here.keys() & then.keys()):
        label, aside = "/".join(stack[1:3]), f"move {store} to another name, then restore"
        to, from_ = here[stack], then[stack]
        if to and not from_:
            raise UserError(
                f"{to} has {label} now: it was moved there after the backup, and with the backup two stores would "
                f"change the same objects. Use {to} (GITBOT_STORE or --store). If that store is lost, {aside}"
            )
        if from_ and not to:
            raise UserError(
                f"the backup has only a copy of {label}: {from_} had it then, and gave it to {store} later. With "
                f"the backup no store would have it. Restore a later backup. If there is none, {aside}, and "
                f"move {label} anew from {from_}"
            )


def movings(database: sqlite3.Connection) -> Movings:
    """The store that has each stack of this one; None: this one. Nothing, if that cannot be read."""
    try:
        rows = database.execute("SELECT repository, environment, name, region, moved FROM stacks")
        return {tuple(key): json.loads(moved)["to"] if moved else None for *key, moved in rows}
    except (*DAMAGED, ValueError):
        # It is damaged, or of a gitbot that did not move state yet.
        return {}
