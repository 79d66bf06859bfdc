"""The journal of an environment, in which every change stands once and in one order. Shell.

An entry is made only if its number is free. So of two writers that have read the same journal one makes
the next entry, and the other one finds out before it has done anything. Who takes the lease over makes an
entry too: from then on its former holder cannot write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Found, MovedError, Objects
from gitbot.adapters.object_store.patches import Data, data_of, id_data, patch_of, patched, state_of
from gitbot.errors import UserError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack

Change = tuple[StackId, RecordedStack | None, RecordedStack | None]
"""A stack with its state before and after. None: there is none."""


@dataclass(slots=True, kw_only=True)
class View:
    """An environment as its objects tell it.

    ``head`` is the number of the newest entry (0: none), ``epoch`` that of the newest lease. ``opened`` is
    that lease as it was taken; None when it was given back.
    ``etags`` are the tags of the snapshots, and ``positions`` the entries up to which they go.
    ``stale`` are the stacks whose snapshots are behind, or that have none. ``first`` is the oldest entry.
    """

    key: EnvironmentKey
    head: int = 0
    first: int = 1
    epoch: int = 0
    opened: Lease | None = None
    states: dict[StackId, RecordedStack] = field(default_factory=dict)
    etags: dict[StackId, str] = field(default_factory=dict)
    stale: set[StackId] = field(default_factory=set)


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
        # Snapshots are read first: what is cut off the journal meanwhile stands in newer ones.
        for _ in range(5):
            snapshots = self._read_snapshots(key)
            numbers = [
                (self._layout.number_of(name), etag)
                for name, etag in self._objects.names(self._layout.journal(key))
            ]
            entries = [self._entry(key, number, etag) for number, etag in numbers]
            if all(entry is not None for entry in entries):
                return _folded(key, snapshots, [entry for entry in entries if entry is not None])
        raise UserError(f"the journal of {key.environment} moves on and on: try again")

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
        self._append(view, {**_serials(view), "epoch": lease.epoch, "lease": to_data(lease)})
        view.epoch, view.opened = lease.epoch, lease

    def close(self, view: View) -> None:
        """Make the entry that the lease was given back.

        Raises:
            MovedError: somebody else has made the next entry.
        """
        self._append(view, {**_serials(view), "epoch": view.epoch, "lease": None})
        view.opened = None

    def _append(self, view: View, body: Mapping[str, Any]) -> None:
        self._objects.create(self._layout.entry(view.key, view.head + 1), body)
        view.head += 1

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
        """Delete all entries but the newest, oldest first: what they say stands in the snapshots."""
        for number in range(view.first, view.head):
            self._objects.delete(self._layout.entry(view.key, number))
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


def _folded(
    key: EnvironmentKey,
    snapshots: Collection[Found],
    entries: Sequence[tuple[int, Mapping[str, Any]]],
) -> View:
    """What the entries make of the snapshots."""
    view = View(key=key)
    data: dict[StackId, Data] = {}
    positions: dict[StackId, int] = {}
    for one in snapshots:
        stack = from_data(one.body["state"]["id"], StackId)
        data[stack], positions[stack] = dict(one.body["state"]), int(one.body["position"])
        view.etags[stack] = one.etag
    _check_numbers(key, [number for number, _ in entries])
    if entries:
        view.first, view.head = entries[0][0], entries[-1][0]
    for number, body in entries:
        view.epoch = max(view.epoch, int(body["epoch"]))
        for change in body.get("changes", ()):
            stack = from_data(change["stack"], StackId)
            if number <= positions.get(stack, 0):
                continue
            view.stale.add(stack)
            if change["patch"] is None:
                data.pop(stack, None)
            else:
                data[stack] = patched(data.get(stack), change["patch"])
        if "lease" in body:
            view.opened = None if body["lease"] is None else from_data(body["lease"], Lease)
        for said in body.get("serials", ()):
            _check_serial(from_data(said["stack"], StackId), int(said["serial"]), data)
    if any(position > view.head for position in positions.values()):
        raise _older(key)
    view.states = {stack: state_of(one) for stack, one in data.items()}
    return view


def _serials(view: View) -> dict[str, Any]:
    """How far each stack is: a snapshot that was put back to an earlier version is behind."""
    known = sorted(view.states.items())
    return {"serials": [{"stack": id_data(one), "serial": state.serial} for one, state in known]}


def _check_numbers(key: EnvironmentKey, numbers: Sequence[int]) -> None:
    if list(numbers) != list(range(numbers[0], numbers[0] + len(numbers)) if numbers else ()):
        raise _older(key)


def _check_serial(stack: StackId, serial: int, data: Mapping[StackId, Mapping[str, Any]]) -> None:
    if stack in data and int(data[stack].get("serial", 0)) < serial:
        raise _older(stack.environment_key)


def _older(key: EnvironmentKey) -> UserError:
    return UserError(
        f"the objects of {key.environment} in the bucket do not belong together: some are missing, or "
        "were put back to an earlier version. Bring all of them back to one time, or take the state over "
        "from the tags of the cloud's objects: gitbot state import"
    )


__all__ = ["Change", "Journal", "MovedError", "View"]
