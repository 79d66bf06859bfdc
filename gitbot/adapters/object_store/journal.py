"""The journal of an environment, in which every change stands once and in one order. Shell.

An entry is made only if its number is free. So of two writers that have read the same journal one makes
the next entry, and the other one finds out before it has done anything. Who takes the lease over makes an
entry too: from then on its former holder cannot write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gitbot.adapters.object_store.answers import MovedError
from gitbot.adapters.object_store.folding import (
    Entry,
    Found,
    OlderError,
    View,
    ends_lease,
    folded,
    older,
    put_back,
    turn_body,
)
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.patches import data_of, id_data, patch_of
from gitbot.adapters.sealing.sealer import PLAIN, Sealer
from gitbot.model.codec import to_data
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack

Change = tuple[StackId, RecordedStack | None, RecordedStack | None]
"""A stack with its state before and after. None: there is none."""
_TRIES = 4


class Journal:
    """Reads the environments of a store, and appends to their journals."""

    def __init__(self, objects: Objects, layout: Layout, sealer: Sealer = PLAIN) -> None:
        self._objects = objects
        self._sealer = sealer
        self._layout = layout
        self._entries: dict[tuple[EnvironmentKey, int], tuple[str, Mapping[str, Any]]] = {}
        self._snapshots: dict[str, Found] = {}
        self._newest: set[EnvironmentKey] = set()

    def view(self, key: EnvironmentKey) -> View:
        """The environment as it is now.

        Raises:
            UserError: an object is missing, is older than the journal, or is not ours; or all of them were
                put back to an earlier time.
            TransientError: S3 did not answer, or the journal moved again and again.
        """
        # While somebody gives the lease back, snapshots and journal may be of two times: read them again.
        for _ in range(_TRIES):
            try:
                return self._read(key)
            except OlderError as error:
                last = error
        raise last

    def _read(self, key: EnvironmentKey) -> View:
        snapshots = self._read_snapshots(key)
        listed = list(self._objects.names(self._layout.journal(key)))
        view = folded(key, snapshots, self._since_last_end(key, listed), self._sealer)
        view.numbers.update(self._layout.number_of(name) for name, _ in listed)
        if key not in self._newest:
            self._refuse_put_back(view)
            self._newest.add(key)
        return view

    def _since_last_end(
        self, key: EnvironmentKey, listed: Sequence[tuple[str, str]]
    ) -> Sequence[Entry]:
        """The entries from the last end of a lease on. What is before it is not even read."""
        found: list[Entry] = []
        for name, etag in reversed(listed):
            entry = self._entry(key, self._layout.number_of(name), etag)
            if entry is None:
                raise older(key)
            found.append(entry)
            if ends_lease(entry[1]):
                break
        return found[::-1]

    def _refuse_put_back(self, view: View) -> None:
        """Refuse an environment whose journal went on once: the versions of the bucket remember it.

        Only entries before the newest are ever deleted.
        """
        begin, newest = self._layout.journal(view.key), self._layout.entry(view.key, view.head)
        later = self._objects.versions(begin, after=newest)
        if any(latest for _, latest in later):
            raise older(view.key)  # somebody has made an entry meanwhile: read again
        if later:
            raise put_back(view.key, view.head, max(name for name, _ in later))

    def append(self, view: View, epoch: int, changes: Sequence[Change]) -> None:
        """Make the next entry with these changes, and keep them in the view.

        Raises:
            MovedError: somebody else has made it: the lease was taken over. The view is as before.
            TransientError: nobody knows whether it is made; ``view`` does not have it.
        """
        made = [
            {
                "stack": id_data(stack),
                "patch": None if after is None else patch_of(before, after, self._sealer),
            }
            for stack, before, after in changes
        ]
        self._append(view, {"epoch": epoch, "changes": made})
        for stack, _, after in changes:
            view.stale.add(stack)
            if after is None:
                view.states.pop(stack, None)
            else:
                view.states[stack] = after

    def open(self, view: View, lease: Lease) -> None:
        """Make the entry that this lease begins.

        Raises:
            MovedError: somebody else has made the next entry.
            TransientError: nobody knows whether it is made.
        """
        if view.opened is not None:
            # Whoever is taken over wakes some day, and must find this number taken.
            view.fences.add(view.head + 1)
        self._append(view, turn_body(view, lease.epoch, to_data(lease)))
        # A request that came late has found its number free again, if others held the lease meanwhile.
        begin, newest = self._layout.journal(view.key), self._layout.entry(view.key, view.head)
        if next(self._objects.names(begin, after=newest), None) is not None:
            raise MovedError(f"{newest} stands before the end of a later lease")
        view.epoch, view.opened = lease.epoch, lease

    def close(self, view: View) -> None:
        """Make the entry that the lease was given back.

        Raises:
            MovedError: somebody else has made the next entry.
            TransientError: nobody knows whether it is made.
        """
        self._append(view, turn_body(view, view.epoch, None))
        view.opened = None

    def _append(self, view: View, body: Mapping[str, Any]) -> None:
        number = view.head + 1
        self._objects.create(self._layout.entry(view.key, number), body)
        view.head = number
        view.numbers.add(number)

    def snapshot(self, view: View) -> None:
        """Write the snapshots that are behind, so that a reader needs no entries.

        Raises:
            MovedError: somebody else has written one of them.
        """
        for stack in sorted(view.stale):
            name, state = self._layout.stack(stack), view.states.get(stack)
            if state is None:
                self._delete_snapshot(view, stack)
                continue
            body = {"position": view.head, "state": data_of(state, self._sealer)}
            etag = view.etags.get(stack)
            view.etags[stack] = (
                self._objects.create(name, body)
                if etag is None
                else self._objects.replace(name, body, etag)
            )
        view.stale.clear()

    def _delete_snapshot(self, view: View, stack: StackId) -> None:
        if stack in view.etags:
            self._objects.delete(self._layout.stack(stack), view.etags[stack])
            del view.etags[stack]

    def cut(self, view: View) -> None:
        """Delete all entries but the newest and the fences: what they say stands in the snapshots.

        It does not matter which of them are left: nobody reads what is before the end of a lease.
        """
        old = view.numbers - view.fences - {view.head}
        self._objects.delete_all([self._layout.entry(view.key, number) for number in sorted(old)])
        view.numbers -= old

    def _entry(
        self, key: EnvironmentKey, number: int, etag: str
    ) -> tuple[int, Mapping[str, Any]] | None:
        """The entry; None if it was cut off meanwhile. An entry never changes, so it is kept."""
        kept = self._entries.get((key, number))
        if kept is None or kept[0] != etag:
            found = self._objects.get(self._layout.entry(key, number))
            if found is None:
                return None
            kept = (found.etag, found.body)
            self._entries[key, number] = kept
        return number, kept[1]

    def _read_snapshots(self, key: EnvironmentKey) -> Collection[Found]:
        found = []
        for name, etag in self._objects.names(self._layout.stacks(key)):
            kept = self._snapshots.get(name)
            if kept is None or kept.etag != etag:
                read = self._objects.get(name)
                if read is None:
                    continue
                kept = self._snapshots[name] = read
            found.append(kept)
        return found
