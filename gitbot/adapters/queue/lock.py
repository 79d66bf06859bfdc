"""A lock that keeps a second process away from a SQLite file. Shell."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from gitbot.errors import UserError


class FileLock:
    """Held by one process at a time; released when that process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Locks ``<database>.lock``, beside the file that it guards."""
        self._database = database
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock and write this process's number into it.

        Raises:
            UserError: another process holds it; the message says which.
        """
        self._database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._database.with_name(f"{self._database.name}.lock").open("a+")
        try:
            # A record lock: child processes do not inherit it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise UserError(
                f"Another gitbot (process {holder}) serves {self._database.parent} already. Stop it"
                " first, or give this one a data folder of its own."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it back, if it is held."""
        if self._file is not None:
            self._file.close()
            self._file = None
