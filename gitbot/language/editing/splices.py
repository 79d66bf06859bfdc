"""Sets, adds and removes single values of a YAML text; every other byte stays as it is. Pure.

Each change is read back: what comes out means exactly what was asked for, or the change is refused.
Values are written as a spec has them, so ``${…}`` is an expression; ``literals.as_literal`` escapes it.
A path holds keys and indexes from the document's top: ``("spec", "values", "my_ip")``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gitbot.language.editing import blocks, flows, scalars
from gitbot.language.editing.blocks import Written
from gitbot.language.editing.lines import break_of, has_last_break
from gitbot.language.editing.literals import scalar
from gitbot.language.editing.pieces import (
    EditError,
    Entry,
    Path,
    Piece,
    Style,
    documents_of,
    pieces_of,
)


def set_path(text: str, path: Path, value: Any, *, document: int = 0) -> str:
    """The text with ``value`` at ``path``. Maps that are missing on the way are made.

    ``document`` counts the documents of the file that are not empty. Doing it twice changes nothing.

    Raises:
        EditError: nothing can be there, or the text cannot be changed without touching more.
    """
    spot = _spot(text, path, document)
    if len(spot.rest) == 0:
        if same(spot.value, value):
            return text
        return _chosen(text, _replacements(text, spot, value), document, path, _put(value))
    parent, key = spot.path, spot.rest[0]
    if not isinstance(key, str):
        raise EditError(f"{shown(path)} cannot be set: {shown(parent)} has no such item.")
    new = value
    for step in reversed(spot.rest[1:]):
        if not isinstance(step, str):
            raise EditError(f"{shown(path)} cannot be set: the list of item {step} is missing.")
        new = {step: new}
    return insert_key(text, parent, key, new, document=document)


def insert_key(
    text: str,
    path: Path,
    key: str,
    value: Any,
    *,
    after: str | None = "",
    like: Written | None = None,
    document: int = 0,
) -> str:
    """The text with a new key in the map at ``path``.

    ``after`` is the key that it follows; empty: it comes last; None: it comes first. A map that has
    no value yet is begun. ``like`` is how another text writes the entry.

    Raises:
        EditError: the map has the key already, or no map is there.
    """
    spot = _spot(text, path, document)
    if spot.rest or not (isinstance(spot.value, dict) or spot.value is None):
        raise EditError(f"{shown(path)} is no map, so that {key} cannot be added to it.")
    if spot.value is None:
        return set_path(text, path, {key: value}, document=document)
    if key in spot.value:
        raise EditError(f"{shown((*path, key))} is there already.")
    keys = list(spot.value)
    at = 0 if after is None else len(keys) if after not in spot.value else keys.index(after) + 1
    return _inserted(text, spot, at, key, value, like)


def insert_item(
    text: str,
    path: Path,
    value: Any,
    *,
    at: int | None = None,
    like: Written | None = None,
    document: int = 0,
) -> str:
    """The text with a new item in the list at ``path``, before the item ``at``; None: at the end.

    A list that is missing is made. ``like`` is how another text writes the item.

    Raises:
        EditError: something else is there.
    """
    spot = _spot(text, path, document)
    if spot.rest or spot.value is None:
        return set_path(text, path, [value], document=document)
    if not isinstance(spot.value, list):
        raise EditError(f"{shown(path)} is no list, so that nothing can be added to it.")
    size = len(spot.value)
    return _inserted(text, spot, size if at is None else min(at, size), None, value, like)


def remove_path(text: str, path: Path, *, like: Written | None = None, document: int = 0) -> str:
    """The text without the key or item at ``path``; the same text when there is none.

    A map or list that loses its last entry stays, as ``{}`` or ``[]``. Comments above stay, but for
    those that ``like`` has above it, too.

    Raises:
        EditError: the text cannot be changed without touching more.
    """
    spot = _spot(text, path, document)
    if spot.rest or not spot.trail:
        return text
    return _chosen(text, _removals(text, spot, like), document, path, _take_out)


def rename_key(text: str, path: Path, new: str, *, document: int = 0) -> str:
    """The text with another name for the key at ``path``; its value and its place stay.

    Raises:
        EditError: there is no such key, or the map has the new one already.
    """
    spot = _spot(text, path, document)
    if spot.rest or not spot.trail or spot.trail[-1][1].key is None:
        raise EditError(f"{shown(path)} is no key that could be renamed.")
    parent, entry = spot.trail[-1]
    if new in parent.plain:
        raise EditError(f"{shown((*path[:-1], new))} is there already.")

    def change(documents: Any, at: Path) -> None:
        held = _at(documents, at[:-1])
        held[new] = held.pop(at[-1])

    renamed = text[: entry.start] + scalar(new, within=spot.within) + ":" + text[entry.after :]
    return _chosen(text, [renamed], document, path, change)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where a path leads: the ``trail`` of maps and lists with the entry taken in each.

    ``rest`` is what the file does not have of the path.
    """

    document: int
    root: Piece
    trail: tuple[tuple[Piece, Entry], ...]
    path: Path
    rest: Path

    @property
    def piece(self) -> Piece:
        return self.trail[-1][1].piece if self.trail else self.root

    @property
    def value(self) -> Any:
        return self.piece.plain

    @property
    def within(self) -> bool:
        """Whether the value stands within brackets."""
        return any(not parent.is_block for parent, _ in self.trail)

    @property
    def holder(self) -> int:
        """Where the value may begin: behind the colon or dash that holds it."""
        return self.trail[-1][1].after if self.trail else self.root.start

    def above(self) -> _Spot:
        return _Spot(
            document=self.document,
            root=self.root,
            trail=self.trail[:-1],
            path=self.path[:-1],
            rest=(),
        )


