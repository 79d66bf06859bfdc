"""Turns one document of a YAML text into another by the fewest splices. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from gitbot.language.editing.blocks import Written, written_in
from gitbot.language.editing.pieces import EditError, Path, Piece, documents_of, pieces_of
from gitbot.language.editing.splices import (
    insert_item,
    insert_key,
    remove_path,
    same,
    set_path,
)

# What names one item among others: of tags, rules, disks, statements, and of gitbot's own lists.
_NAMES: Final = ("Key", "Id", "ID", "Sid", "Name", "name", "id", "DeviceName", "RuleName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Another text that shows how to write things, and where in it one is."""

    text: str
    piece: Piece | None

    @classmethod
    def of(cls, text: str | None, document: int = 0) -> Model:
        """The model of a document; without a text it shows nothing."""
        return cls(text=text or "", piece=pieces_of(text)[document] if text else None)

    def below(self, step: str | int) -> Model:
        """The model of one entry."""
        entry = self.piece.entry(step) if self.piece else None
        return Model(text=self.text, piece=entry.piece if entry else None)

    def index_of(self, item: Any) -> int:
        """The index of an equal item, else of one with the same name; -1 when there is none."""
        items = self.piece.plain if self.piece and isinstance(self.piece.plain, list) else []
        same_items = [at for at, one in enumerate(items) if same(one, item)]
        named = [at for at, one in enumerate(items) if _label(one) == _label(item)]
        return next(iter([*same_items, *named]), -1)

    def written(self, step: str | int) -> Written | None:
        """How the entry is written; None when there is none that has lines of its own."""
        entry = self.piece.entry(step) if self.piece else None
        has_lines = entry is not None and self.piece is not None and self.piece.is_block
        return written_in(self.text, entry) if entry is not None and has_lines else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewriting:
    """One rewriting: which document, and the models of what is put in and of what is taken out."""

    document: int

    def changed(self, text: str, now: Any, wanted: Any, path: Path, like: Model, was: Model) -> str:
        if same(now, wanted):
            return text
        if isinstance(now, dict) and isinstance(wanted, dict) and now and wanted:
            return self._map(text, now, wanted, path, like, was)
        if isinstance(now, list) and isinstance(wanted, list) and now and wanted:
            return self._list(text, now, wanted, path, like, was)
        return set_path(text, path, wanted, document=self.document)

    def _map(self, text: str, now: Any, wanted: Any, path: Path, like: Model, was: Model) -> str:
        before: str | None = None
        for key, value in wanted.items():
            if key not in now:
                text = insert_key(
                    text,
                    path,
                    key,
                    value,
                    after=before,
                    like=like.written(key),
                    document=self.document,
                )
            before = key
        for key, value in now.items():
            below = (*path, key)
            if key in wanted:
                text = self.changed(
                    text, value, wanted[key], below, like.below(key), was.below(key)
                )
            else:
                text = remove_path(text, below, like=was.written(key), document=self.document)
        return text

    def _list(self, text: str, now: Any, wanted: Any, path: Path, like: Model, was: Model) -> str:
        for start, end, at, stop in reversed(list(_runs(now, wanted))):
            both = min(end - start, stop - at)
            for number in range(at + both, stop):
                text = insert_item(
                    text,
                    path,
                    wanted[number],
                    at=start + number - at,
                    like=like.written(like.index_of(wanted[number])),
                    document=self.document,
                )
            for number in reversed(range(start + both, end)):
                written = was.written(was.index_of(now[number]))
                text = remove_path(text, (*path, number), like=written, document=self.document)
            for number in range(both):
                old, new = now[start + number], wanted[at + number]
                text = self.changed(
                    text,
                    old,
                    new,
                    (*path, start + number),
                    like.below(like.index_of(new)),
                    was.below(was.index_of(old)),
                )
        return text


def rewritten(
    text: str,
    wanted: Any,
    *,
    document: int = 0,
    like: Model | None = None,
    was: Model | None = None,
) -> str:
    """The text whose document means ``wanted``. The order of keys that are there already stays.

    New keys follow the key that they follow in ``wanted``. What is new is written as in ``like``, with
    its comments; comments that ``was`` has above what is taken out go with it. Doing it twice changes
    nothing.

    Raises:
        EditError: the text cannot be changed without touching more than was asked for.
    """
    documents = documents_of(text)
    if not 0 <= document < len(documents):
        raise EditError(
            f"The file has {len(documents)} documents, and none of number {document + 1}."
        )
    nothing = Model.of(None)
    return _Rewriting(document=document).changed(
        text, documents[document], wanted, (), like or nothing, was or nothing
    )


def _runs(now: list[Any], wanted: list[Any]) -> Iterator[tuple[int, int, int, int]]:
    """Pairs of runs of items that stand for each other: the same name, or between such."""
    labels = [_label(item) for item in now], [_label(item) for item in wanted]
    for kind, start, end, at, stop in SequenceMatcher(None, *labels, autojunk=False).get_opcodes():
        del kind
        yield start, end, at, stop


def _label(item: Any) -> str:
    """What an item is known by: its name where it has one, else all of it."""
    if isinstance(item, dict):
        for name in _NAMES:
            if isinstance(item.get(name), str):
                return f"{name}={item[name]}"
    return json.dumps(item, sort_keys=True)
