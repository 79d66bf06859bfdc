"""Decides how the state of a stack gets from one store to another, and whether it has arrived whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from gitbot.errors import ConflictError, InvariantError, UserError
from gitbot.model.codec import to_data
from gitbot.model.names import StackId
from gitbot.model.recorded import Moved, RecordedStack
from gitbot.model.values import canonical_json, sha256_hex

_MOST_NAMED = 5


class Step(StrEnum):
    """What is left to do with a stack.

    ``COPY``: all. ``SETTLE``: it left the one store, and is not kept in the other one yet. ``THERE``:
    nothing. ``ELSEWHERE``: nothing, because a third store has it.
    """

    COPY = "copy"
    SETTLE = "settle"
    THERE = "there"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the two stores are called, and the ids of repositories that differ there."""

    source: str
    target: str
    repositories: Mapping[str, str]

    def there(self, stack: StackId) -> StackId:
        """The id of the stack in the other store."""
        repository = self.repositories.get(stack.repository, stack.repository)
        return replace(stack, repository=repository)


def step_of(state: RecordedStack, there: RecordedStack | None, names: Names) -> Step:
    """What is left to do with the stack. ``there`` is its state in the other store.

    Raises:
        ConflictError: the other store has another state of it, or an older one.
    """
    label, moved = state.id.label, state.moved
    if moved is None:
        lies_there = there is not None and there.moved is not None
        if there is None or there.empty or (lies_there and state.lineage in _lineages(there)):
            return Step.COPY
        raise ConflictError(
            f"{names.target} has another state of {label} already: nothing is written over it. Compare the "
            "two with `gitbot state pull`"
        )
    if moved.to != names.target:
        return Step.ELSEWHERE
    if there is None or moved.lineage not in _lineages(there):
        raise ConflictError(
            f"the state of {label} was moved to {names.target}, which does not have it: was that store "
            f"restored or emptied? {names.source} still has a copy: `gitbot state pull` shows it"
        )
    if there.moved is None:
        check_arrived(state, there, names)
        return Step.THERE
    return Step.SETTLE if there.moved.to == names.source else Step.ELSEWHERE


def _lineages(state: RecordedStack) -> frozenset[str]:
    """The lineage of the state, and that which it had before it was moved."""
    return frozenset({state.lineage} | ({state.moved.lineage} if state.moved else set()))


def copy_of(state: RecordedStack, names: Names) -> RecordedStack:
    """The state as it is brought to the other store: a copy that nobody may change yet."""
    moved = Moved(to=names.source, lineage=state.lineage, serial=state.serial)
    return replace(state, id=names.there(state.id), moved=moved, done=None)


def left_behind(copy: RecordedStack, names: Names) -> Moved:
    """Where the state is from now on. Its serial grows once more when it is settled there."""
    return Moved(to=names.target, lineage=copy.lineage, serial=copy.serial + 1)


def as_it_was(state: RecordedStack) -> RecordedStack:
    """The state as it was moved, with the lineage and serial that it got there; others as they are."""
    if state.moved is None:
        return state
    return replace(state, lineage=state.moved.lineage, serial=state.moved.serial, moved=None)


def check_copy(state: RecordedStack, copy: RecordedStack | None, names: Names) -> None:
    """Return when the copy in the other store is equal to the state, but for its serial.

    Raises:
        InvariantError: it is not; names what differs.
    """
    wanted = replace(state, id=names.there(state.id))
    if copy is None:
        raise InvariantError(
            f"{names.target} does not have {state.id.label}, which was copied there."
        )
    _check_equal(wanted, replace(copy, serial=state.serial), names)


def check_arrived(state: RecordedStack, there: RecordedStack | None, names: Names) -> None:
    """Return when the other store has the state that left this one, or a later one.

    Raises:
        InvariantError: it does not; names what differs.
    """
    wanted = replace(as_it_was(state), id=names.there(state.id))
    if there is None or there.lineage != wanted.lineage or there.serial < wanted.serial:
        raise InvariantError(
            f"{names.target} does not have {state.id.label} as it was moved there (serial {wanted.serial})."
        )
    if there.serial == wanted.serial:
        _check_equal(wanted, there, names)


def _check_equal(wanted: RecordedStack, found: RecordedStack, names: Names) -> None:
    one, other = _data(wanted), _data(found)
    if one == other:
        return
    differs = sorted(_paths(one, other))
    more = f" and {len(differs) - _MOST_NAMED} more" if len(differs) > _MOST_NAMED else ""
    raise InvariantError(
        f"The copy of {wanted.id.label} in {names.target} differs from the original in "
        f"{', '.join(differs[:_MOST_NAMED])}{more}. The original is still there, whole."
    )


def _paths(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    """The fields that differ; of resources, which ones."""
    for field in one.keys() | other.keys():
        mine, theirs = one.get(field), other.get(field)
        if mine == theirs:
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from (
                f"{field}.{key}"
                for key in mine.keys() | theirs.keys()
                if mine.get(key) != theirs.get(key)
            )
        else:
            yield field


def _data(state: RecordedStack) -> Mapping[str, Any]:
    """The document of the state, without what says where and under which lease it is."""
    data: Mapping[str, Any] = to_data(replace(state, moved=None, done=None))
    return data


def digest_of(state: RecordedStack) -> str:
    """A hash of the document of the state, without its serial and the id of its repository."""
    bare = replace(state, serial=0, id=replace(state.id, repository=""))
    return sha256_hex(canonical_json(_data(bare)))


def refuse_unknown_repositories(
    repositories: Iterable[str], names: Names, *, known: Iterable[str] | None
) -> None:
    """Return when the other store will find the states under the ids of their repositories.

    ``known`` are the repositories that a server has noted there; None: the store keeps no such names.

    Raises:
        UserError: it will not, because no clone says which repository one is there.
    """
    unsaid = sorted(set(repositories) - names.repositories.keys())
    how = "name a clone of it with --repo"
    for one in unsaid:
        at_command_line = one.startswith("commit:")
        if known is None and not at_command_line:
            raise UserError(
                f"{names.source} has state of the repository with GitHub's id {one}, and {names.target} does "
                f"not know such ids: {how}"
            )
        if known and at_command_line:
            raise UserError(
                f"{names.source} has state of a repository that it knows by its {one.replace(':', ' ')}, and "
                f"{names.target} is of a server, which knows repositories by GitHub's id: {how}"
            )
