"""Finds and takes out whole documents of a YAML text. Pure."""

from __future__ import annotations

import re
from typing import Any

import yaml

from gitbot.language.editing.lines import break_of, has_last_break, line_start
from gitbot.language.editing.pieces import BREAK, EditError, documents_of, pieces_of
from gitbot.language.editing.splices import same

_SEPARATOR = re.compile(rf"\A---[ \t]*{BREAK}")


def stack_in(text: str, name: str) -> int | None:
    """The number of the document that declares the stack of this name; None when none does.

    Raises:
        EditError: the text is no YAML that a spec may have.
    """
    return document_in(text, "Stack", name)


def document_in(text: str, kind: str, name: str) -> int | None:
    """The number of the document of this kind and name; None when the file has none.

    Raises:
        EditError: the text is no YAML that a spec may have.
    """
    for number, plain in enumerate(documents_of(text)):
        if isinstance(plain, dict) and plain.get("kind") == kind and _name(plain) == name:
            return number
    return None


def _name(plain: dict[str, Any]) -> Any:
    metadata = plain.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None


def without_document(text: str, document: int) -> str:
    """The text without one of its documents; empty when it was the only one: delete the file then.

    Raises:
        EditError: the file has no such document, or its documents cannot be parted.
    """
    before = documents_of(text)
    start, end = _span(text, document)
    if len(before) == 1:
        return ""
    result = text[:start] + text[end:]
    if not same(documents_of(result), [*before[:document], *before[document + 1 :]]):
        raise EditError("The documents of the file cannot be parted. Take the stack out by hand.")
    return result


def document_text(text: str, document: int) -> str:
    """The text of one document alone, with its comments and without the line of ``---``.

    Raises:
        EditError: the file has no such document, or its documents cannot be parted.
    """
    start, end = _span(text, document)
    alone = text[start:end]
    bare = _SEPARATOR.sub("", alone, count=1)
    for one in (bare, alone):
        if same(documents_of(one), [documents_of(text)[document]]):
            return one
    raise EditError("The documents of the file cannot be parted. Give each a file of its own.")


def with_document(text: str, added: str) -> str:
    """The text with one more document at its end.

    Raises:
        EditError: one of the two is no YAML that a spec may have.
    """
    line_break = break_of(text)
    head = text if has_last_break(text) else text + line_break
    result = f"{head}---{line_break}{added}" if text.strip() else added
    if not same(documents_of(result), [*documents_of(text), *documents_of(added)]):
        raise EditError("The stack cannot be added to the file. Give it a file of its own.")
    return result


def _span(text: str, document: int) -> tuple[int, int]:
    pieces = pieces_of(text)
    if not 0 <= document < len(pieces):
        raise EditError(f"The file has {len(pieces)} documents, and none of number {document + 1}.")
    place = pieces[document].start
    starts = [0, *_separators(text), len(text)]
    return max(at for at in starts if at <= place), min(at for at in starts if at > place)


def _separators(text: str) -> list[int]:
    """Where the lines of ``---`` begin."""
    return [
        line_start(text, token.start_mark.index)
        for token in yaml.scan(text, Loader=yaml.CBaseLoader)
        if isinstance(token, yaml.DocumentStartToken)
    ]
