"""Small bodies kept in a folder by key: bounded, and what was used longest ago goes first. Shell."""

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
    """One file a key. Safe for many threads and processes; a lost or torn file is a miss.

    The folder is made at the first write, for this user alone. A full or read-only disk makes the
    cache useless and breaks nothing. What is kept under one ``revision`` is not found under another.
    """

    def __init__(self, folder: Path, *, revision: str = "", most_bytes: int = 64 * 1024**2) -> None:
        self._folder = folder
        self._revision = revision
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._written_bytes: int | None = None

    def get(self, key: str) -> bytes | None:
        """The body under the key, None where there is none that is whole."""
        file = self._file(key)
        try:
            found = file.read_bytes()
        except OSError:
            return None
        check, body = found[:_CHECK_BYTES], found[_CHECK_BYTES:]
        if check != hashlib.sha256(body).digest():
            self.forget(key)  # torn: the machine went down before the file was on disk
            return None
        with suppress(OSError):
            os.utime(file)  # used just now
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep the body; what does not fit the bound is not kept."""
        if len(body) > self._most_bytes // 8:
            return
        with suppress(OSError):
            self._write(key, hashlib.sha256(body).digest() + body)
        self._count(_CHECK_BYTES + len(body))

    def forget(self, key: str) -> None:
        """Remove the body. Idempotent."""
        with suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        name = hashlib.sha256(f"{self._revision}\0{key}".encode()).hexdigest()
        return self._folder / name

    def _write(self, key: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes files of mode 0600; the rename shows readers all of it or nothing.
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(name, self._file(key))
        except OSError:
            os.unlink(name)
            raise

    def _count(self, added_bytes: int) -> None:
        """Prune when this process has written enough since it last looked at the folder."""
        with self._lock:
            if self._written_bytes is None:
                self._written_bytes = sum(size for _, size, _ in self._files())
            else:
                self._written_bytes += added_bytes
            if self._written_bytes > self._most_bytes:
                self._written_bytes = self._prune()

    def _prune(self) -> int:
        """Remove what was used longest ago; the bytes that are left."""
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
        """When each file was last used, its size, and the file."""
        found = []
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                with suppress(OSError):  # another process has just removed it
                    stat = entry.stat(follow_symlinks=False)
                    found.append((stat.st_mtime_ns, stat.st_size, Path(entry.path)))
        return found