def _spot(text: str, path: Path, document: int) -> _Spot:
    pieces = pieces_of(text)
    if not 0 <= document < len(pieces):
        raise EditError(f"The file has {len(pieces)} documents, and none of number {document + 1}.")
    piece = root = pieces[document]
    trail: list[tuple[Piece, Entry]] = []
    for step in path:
        entry = piece.entry(step)
        if entry is None:
            break
        trail.append((piece, entry))
        piece = entry.piece
    found = len(trail)
    return _Spot(
        document=document, root=root, trail=tuple(trail), path=path[:found], rest=path[found:]
    )


def _replacements(text: str, spot: _Spot, value: Any) -> Iterator[str]:
    if not spot.trail:
        return
    parent, entry = spot.trail[-1]
    habits = blocks.Habits.of(text, spot.root)
    if parent.style is Style.PAIR:
        yield from _replacements(text, spot.above(), {**parent.plain, entry.key: value})
    elif spot.within:
        yield from scalars.replaced(text, entry, value, within=True)
    elif blocks.is_full(value) and entry.piece.style is not Style.FLOW:
        yield from blocks.given_block(text, entry, value, habits)
    elif entry.piece.is_block:
        inline = scalars.inline(value)
        yield from blocks.emptied(text, entry.after, entry.piece, inline, habits)
    else:
        yield from scalars.replaced(text, entry, value, within=False)


def _inserted(
    text: str, spot: _Spot, at: int, key: str | None, value: Any, like: Written | None
) -> str:
    def change(documents: Any, path: Path) -> None:
        target = _at(documents, path)
        if key is None:
            target.insert(at, value)
        else:
            target[key] = value

    return _chosen(
        text, _insertions(text, spot, at, key, value, like), spot.document, spot.path, change
    )


def _insertions(
    text: str, spot: _Spot, at: int, key: str | None, value: Any, like: Written | None
) -> Iterator[str]:
    piece = spot.piece
    whole = _with_entry(piece.plain, at, key, value)
    if piece.is_block:
        habits = blocks.Habits.of(text, spot.root)
        yield from blocks.inserted(text, piece, at, key, value, habits, like)
    elif piece.style is Style.FLOW and (piece.entries or spot.within):
        yield from flows.inserted(text, piece, at, key, value)
    elif not spot.within and spot.trail:
        habits = blocks.Habits.of(text, spot.root)
        yield from blocks.given_block(text, spot.trail[-1][1], whole, habits)
    if spot.trail:
        yield from scalars.replaced(text, spot.trail[-1][1], whole, within=spot.within)


def _with_entry(plain: Any, at: int, key: str | None, value: Any) -> Any:
    if key is None:
        return [*plain[:at], value, *plain[at:]]
    return {**plain, key: value}


def _removals(text: str, spot: _Spot, like: Written | None) -> Iterator[str]:
    parent, entry = spot.trail[-1]
    at = parent.entries.index(entry)
    above = spot.above()
    if parent.is_block:
        habits = blocks.Habits.of(text, spot.root)
        yield from blocks.removed(text, above.holder, parent, at, habits, like)
    elif parent.style is Style.PAIR:
        yield from _replacements(text, above, {})
    else:
        yield from flows.removed(text, parent, at)


def _put(value: Any) -> Any:
    def change(documents: Any, path: Path) -> None:
        _at(documents, path[:-1])[path[-1]] = value

    return change


def _take_out(documents: Any, path: Path) -> None:
    del _at(documents, path[:-1])[path[-1]]


def _at(root: Any, path: Path) -> Any:
    for step in path:
        root = root[step]
    return root


def _chosen(text: str, texts: Iterable[str], document: int, path: Path, change: Any) -> str:
    """The first of the texts that means what is wanted."""
    wanted = copy.deepcopy(documents_of(text))
    change(wanted, (document, *path))
    for one in _ended(text, texts):
        try:
            found = documents_of(one)
        except EditError:
            continue
        if same(found, wanted):
            return one
    raise EditError(
        f"{shown(path)} cannot be changed without touching other lines of the file. "
        "Change it by hand."
    )


def _ended(text: str, texts: Iterable[str]) -> Iterator[str]:
    """Each of the texts; and again with one more line break, where the last line had none.

    A value of several lines needs it there.
    """
    for one in texts:
        yield one
        if not has_last_break(text):
            yield one + break_of(text)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are equal in type, too: ``1``, ``1.0`` and ``true`` differ."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def shown(path: Path) -> str:
    """The path as a JSON pointer; ``/`` for the document.

    https://www.rfc-editor.org/rfc/rfc6901
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path) or "/"
