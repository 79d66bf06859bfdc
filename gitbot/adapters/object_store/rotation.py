"""Write the sealed values of a store in a bucket anew with the newest key. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from gitbot.adapters.object_store.state import S3StateStore
from gitbot.adapters.sealing.key_rows import KeyRows
from gitbot.adapters.sealing.sealer import Sealer
from gitbot.errors import LeaseUnavailableError
from gitbot.ports.processes import Processes

_TTL = timedelta(minutes=5)


class BucketSealing:
    """The ``Sealing`` port on a store in a bucket."""

    def __init__(
        self, store: S3StateStore, rows: KeyRows, sealer: Sealer, processes: Processes
    ) -> None:
        self._store = store
        self._rows = rows
        self._sealer = sealer
        self._processes = processes

    @property
    def key_id(self) -> str:
        """The id of the key that values are written with; empty where they are in plain text."""
        return self._sealer.key_id

    def left(self) -> Mapping[str, int]:
        """How many values are not as they would be written now, by environment."""
        return {
            f"{key.repository}/{key.environment}": count
            for key, count in self._store.left().items()
        }

    def rotate(self, told: Callable[[int, int], None]) -> tuple[str, ...]:
        """Take the lease of each environment that has some, and give it back: that writes all anew."""
        left, notes, done = self._store.left(), [], 0
        for key, count in left.items():
            try:
                lease = self._store.acquire(key, self._processes.name("state rotate"), _TTL)
            except LeaseUnavailableError as error:
                notes.append(f"{error} Run it again when that has ended.")
                continue
            self._store.seal_anew(lease)
            self._store.release(lease)
            done += count
            told(done, sum(left.values()))
        if not notes and not self._store.left():
            self._forget_keys()
        return tuple(notes)

    def _forget_keys(self) -> None:
        """Nothing needs the keys of before. Former versions of objects keep what they have."""
        rows = {row.id: row for row in self._rows.all()}
        own = rows.pop(self.key_id, None)
        if own is not None and not own.whole:
            self._rows.put(replace(own, whole=True))
        for row in rows.values():
            self._rows.drop(row.id)
