"""Folds the journal of an environment into its snapshots. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitbot.adapters.object_store.patches import Data, id_data, patched, state_of
from gitbot.errors import UserError
from gitbot.model.codec import from_data
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack

Entry = tuple[int, Mapping[str, Any]]
"""An entry of a journal: its number, and what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object: what it says, and the tag of this version of it."""

    body: Mapping[str, Any]
    etag: str
    nonce: str


@dataclass(slots=True, kw_only=True)
class View:
    """An environment as its objects tell it.

    ``head`` is the number of the newest entry (0: none), ``epoch`` that of the newest lease. ``opened`` is
    that lease as it was taken; None when it was given back.
    ``etags`` are the tags of the snapshots.
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


def folded(
    key: EnvironmentKey,
    snapshots: Collection[Found],
    entries: Sequence[Entry],
) -> View:
    """What the entries make of the snapshots."""
    view = View(key=key)
    data: dict[StackId, Data] = {}
    positions: dict[StackId, int] = {}
    for one in snapshots:
        stack = from_data(one.body["state"]["id"], StackId)
        data[stack], positions[stack] = dict(one.body["state"]), int(one.body["position"])
        view.etags[stack] = one.etag
    if entries:
        view.first, view.head = entries[0][0], entries[-1][0]
    read = _since_last_end(key, entries)
    removed = _removed(read)
    for number, body in read:
        view.epoch = max(view.epoch, int(body["epoch"]))
        if "lease" in body:
            view.opened = None if body["lease"] is None else from_data(body["lease"], Lease)
        for change in body.get("changes", ()):
            stack = from_data(change["stack"], StackId)
            if number > positions.get(stack, 0):
                view.stale.add(stack)
                _change(data, stack, change["patch"])
        _check_serials(key, body.get("serials", ()), data, removed)
    if any(position > view.head for position in positions.values()):
        raise older(key)
    view.states = {stack: state_of(one) for stack, one in data.items()}
    return view


def _removed(entries: Sequence[Entry]) -> Collection[StackId]:
    """The stacks that the entries remove: their snapshots go before the lease ends."""
    made = [change for _, body in entries for change in body.get("changes", ())]
    return {from_data(one["stack"], StackId) for one in made if one["patch"] is None}


def _change(data: dict[StackId, Data], stack: StackId, patch: Mapping[str, Any] | None) -> None:
    if patch is None:
        data.pop(stack, None)
    else:
        data[stack] = patched(data.get(stack), patch)


def serials(view: View) -> dict[str, Any]:
    """How far each stack is: a snapshot that was put back to an earlier version is behind."""
    known = sorted(view.states.items())
    return {"serials": [{"stack": id_data(one), "serial": state.serial} for one, state in known]}


def _since_last_end(key: EnvironmentKey, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries from the last end of a lease on: all before stands in the snapshots."""
    ends = [at for at, (_, body) in enumerate(entries) if body.get("lease", "") is None]
    found = entries[ends[-1] :] if ends else entries
    first = found[0][0] if ends else 1
    if [number for number, _ in found] != list(range(first, first + len(found))):
        raise older(key)
    return found


def _check_serials(
    key: EnvironmentKey,
    said: Sequence[Mapping[str, Any]],
    data: Mapping[StackId, Data],
    removed: Collection[StackId],
) -> None:
    """Refuse a snapshot that is behind what an entry says of it, or that is missing."""
    for one in said:
        stack = from_data(one["stack"], StackId)
        gone = stack not in data and stack in removed
        if not gone and int(data.get(stack, {}).get("serial", 0)) < int(one["serial"]):
            raise older(key)


class OlderError(UserError):
    """The objects of an environment are of two times."""


def older(key: EnvironmentKey) -> OlderError:
    return OlderError(
        f"the objects of {key.environment} in the bucket do not belong together: some are missing, or "
        "were put back to an earlier version. Bring all of them back to one time, or take the state over "
        "from the tags of the cloud's objects: gitbot state import"
    )
