"""Reads environments from their snapshots and journals. Shell."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TypeAlias

from gitbot.adapters.object_store.folding import (
    Entry,
    Found,
    OlderError,
    View,
    copied,
    ends_lease,
    folded,
    put_back,
)
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.sealing.sealer import PLAIN, Sealer
from gitbot.errors import TransientError
from gitbot.model.names import EnvironmentKey

Listed: TypeAlias = Sequence[tuple[str, str]]
"""Names of objects and their tags, in the order of the names."""
_TRIES = 20


class _MovingError(Exception):
    """Somebody wrote while this was read."""


class Reader:
    """Reads the environments of a store, and keeps what it has read. Thread-safe."""

    def __init__(self, objects: Objects, layout: Layout, sealer: Sealer = PLAIN) -> None:
        self._objects = objects
        self._sealer = sealer
        self._layout = layout
        self._entries: dict[str, Found] = {}
        self._snapshots: dict[str, Found] = {}
        self._newest: set[EnvironmentKey] = set()
        self._views: dict[EnvironmentKey, tuple[View, tuple[str, str] | None]] = {}

    def view(self, key: EnvironmentKey) -> View:
        """The environment as it is now, of which the caller may change everything.

        Raises:
            UserError: an object is missing, is older than the journal, or is not ours; or all of them were
                put back to an earlier time.
            TransientError: S3 did not answer, or the journal moved again and again.
        """
        before: tuple[Listed, Listed] | None = None
        for tried in range(_TRIES):
            kept = self._unchanged(key)
            if kept is not None:
                return copied(kept)
            stacks = list(self._objects.names(self._layout.stacks(key)))
            journal = list(self._objects.names(self._layout.journal(key)))
            try:
                return self._read(key, stacks, journal)
            except _MovingError:
                before = None
            except OlderError:
                # While somebody gives the lease back, the listings may be of two times.
                if before == (stacks, journal):
                    raise
                before = stacks, journal
            self._objects.pause(tried)
        raise TransientError(
            f"the state of {key.environment} moved again and again while it was read."
        )

    def views(
        self,
        repository: str | None,
        held: Container[EnvironmentKey],
        known: Callable[[EnvironmentKey], View],
    ) -> Sequence[View]:
        """All environments that have state, or those of one repository, by name. Lists everything once.

        Those in ``held`` are not read: they are as ``known`` says.
        """
        prefix = self._layout.prefix if repository is None else self._layout.repository(repository)
        listed: dict[EnvironmentKey, list[tuple[str, str]]] = {}
        for name, etag in self._objects.names(prefix):
            key = self._layout.environment_of(name)
            if key is not None:
                listed.setdefault(key, []).append((name, etag))
        return [
            known(key) if key in held else self._listed_view(key, names)
            for key, names in sorted(listed.items())
        ]

    def _listed_view(self, key: EnvironmentKey, listed: Listed) -> View:
        begin, journal = self._layout.stacks(key), self._layout.journal(key)
        try:
            return self._read(
                key,
                [one for one in listed if one[0].startswith(begin)],
                [one for one in listed if one[0].startswith(journal)],
            )
        except (_MovingError, OlderError):
            return self.view(key)

    def _unchanged(self, key: EnvironmentKey) -> View | None:
        """What was read before, if the journal has still the same end. Each change of state is an entry."""
        view, newest = self._views.get(key, (None, None))
        if view is None or newest is None:
            return None
        after = self._layout.entry(key, view.head - 1)
        found = list(self._objects.names(self._layout.journal(key), after=after))
        return view if found == [newest] else None

    def _read(self, key: EnvironmentKey, stacks: Listed, journal: Listed) -> View:
        snapshots = [self._found(name, etag, self._snapshots) for name, etag in stacks]
        view = folded(key, snapshots, self._since_last_end(journal), self._sealer)
        view.numbers.update(self._layout.number_of(name) for name, _ in journal)
        if key not in self._newest:
            self._refuse_put_back(view)
            self._newest.add(key)
        self._views[key] = copied(view), journal[-1] if journal else None
        return view

    def _since_last_end(self, journal: Listed) -> Sequence[Entry]:
        """The entries from the last end of a lease on. What is before it is not even read."""
        found: list[Entry] = []
        for name, etag in reversed(journal):
            body = self._found(name, etag, self._entries).body
            found.append((self._layout.number_of(name), body))
            if ends_lease(body):
                break
        return found[::-1]

    def _refuse_put_back(self, view: View) -> None:
        """Refuse an environment whose journal went on once: the versions of the bucket remember it.

        Only entries before the newest are ever deleted.
        """
        begin, newest = self._layout.journal(view.key), self._layout.entry(view.key, view.head)
        later = self._objects.versions(begin, after=newest)
        if any(latest for _, latest in later):
            raise _MovingError
        if later:
            raise put_back(view.key, view.head, max(name for name, _ in later))

    def _found(self, name: str, etag: str, kept: dict[str, Found]) -> Found:
        """The object as it was listed. Raises _MovingError where it is gone or another one."""
        found = kept.get(name)
        if found is None or found.etag != etag:
            found = self._objects.get(name)
            if found is None or found.etag != etag:
                raise _MovingError
            kept[name] = found
        return found
