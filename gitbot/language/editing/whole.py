"""Finds and takes out whole documents of a YAML text. Pure."""

from __future__ import annotations

from typing import Any

import yaml

from gitbot.language.editing.lines import line_start
from gitbot.language.editing.pieces import EditError, documents_of, pieces_of
from gitbot.language.editing.splices import same


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
    if not 0 <= document < len(before):
        raise EditError(f"The file has {len(before)} documents, and none of number {document + 1}.")
    if len(before) == 1:
        return ""
    place = pieces_of(text)[document].start
    starts = [0, *_separators(text), len(text)]
    start = max(at for at in starts if at <= place)
    end = min(at for at in starts if at > place)
    result = text[:start] + text[end:]
    if not same(documents_of(result), [*before[:document], *before[document + 1 :]]):
        raise EditError("The documents of the file cannot be parted. Take the stack out by hand.")
    return result


def _separators(text: str) -> list[int]:
    """Where the lines of ``---`` begin."""
    return [
        line_start(text, token.start_mark.index)
        for token in yaml.scan(text, Loader=yaml.CBaseLoader)
        if isinstance(token, yaml.DocumentStartToken)
    ]
