"""The journal of an environment, in which every change stands once and in one order. Shell.

An entry is made only if its number is free. So of two writers that have read the same journal one makes
the next entry, and the other one finds out before it has done anything. Who takes the lease over makes an
entry too: from then on its former holder cannot write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gitbot.adapters.object_store.folding import (
    Found,
    OlderError,
    View,
    folded,
    older,
    serials,
)
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import MovedError, Objects
from gitbot.adapters.object_store.patches import data_of, id_data, patch_of
from gitbot.model.codec import to_data
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack

Change = tuple[StackId, RecordedStack | None, RecordedStack | None]
"""A stack with its state before and after. None: there is none."""
_TRIES = 4


class Journal:
    """Reads the environments of a store, and appends to their journals."""

    def __init__(self, objects: Objects, layout: Layout) -> None:
        self._objects = objects
        self._layout = layout
        self._entries: dict[tuple[EnvironmentKey, int], tuple[str, Mapping[str, Any]]] = {}
        self._snapshots: dict[str, Found] = {}

    def view(self, key: EnvironmentKey) -> View:
        """The environment as it is now.

        Raises:
            UserError: an object is missing, is older than the journal, or is not ours.
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
        entries = [self._entry(key, self._layout.number_of(name), etag) for name, etag in listed]
        known = [entry for entry in entries if entry is not None]
        if len(known) < len(entries):
            raise older(key)
        return folded(key, snapshots, known)

    def has_grown(self, view: View) -> bool:
        """Whether somebody else has made entries since; it costs one request."""
        newest = self._layout.entry(view.key, view.head)
        names = self._objects.names(self._layout.journal(view.key), after=newest)
        return next(names, None) is not None

    def append(self, view: View, epoch: int, changes: Sequence[Change]) -> None:
        """Make the next entry with these changes, and keep them in the view.

        Raises:
            MovedError: somebody else has made it: the lease was taken over. The view is as before.
        """
        body = {
            "epoch": epoch,
            "changes": [
                {
                    "stack": id_data(stack),
                    "patch": None if after is None else patch_of(before, after),
                }
                for stack, before, after in changes
            ],
        }
        self._append(view, body)
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
        """
        self._append(view, {**serials(view), "epoch": lease.epoch, "lease": to_data(lease)})
        view.epoch, view.opened = lease.epoch, lease

    def close(self, view: View) -> None:
        """Make the entry that the lease was given back.

        Raises:
            MovedError: somebody else has made the next entry.
        """
        self._append(view, {**serials(view), "epoch": view.epoch, "lease": None})
        view.opened = None

    def _append(self, view: View, body: Mapping[str, Any]) -> None:
        number = view.head + 1
        name = self._layout.entry(view.key, number)
        self._objects.create(name, body)
        # The number is free again if somebody took the lease over, gave it back and cut the journal.
        if self._ended_since(view.key, name):
            raise MovedError(f"{name} stands before the end of a later lease")
        view.head = number

    def _ended_since(self, key: EnvironmentKey, name: str) -> bool:
        """Whether a lease ended after this entry, which nobody reads then."""
        later = self._objects.names(self._layout.journal(key), after=name)
        entries = [self._entry(key, self._layout.number_of(one), etag) for one, etag in later]
        return any(entry is None or entry[1].get("lease", "") is None for entry in entries)

    def snapshot(self, view: View) -> None:
        """Write the snapshots that are behind, so that a reader needs no entries.

        Raises:
            MovedError: somebody else has written one of them.
        """
        for stack in sorted(view.stale):
            name, state = self._layout.stack(stack), view.states.get(stack)
            if state is None:
                self._objects.delete(name, view.etags.pop(stack, None))
                continue
            body = {"position": view.head, "state": data_of(state)}
            etag = view.etags.get(stack)
            view.etags[stack] = (
                self._objects.create(name, body)
                if etag is None
                else self._objects.replace(name, body, etag)
            )
        view.stale.clear()

    def cut(self, view: View) -> None:
        """Delete all entries but the newest: what they say stands in the snapshots.

        It does not matter which of them are left: nobody reads what is before the end of a lease.
        """
        old = range(view.first, view.head)
        self._objects.delete_all([self._layout.entry(view.key, number) for number in old])
        view.first = view.head

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
