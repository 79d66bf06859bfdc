"""Keeps files and folders from other users of the machine. Shell."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from gitbot.errors import UserError

_log = logging.getLogger(__name__)
_SQLITE = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html#magic_header_string
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_file(path: Path) -> None:
    """Make a database with mode 0600 if it is missing; take a found one's rights from others.

    A file with something else in it is left as it is: somebody named the wrong one. SQLite gives the files beside a database (``-wal``, ``-shm``) the mode of the database:
    https://www.sqlite.org/src/doc/trunk/src/os_unix.c (findCreateFileMode). Idempotent.

    Raises:
        UserError: others may read it, and this user cannot change that.
        OSError: it cannot be made.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        begins = os.read(handle, len(_SQLITE))
    finally:
        os.close(handle)
    if begins not in (b"", _SQLITE):
        return
    for beside in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        _close(beside, 0o600)


def private_folder(path: Path) -> None:
    """Make the folder with mode 0700 if it is missing; take a found one's rights from others.

    Raises:
        UserError: others may use it, and this user cannot change that.
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    _close(path, 0o700)


def _close(path: Path, mode: int) -> None:
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return
    if not found & _OTHERS:
        return
    try:
        path.chmod(found & ~_OTHERS)
    except OSError as error:
        raise UserError(
            f"{path} has the mode {found:04o}, so that other users of this machine can read what "
            f"gitbot keeps there, and this user cannot change it ({error.strerror}). As its owner: "
            f"chmod {mode:04o} {path}"
        ) from error
    _log.warning(
        "%s had the mode %04o: other users of this machine have no more access", path, found
    )
