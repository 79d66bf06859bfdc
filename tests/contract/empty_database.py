"""An empty SQLite file of gitbot: a copy costs a hundredth of the migrations."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import open_database


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gitbot.db"
        open_database(path).dispose()
        return path.read_bytes()


def open_empty(path: Path) -> Engine:
    """An engine on the file; a new one is empty."""
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(_migrated())
    return open_database(path)
