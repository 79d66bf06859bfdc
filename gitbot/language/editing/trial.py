"""Adds an output to a stack, so that the loader evaluates an expression as the stack sees it. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.splices import set_path
from gitbot.language.editing.whole import stack_in
from gitbot.model.names import written_name
from gitbot.model.tree import SpecTree, TreeEntry


def with_trial(tree: SpecTree, file: str, stack: str, expression: str) -> tuple[SpecTree, str]:
    """The tree with one more output in the stack of this file, and the output's name.

    ``expression`` is one of CEL, or a text with ``${…}``.

    Raises:
        EditError: the file cannot be edited; the message says why.
    """
    text = (tree.entries[file].content or b"").decode("utf-8-sig")
    document = stack_in(text, written_name(stack))
    if document is None:
        raise EditError(f"{file} has no stack {stack!r} any more.")
    outputs = (documents_of(text)[document].get("spec") or {}).get("outputs") or {}
    name = next(one for one in _names() if one not in outputs)
    template = expression if "${" in expression else f"${{{expression}}}"
    path = ("spec", "outputs", name)
    tried = set_path(text, path, {"value": template}, document=document).encode()
    entry = TreeEntry(content=tried, size_bytes=len(tried))
    return replace(tree, id=f"{tree.id}+", entries={**tree.entries, file: entry}), name


def _names() -> list[str]:
    return ["tried", *(f"tried_{number}" for number in range(1_000))]
