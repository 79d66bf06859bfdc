"""The journal of an environment, in which every change stands once and in one order. Shell.

An entry is made only if its number is free. So of two writers that have read the same journal one makes
the next entry, and the other one finds out before it has done anything. Who takes the lease over makes an
entry too: from then on its former holder cannot write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.adapters.object_store.answers import MovedError
from gitbot.adapters.object_store.folding import View, turn_body
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.patches import data_of, id_data, patch_of
from gitbot.adapters.sealing.sealer import PLAIN, Sealer
from gitbot.model.codec import to_data
from gitbot.model.names import StackId
from gitbot.model.recorded import Lease, RecordedStack

Change = tuple[StackId, RecordedStack | None, RecordedStack | None]
"""A stack with its state before and after. None: there is none."""


class Journal:
    """Appends to the journals of environments, writes their snapshots and cuts what these have."""

    def __init__(self, objects: Objects, layout: Layout, sealer: Sealer = PLAIN) -> None:
        self._objects = objects
        self._sealer = sealer
        self._layout = layout

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
