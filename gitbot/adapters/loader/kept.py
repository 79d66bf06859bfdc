"""Caches the results of loading files, in memory and on disk. Shell."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from cattrs import BaseValidationError

from gitbot.adapters.loader.disk import DiskCache
from gitbot.language.assemble import LoadedFile
from gitbot.language.files import SpecFile
from gitbot.model.codec import from_data, to_data
from gitbot.model.tree import Version

_MOST_SOURCE_BYTES = 8 * 1024**2
_LEVEL = 1
_MOST_DEATHS = 10_000
DEATHS = frozenset({"loader-limit", "loader-failed"})
"""The codes of the diagnostics for a file that killed its child."""
DEATH_S = 3600.0
REVIEWED_DEATH_S = 300.0


def digest_of(modules: Sequence[SpecFile], versions: Mapping[str, Version]) -> str:
    """A hash of all modules, by path; those of other versions have the version in their path."""
    digest = hashlib.sha256()
    for file in modules:
        _add(digest, file.path, file.text)
    for name, one in sorted(versions.items()):
        standing = "usable" if one.usable else "unborn" if one.unborn else ""
        _add(digest, name, one.commit or "", standing)
    return digest.hexdigest()


def key_of(file: SpecFile, home: SpecFile | None, modules: str, *, reviewed: bool) -> str:
    """A hash of everything that the result depends on, except the version of gitbot.

    That is the file, its path, its environment.yaml, whether the child had seen only reviewed
    specs, and ``modules``, their hash, where the file may use any.
    """
    digest = hashlib.sha256()
    _add(
        digest,
        "reviewed" if reviewed else "unreviewed",
        file.path,
        file.text,
        "" if home is None else f"={home.text}",
    )
    # Whoever uses a module writes the word, or an escape (\x6d) that may stand for it.
    if file.is_module or "module" in file.text or "\\" in file.text:
        _add(digest, modules)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, *parts: str) -> None:
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part.encode())


class KeptFiles:
    """The results of loading files, by key. Thread-safe.

    ``disk`` keeps them over restarts; its revision must be that of this version of gitbot. A result
    with a sensitive value stays in memory.

    That a file killed its child is kept too, so that it cannot do so again with every push and
    every move of the tip. But the machine may have been the cause: it is forgotten after
    ``DEATH_S`` seconds, or ``REVIEWED_DEATH_S`` for reviewed specs.
    """

    def __init__(self, disk: DiskCache | None = None) -> None:
        self._disk = disk
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, tuple[LoadedFile, int]] = OrderedDict()
        self._deaths: OrderedDict[str, tuple[LoadedFile, float]] = OrderedDict()
        self._source_bytes = 0

    def get(self, key: str, file: SpecFile) -> LoadedFile | None:
        """The result for the file under this key; None when there is none."""
        with self._lock:
            dead = self._deaths.get(key)
            if dead is not None and time.monotonic() < dead[1]:
                return dead[0]
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
                return found[0]
        stored = self._stored(key)
        if stored is not None:
            self._remember(key, stored, len(file.text))
        return stored

    def put(self, key: str, file: SpecFile, loaded: LoadedFile, *, reviewed: bool) -> None:
        """Store the result for the file, unless it was not tried."""
        codes = {one.code for one in loaded.diagnostics}
        if "loader-skipped" in codes:
            return
        if codes & DEATHS:
            with self._lock:
                kept_s = REVIEWED_DEATH_S if reviewed else DEATH_S
                self._deaths[key] = (loaded, time.monotonic() + kept_s)
                while len(self._deaths) > _MOST_DEATHS:
                    self._deaths.popitem(last=False)
            return
        self._remember(key, loaded, len(file.text))
        if self._disk is None or loaded.secrets:
            return  # a sensitive value must never be on disk
        text = json.dumps(to_data(loaded), separators=(",", ":"))
        self._disk.put(key, zlib.compress(text.encode(), _LEVEL))

    def _stored(self, key: str) -> LoadedFile | None:
        body = None if self._disk is None else self._disk.get(key)
        if body is None or self._disk is None:
            return None
        try:
            data: Any = json.loads(zlib.decompress(body))
            return from_data(data, LoadedFile)
        except (BaseValidationError, KeyError, TypeError, ValueError, zlib.error):
            self._disk.forget(key)
            return None

    def _remember(self, key: str, loaded: LoadedFile, source_bytes: int) -> None:
        with self._lock:
            if key in self._memory:
                return
            self._memory[key] = (loaded, source_bytes)
            self._source_bytes += source_bytes
            while self._source_bytes > _MOST_SOURCE_BYTES and len(self._memory) > 1:
                _, (_, freed) = self._memory.popitem(last=False)
                self._source_bytes -= freed
