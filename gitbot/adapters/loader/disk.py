"""Caches small bodies in a folder; when it is full, deletes the least recently used. Shell."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

_CHECK_BYTES = 32
_KEEP_AFTER_PRUNING = 0.8


class DiskCache:
    """A cache with one file for each key. Safe for many threads and processes.

    A lost or incomplete file is a miss. The first write creates the folder, for this user only.
    With a full or read-only disk nothing is cached, and nothing fails. An entry is found only under
    the ``revision`` that it was written with.
    """

    def __init__(self, folder: Path, *, revision: str = "", most_bytes: int = 64 * 1024**2) -> None:
        self._folder = folder
        self._revision = revision
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._written_bytes: int | None = None

    def get(self, key: str) -> bytes | None:
        """The body of the key; None when there is none."""
        file = self._file(key)
        try:
            found = file.read_bytes()
        except OSError:
            return None
        check, body = found[:_CHECK_BYTES], found[_CHECK_BYTES:]
        if check != hashlib.sha256(body).digest():
            self.forget(key)  # incomplete: the machine went down before the file was on disk
            return None
        with suppress(OSError):
            os.utime(file)  # mark it as used now
        return body

    def put(self, key: str, body: bytes) -> None:
        """Store the body, unless it is too large."""
        if len(body) > self._most_bytes // 8:
            return
        with suppress(OSError):
            self._write(key, hashlib.sha256(body).digest() + body)
        self._count(_CHECK_BYTES + len(body))

    def forget(self, key: str) -> None:
        """Delete the body. Idempotent."""
        with suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        name = hashlib.sha256(f"{self._revision}\0{key}".encode()).hexdigest()
        return self._folder / name

    def _write(self, key: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp creates the file with mode 0600. After the rename readers see all of it.
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(name, self._file(key))
        except OSError:
            os.unlink(name)
            raise

    def _count(self, added_bytes: int) -> None:
        """Add to the known size of the folder, and prune the folder when it is too large."""
        with self._lock:
            if self._written_bytes is None:
                self._written_bytes = sum(size for _, size, _ in self._files())
            else:
                self._written_bytes += added_bytes
            if self._written_bytes > self._most_bytes:
                self._written_bytes = self._prune()

    def _prune(self) -> int:
        """Delete the least recently used files. Returns how many bytes are left."""
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, file in files:
            if left <= self._most_bytes * _KEEP_AFTER_PRUNING:
                break
            with suppress(OSError):
                file.unlink()
            left -= size
        return left

    def _files(self) -> list[tuple[int, int, Path]]:
        """For each file: when it was last used, its size, and its path."""
        found = []
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                with suppress(OSError):  # another process has just removed it
                    stat = entry.stat(follow_symlinks=False)
                    found.append((stat.st_mtime_ns, stat.st_size, Path(entry.path)))
        return found
