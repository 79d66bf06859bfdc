"""Finds the former addresses of resources from ``moved`` and ``removed`` in specs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address, is_within

_MOST_FORMER: Final = 32
_SWAP: Final = (
    "Two names cannot be swapped in one apply: move one resource to a third name, apply that, and then "
    "move both."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One entry of ``moved`` or ``removed``, with the addresses in the stack.

    ``after`` is None for what was removed; ``keep``: its object stays in the cloud.
    """

    before: Address
    after: Address | None
    keep: bool
    at: Mark
    problems: Problems


def moves_of(
    fields: Mapping[str, Any], spec: Node | None, prefix: str, problems: Problems
) -> tuple[Move, ...]:
    """The entries of a module whose addresses begin with ``prefix``."""
    found = []
    for name in ("moved", "removed"):
        for entry, at in entries_of(fields, spec, name):
            if "from" not in entry or (name == "moved" and "to" not in entry):
                continue  # it has a problem already
            found.append(
                Move(
                    before=Address(f"{prefix}{entry['from']}"),
                    after=Address(f"{prefix}{entry['to']}") if name == "moved" else None,
                    keep=entry.get("keep", False),
                    at=at,
                    problems=problems,
                )
            )
    return tuple(found)


def entries_of(
    fields: Mapping[str, Any], spec: Node | None, name: str
) -> Iterable[tuple[Mapping[str, Any], Mark]]:
    """The entries of the list that ``spec`` has under this name, each with its place."""
    node = spec.get(name) if spec is not None else None
    if node is None or not node.is_list:
        return ()
    given = fields.get(name) or ()
    # An entry with a wrong shape is left out of the fields: then nobody can tell the places.
    marks = [one.mark for one in node.value]
    return zip(given, marks if len(marks) == len(given) else [node.mark] * len(given), strict=True)


def follow(
    moves: Iterable[Move],
    desired: dict[Address, DesiredResource],
    written: Mapping[Address, Written],
) -> frozenset[Address]:
    """Give the resources in ``desired`` their former addresses; what was removed and is kept.

    An address stands for everything below it: a module, or all copies of a resource. Moves are
    followed one after the other: what was renamed in a module that was renamed, too, has three former
    addresses, and nobody knows here which of them was applied last.
    """
    every = tuple(moves)
    kept: set[Address] = set()
    for move in every:
        if move.after is None:
            _check_removed(move, desired)
            if move.keep:
                kept.add(move.before)
    steps = [(one.before, one.after) for one in every if one.after is not None]
    passed = set(desired)
    for address, resource in desired.items():
        own = resource.lifecycle.moved
        if own is None and not steps:
            continue
        former = _former(address, own, steps, desired)
        passed.update(former)
        if former:
            lifecycle = replace(resource.lifecycle, moved=former[0], moved_before=former[1:])
            desired[address] = replace(resource, lifecycle=lifecycle)
    for move in every:
        if move.after is not None and not any(is_within(one, move.after) for one in passed):
            move.problems.add(
                "moved-nowhere",
                move.at,
                f"Something was moved to {quoted(move.after)}, but there is nothing.",
                suggest(move.after, desired, "Correct the address, or remove the entry."),
            )
    check_moves(desired, written, {one.before: one for one in every})
    return frozenset(kept)


def _former(
    address: Address,
    own: Address | None,
    steps: Sequence[tuple[Address, Address]],
    desired: Mapping[Address, DesiredResource],
) -> tuple[Address, ...]:
    """The addresses that lead to this one, those of the fewest moves first.

    ``own`` is what the resource itself says. An earlier address that is declared is another's.
    """
    found: list[Address] = []
    waiting = [address]
    while waiting and len(found) < _MOST_FORMER:
        current = waiting.pop(0)
        before = [own] if own is not None and current == address else []
        before += [
            Address(start + current[len(end) :]) for start, end in steps if is_within(current, end)
        ]
        for former in before:
            others = former in desired and current != address
            if former != address and former not in found and not others:
                found.append(former)
                if former not in desired:
                    waiting.append(former)
    return tuple(found)


def _check_removed(move: Move, desired: Mapping[Address, DesiredResource]) -> None:
    if any(is_within(one, move.before) for one in desired):
        move.problems.add(
            "removed-still-desired",
            move.at,
            f"{move.before} is said to be removed, but it is still declared.",
            "Remove the entry, or the resource.",
        )


def check_moves(
    desired: Mapping[Address, DesiredResource],
    written: Mapping[Address, Written],
    moves: Mapping[Address, Move],
) -> None:
    """Add a problem for each former address that is declared, or that two resources name."""
    taken: dict[Address, str] = {}
    for address, moved in (
        (at, each) for at, one in desired.items() for each in one.lifecycle.former
    ):
        problems, place = _place(address, moved, written, moves)
        if moved in desired:
            problems.add(
                "moved-still-desired",
                place,
                f"{address} was moved from {moved}, but {moved} is still declared.",
                _SWAP
                if address in desired[moved].lifecycle.former
                else "Remove moved, or the resource under its former key.",
            )
        elif moved in taken:
            problems.add(
                "duplicate-move",
                place,
                f"Both {taken[moved]} and {address} were moved from {moved}.",
                "Remove moved from one of them.",
            )
        taken[moved] = address


def _place(
    address: Address,
    moved: Address,
    written: Mapping[Address, Written],
    moves: Mapping[Address, Move],
) -> tuple[Problems, Node | Mark | None]:
    """Where the move is written."""
    own = written[address].node.get("lifecycle", "moved")
    if own is not None:
        return written[address].problems, own
    found = next((one for before, one in moves.items() if is_within(moved, before)), None)
    return (found.problems, found.at) if found else (written[address].problems, None)
