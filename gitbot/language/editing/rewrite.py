"""Turns one document of a YAML text into another by the fewest splices. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Final

from gitbot.language.editing.pieces import EditError, Path, documents_of
from gitbot.language.editing.splices import (
    insert_item,
    insert_key,
    remove_path,
    same,
    set_path,
)

# What names one item among others: of tags, rules, disks, statements, and of gitbot's own lists.
_NAMES: Final = ("Key", "Id", "ID", "Sid", "Name", "name", "id", "DeviceName", "RuleName")


def rewritten(text: str, wanted: Any, *, document: int = 0) -> str:
    """The text whose document means ``wanted``. The order of keys that are there already stays.

    New keys follow the key that they follow in ``wanted``. Doing it twice changes nothing.

    Raises:
        EditError: the text cannot be changed without touching more than was asked for.
    """
    documents = documents_of(text)
    if not 0 <= document < len(documents):
        raise EditError(
            f"The file has {len(documents)} documents, and none of number {document + 1}."
        )
    return _changed(text, documents[document], wanted, (), document)


def _changed(text: str, now: Any, wanted: Any, path: Path, document: int) -> str:
    if same(now, wanted):
        return text
    if isinstance(now, dict) and isinstance(wanted, dict) and now and wanted:
        return _changed_map(text, now, wanted, path, document)
    if isinstance(now, list) and isinstance(wanted, list) and now and wanted:
        return _changed_list(text, now, wanted, path, document)
    return set_path(text, path, wanted, document=document)


def _changed_map(
    text: str, now: dict[str, Any], wanted: dict[str, Any], path: Path, document: int
) -> str:
    before: str | None = None
    for key, value in wanted.items():
        if key not in now:
            text = insert_key(text, path, key, value, after=before, document=document)
        before = key
    for key, value in now.items():
        if key in wanted:
            text = _changed(text, value, wanted[key], (*path, key), document)
        else:
            text = remove_path(text, (*path, key), document=document)
    return text


def _changed_list(text: str, now: list[Any], wanted: list[Any], path: Path, document: int) -> str:
    for start, end, at, stop in reversed(list(_runs(now, wanted))):
        both = min(end - start, stop - at)
        for number in range(at + both, stop):
            place = start + number - at
            text = insert_item(text, path, wanted[number], at=place, document=document)
        for number in reversed(range(start + both, end)):
            text = remove_path(text, (*path, number), document=document)
        for number in range(both):
            text = _changed(
                text, now[start + number], wanted[at + number], (*path, start + number), document
            )
    return text


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
