"""Caches the results of loading files, in memory and on disk. Shell."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cattrs import BaseValidationError

from gitbot.adapters.loader.disk import DiskCache
from gitbot.adapters.loader.shipped import shipped_modules
from gitbot.language.assemble import LoadedFile
from gitbot.language.files import SpecFile
from gitbot.language.versions import module_path, version_of
from gitbot.model.codec import from_data, to_data
from gitbot.model.tree import Version

_MOST_SOURCE_BYTES = 8 * 1024**2
_LEVEL = 1
_MOST_DEATHS = 10_000
_MOST_KEYS = 20_000
_MOST_USES = 4
DEATHS = frozenset({"loader-limit", "loader-failed"})
"""The codes of the diagnostics for a file that killed its child."""
DEATH_S = 3600.0
REVIEWED_DEATH_S = 300.0


class Modules:
    """What each module is now, for the results that depend on some of them.

    ``files`` are those of the repository; those of other ``versions`` have the version in their path.
    ``sam`` says whether templates of SAM can be read.
    """

    def __init__(
        self, files: Sequence[SpecFile], versions: Mapping[str, Version], *, sam: bool
    ) -> None:
        self._texts = {file.path: file.text for file in files}
        self._versions = versions
        self._sam = str(sam)
        self._names = _hash(*self._texts)
        self._states: dict[str, str] = {}

    def digest(self, keys: Iterable[str]) -> str:
        """A hash of what these modules are. One that is not there depends on which are: a message offers them.

        Those that come with gitbot are always the same.
        """
        return _hash(*map(self._state, keys))

    def all(self) -> str:
        """A hash of everything."""
        return _hash(self.digest(self._texts), self.digest(f"@{name}" for name in self._versions))

    def _state(self, key: str) -> str:
        if key not in self._states:
            self._states[key] = self._hashed(key)
        return self._states[key]

    def _hashed(self, key: str) -> str:
        name = version_of(key)
        one = self._versions.get(name, Version())
        standing = "usable" if one.usable else "unborn" if one.unborn else ""
        path = key if key in self._texts else module_path(key)
        text = self._texts.get(path)
        there = f"!{self._names}" if text is None else f"={text}"
        if any(one.path == path for one in shipped_modules()):
            there = ""
        return _hash(key, one.commit or "", standing, self._sam, there)


def key_of(file: SpecFile, home: SpecFile | None, *, reviewed: bool) -> str:
    """A hash of everything that the result depends on, except modules and the version of gitbot.

    That is the file, its path, its environment.yaml, and whether the child had seen only reviewed
    specs.
    """
    digest = hashlib.sha256()
    _add(
        digest,
        "reviewed" if reviewed else "unreviewed",
        file.path,
        file.text,
        "" if home is None else f"={home.text}",
    )
    return digest.hexdigest()


def _may_use(file: SpecFile) -> bool:
    # Whoever uses a module writes the word, or an escape (\x6d) that may stand for it.
    return file.is_module or "module" in file.text or "\\" in file.text


def _hash(*parts: str) -> str:
    digest = hashlib.sha256()
    _add(digest, *parts)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, *parts: str) -> None:
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part.encode())


class KeptFiles:
    """The results of loading files, by key and by what the modules are that they depend on. Thread-safe.

    A result names these modules itself. So the names are kept by key, those of the last results of it; with what
    the modules are now, they lead to the result.

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
        self._deaths: OrderedDict[str, tuple[LoadedFile, float, str]] = OrderedDict()
        self._uses: OrderedDict[str, tuple[tuple[str, ...], ...]] = OrderedDict()
        self._source_bytes = 0

    def get(self, key: str, file: SpecFile, modules: Modules) -> LoadedFile | None:
        """The result for the file under this key with these modules; None when there is none."""
        with self._lock:
            dead = self._deaths.get(key)
            if dead is not None and time.monotonic() < dead[1] and dead[2] == modules.all():
                return dead[0]
        for uses in self._used(key) if _may_use(file) else ((),):
            found = self._get(_hash(key, modules.digest(uses)), file)
            if found is not None:
                return found
        return None

    def _get(self, key: str, file: SpecFile) -> LoadedFile | None:
        with self._lock:
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
                return found[0]
        stored = self._stored(key)
        if stored is not None:
            self._remember(key, stored, len(file.text))
        return stored

    def put(
        self, key: str, file: SpecFile, loaded: LoadedFile, modules: Modules, *, reviewed: bool
    ) -> None:
        """Store the result for the file with these modules, unless it was not tried."""
        codes = {one.code for one in loaded.diagnostics}
        if "loader-skipped" in codes:
            return
        if codes & DEATHS:
            with self._lock:
                kept_s = REVIEWED_DEATH_S if reviewed else DEATH_S
                self._deaths[key] = (loaded, time.monotonic() + kept_s, modules.all())
                while len(self._deaths) > _MOST_DEATHS:
                    self._deaths.popitem(last=False)
            return
        if _may_use(file):
            self._note_uses(key, loaded.uses)
        key = _hash(key, modules.digest(loaded.uses))
        self._remember(key, loaded, len(file.text))
        if self._disk is None or loaded.secrets:
            return  # a sensitive value must never be on disk
        text = json.dumps(to_data(loaded), separators=(",", ":"))
        self._disk.put(key, zlib.compress(text.encode(), _LEVEL))

    def _used(self, key: str) -> tuple[tuple[str, ...], ...]:
        """The names of the modules on which the last results of the key depend, the newest first."""
        with self._lock:
            known = self._uses.get(key)
        if known is not None:
            return known
        body = None if self._disk is None else self._disk.get(f"{key}:uses")
        try:
            found = from_data(json.loads(body or b"[]"), tuple[tuple[str, ...], ...])
        except (BaseValidationError, KeyError, TypeError, ValueError):
            found = ()
        return found

    def _note_uses(self, key: str, uses: tuple[str, ...]) -> None:
        known = self._used(key)
        found = tuple(dict.fromkeys((uses, *known)))[:_MOST_USES]
        with self._lock:
            self._uses[key] = found
            self._uses.move_to_end(key)
            while len(self._uses) > _MOST_KEYS:
                self._uses.popitem(last=False)
        if self._disk is not None and found != known:
            self._disk.put(f"{key}:uses", json.dumps(found).encode())

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
