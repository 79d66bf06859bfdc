"""Replaces a file so that at every moment there is the old one or the new one. Shell."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from gitbot.errors import UserError


def set_aside(path: Path, now: datetime) -> Path:
    """Keep the file under a second name, and what SQLite may have beside it under that only; returns that name.

    The file itself stays until another one is put in its place: without it, a server would begin anew.
    """
    kept = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    if kept.exists():
        raise UserError(f"{kept} exists already: restore again in a second")
    path.chmod(0o600)
    try:
        os.link(path, kept)
    except OSError:  # a file system without second names
        shutil.copy2(path, kept)
    for end in ("-wal", "-shm", "-journal"):
        beside = path.with_name(f"{path.name}{end}")
        if beside.exists():
            beside.chmod(0o600)
            beside.rename(kept.with_name(f"{kept.name}{end}"))
    return kept


def put_in_place(new: Path, path: Path) -> None:
    """Let the new file take the place of the other one at once, also if the machine fails meanwhile."""
    _sync(new)
    new.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
