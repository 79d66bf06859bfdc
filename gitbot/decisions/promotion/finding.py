"""Finds the Stack documents of an environment in a tree of specs, wherever they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitbot.decisions.promotion.proposal import StackText
from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.files import LARGEST_FILE_BYTES, TESTS, environment_of
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry

BOM = "\ufeff"


def texts_of(tree: SpecTree, environment: str) -> dict[str, str]:
    """The YAML files of the environment's folder that can be read, by path, without a mark of bytes."""
    found = {}
    for path, entry in sorted(tree.entries.items()):
        is_spec = path.lower().endswith((".yaml", ".yml")) and not path.endswith(TESTS)
        if environment_of(path) == environment and is_spec:
            text = text_of(entry)
            if text is not None:
                found[path] = text
    return found


def text_of(entry: TreeEntry) -> str | None:
    """The text of a file; None when it is no plain UTF-8 file of a size that is read."""
    content = entry.content
    if entry.kind is not EntryKind.FILE or content is None or len(content) > LARGEST_FILE_BYTES:
        return None
    try:
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        return None


def stacks_in(texts: Mapping[str, str]) -> dict[str, StackText]:
    """The Stack documents by name; of two with one name the first. Broken files are left out."""
    found: dict[str, StackText] = {}
    for path, text in texts.items():
        for number, name in _names(text):
            found.setdefault(name, StackText(path=path, text=text, document=number))
    return found


def _names(text: str) -> Iterator[tuple[int, str]]:
    try:
        documents = documents_of(text)
    except EditError:
        return
    for number, plain in enumerate(documents):
        metadata = plain.get("metadata") if isinstance(plain, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if isinstance(name, str) and plain.get("kind") == "Stack":
            yield number, name


def target_of(name: str, source: StackText, targets: Mapping[str, StackText]) -> StackText | None:
    """The stack of the target that the source's stack is promoted to; None when it is new there.

    A stack that was renamed in the source is found by the name that it had.
    """
    return targets.get(name) or targets.get(renamed_from(source) or "")


def renamed_from(now: StackText) -> str | None:
    """The name that the stack had before it was renamed; None when it says none."""
    metadata = now.plain.get("metadata")
    moved = metadata.get("moved") if isinstance(metadata, dict) else None
    return moved if isinstance(moved, str) else None


def is_broken(tree: SpecTree, path: str) -> bool:
    """Whether the file is there and nobody can say which stacks are in it."""
    entry = tree.entries.get(path)
    if entry is None:
        return False
    text = text_of(entry)
    if text is None:
        return True
    try:
        documents_of(text)
    except EditError:
        return True
    return False


def is_promoted(source: StackText) -> bool:
    """Whether changes of the stack are promoted: not one with a lifetime, unless it says so."""
    spec = source.plain.get("spec")
    fields = spec if isinstance(spec, dict) else {}
    wanted = fields.get("promote")
    if isinstance(wanted, bool):
        return wanted
    return fields.get("ttl") is None and fields.get("expires") is None
