"""Folds the journal of an environment into its snapshots. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitbot.adapters.object_store.patches import Data, id_data, patched, state_of
from gitbot.adapters.object_store.sealed import values_behind
from gitbot.adapters.sealing.sealer import PLAIN, Sealer
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
    ``stale`` are the stacks whose snapshots are behind, or that have none. ``numbers`` are the entries that
    are there, ``fences`` those that stay: where a lease was taken over, its former holder finds that entry
    whenever it wakes. ``behind`` counts the values that are not sealed as they would be now.
    """

    key: EnvironmentKey
    head: int = 0
    epoch: int = 0
    opened: Lease | None = None
    states: dict[StackId, RecordedStack] = field(default_factory=dict)
    etags: dict[StackId, str] = field(default_factory=dict)
    stale: set[StackId] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    fences: set[int] = field(default_factory=set)
    behind: int = 0


def copied(view: View) -> View:
    """The same view, of which everything may be changed."""
    return replace(
        view,
        states=dict(view.states),
        etags=dict(view.etags),
        stale=set(view.stale),
        numbers=set(view.numbers),
        fences=set(view.fences),
    )


def folded(
    key: EnvironmentKey,
    snapshots: Collection[Found],
    entries: Sequence[Entry],
    sealer: Sealer = PLAIN,
) -> View:
    """What the entries, which begin with the last end of a lease, make of the snapshots."""
    _check_whole(key, entries)
    view = View(key=key)
    data: dict[StackId, Data] = {}
    positions: dict[StackId, int] = {}
    for one in snapshots:
        stack = from_data(one.body["state"]["id"], StackId)
        data[stack], positions[stack] = dict(one.body["state"]), int(one.body["position"])
        view.etags[stack] = one.etag
    removed = _removed(entries)
    for number, body in entries:
        view.head = number
        view.epoch = max(view.epoch, int(body["epoch"]))
        view.fences.update(body.get("fences", ()))
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
    view.states = {stack: state_of(one, sealer) for stack, one in data.items()}
    view.behind = _behind(data, entries, sealer)
    return view


def _behind(data: Mapping[StackId, Data], entries: Sequence[Entry], sealer: Sealer) -> int:
    """How many values are not sealed as they would be now, in the states and in entries."""
    changes = [change for _, body in entries for change in body.get("changes", ())]
    patches = [one["patch"] for one in changes if one["patch"] is not None]
    parts = [{**one["set"], "resources": one["resources"]} for one in patches]
    return sum(values_behind(one, sealer) for one in (*data.values(), *parts))


def _removed(entries: Sequence[Entry]) -> Collection[StackId]:
    """The stacks that the entries remove: their snapshots go before the lease ends."""
    made = [change for _, body in entries for change in body.get("changes", ())]
    return {from_data(one["stack"], StackId) for one in made if one["patch"] is None}


def _change(data: dict[StackId, Data], stack: StackId, patch: Mapping[str, Any] | None) -> None:
    if patch is None:
        data.pop(stack, None)
    else:
        data[stack] = patched(data.get(stack), patch)


def turn_body(view: View, epoch: int, lease: Mapping[str, Any] | None) -> dict[str, Any]:
    """The entry that a lease begins, or (None) ends.

    It says how far each stack is, because a snapshot that was put back to an earlier version is behind.
    """
    known = sorted(view.states.items())
    return {
        "epoch": epoch,
        "lease": lease,
        "serials": [{"stack": id_data(one), "serial": state.serial} for one, state in known],
        "fences": sorted(view.fences),
    }


def ends_lease(body: Mapping[str, Any]) -> bool:
    """Whether a lease ends with this entry: all before it stands in the snapshots then."""
    return body.get("lease", "") is None


def _check_whole(key: EnvironmentKey, entries: Sequence[Entry]) -> None:
    """Refuse a journal in which entries are missing."""
    first = entries[0][0] if entries and ends_lease(entries[0][1]) else 1
    if [number for number, _ in entries] != list(range(first, first + len(entries))):
        raise older(key)


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


def put_back(key: EnvironmentKey, head: int, later: str) -> OlderError:
    """The error that all objects of an environment are of one time, which is not the last."""
    return OlderError(
        f"the state of {key.environment} in the bucket was put back to an earlier time: its journal ends with "
        f"entry {head}, and the bucket remembers {later}. Bring back the newest version of each object. If "
        "it was put back on purpose, delete the versions of all later entries for good; gitbot plan "
        f"{key.environment} shows then what the cloud has besides"
    )


def older(key: EnvironmentKey) -> OlderError:
    """The error that the objects are of two times."""
    return OlderError(
        f"the objects of {key.environment} in the bucket do not belong together: some are missing, or "
        "were put back to an earlier version. Bring all of them back to one time, or take the state over "
        f"from the tags of the cloud's objects into another, new place: gitbot recover {key.environment} "
        "--store s3://BUCKET/ANOTHER-PREFIX?region=REGION --new-store"
    )
