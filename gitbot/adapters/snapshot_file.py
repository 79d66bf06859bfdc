"""Write and read the one file of a backup: the databases, and what they are. Shell."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gitbot.errors import UserError

FORMAT: Final = 1
STORE: Final = "gitbot.db"
QUEUE: Final = "jobs.db"
_MANIFEST: Final = "manifest.json"
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(ValueError, KeyError, TypeError),
)
"""What reading a damaged archive raises: a wrong bit in a header asks for what zipfile cannot do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a file with a backup has: when it was made, of which revision of the tables, the names of its
    databases, the environments with state, and how many jobs had not ended."""

    made_at: str
    revision: str
    databases: tuple[str, ...]
    environments: tuple[str, ...]
    open_jobs: int


def pack(target: Path, copies: Mapping[str, Path], snapshot: Snapshot) -> None:
    """Write the databases into the new file, for its owner alone, and read it again.

    Raises:
        UserError: it exists already.
    """
    try:
        number = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError as error:
        raise UserError(f"{target} exists already: name another file") from error
    try:
        with os.fdopen(number, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
                for name, copy in copies.items():
                    packed.write(copy, name)
                packed.writestr(_MANIFEST, json.dumps(_manifest(copies, snapshot), indent=1))
            file.flush()
            os.fsync(file.fileno())
        with TemporaryDirectory(dir=target.parent) as folder:
            unpack(target, Path(folder))
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _manifest(copies: Mapping[str, Path], snapshot: Snapshot) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "made_at": snapshot.made_at,
        "revision": snapshot.revision,
        "environments": snapshot.environments,
        "open_jobs": snapshot.open_jobs,
        "databases": {name: _digest(copy) for name, copy in copies.items()},
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, folder: Path) -> Snapshot:
    """Write the databases of the backup into the folder, each as it was backed up.

    Raises:
        UserError: the file is no backup, is damaged, or is of a newer format.
        OSError: it cannot be read, or the folder cannot be written.
    """
    damaged = UserError(f"{source} is no backup of gitbot, or is damaged")
    try:
        with zipfile.ZipFile(source) as packed:
            manifest = json.loads(packed.read(_MANIFEST))
            if manifest["format"] > FORMAT:
                raise UserError(
                    f"{source} was written by a newer gitbot (format {manifest['format']}, this one knows "
                    f"{FORMAT}): install that gitbot, then restore"
                )
            digests = dict(manifest["databases"])
            if STORE not in digests or not digests.keys() <= {STORE, QUEUE}:
                raise damaged
            for name, digest in digests.items():
                packed.extract(name, folder)
                (folder / name).chmod(0o600)
                if _digest(folder / name) != digest:
                    raise damaged
            return Snapshot(
                made_at=manifest["made_at"],
                revision=manifest["revision"],
                databases=tuple(digests),
                environments=tuple(manifest["environments"]),
                open_jobs=manifest["open_jobs"],
            )
    except FileNotFoundError as error:
        raise UserError(f"there is no file {source}") from error
    except _DAMAGED as error:
        raise damaged from error
    except OSError as error:
        # A wrong position in the archive. Anything else is no fault of the file.
        if error.errno != errno.EINVAL:
            raise
        raise damaged from error
