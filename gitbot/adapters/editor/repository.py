"""The specs that an editor has open: files on disk under what is typed, and their problems. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gitbot.adapters.git.folder import specs_of_folder
from gitbot.adapters.loader import ChildLoader
from gitbot.adapters.loader.shipped import shipped_modules
from gitbot.language.files import MODULE_FILE, MODULES, TESTS, environment_of
from gitbot.language.spec_tests import read_tests
from gitbot.language.writing.meaning import Surroundings
from gitbot.language.writing.outline import Outline
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.schema import SchemaLookup
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """The resource types, as the catalog knows them."""

    lookup: SchemaLookup
    prose: Callable[[str], Mapping[str, str]]
    names: Callable[[], Sequence[str]]


class Repository:
    """The specs of one folder. Safe to use from several threads.

    The texts of open files count in place of what is on disk.
    """

    def __init__(self, root: Path, loader: ChildLoader, types: Types) -> None:
        self.root = root.resolve()
        self._loader = loader
        self._lock = threading.Lock()
        self._open: dict[str, str] = {}
        self._outlines: dict[str, tuple[str, Outline]] = {}
        self._shipped = {one.path: one.text for one in shipped_modules()}
        self._tree = SpecTree(id="")
        self.refresh()
        self.around = Surroundings(
            outline_of=self.outline,
            lookup=types.lookup,
            prose=types.prose,
            type_names=types.names,
            modules=lambda: sorted(self._modules()),
            files_of=self._files_of,
        )

    def path_of(self, file: Path) -> str | None:
        """The path of the file in the repository; None when it is not in it."""
        resolved = file.resolve()
        return (
            resolved.relative_to(self.root).as_posix()
            if resolved.is_relative_to(self.root)
            else None
        )

    def file_of(self, path: str) -> Path:
        """Where the file of this path is; modules that come with gitbot are in its package."""
        if path in self._shipped:
            import gitbot

            return Path(gitbot.__file__).parent / MODULES / path.partition("/")[2]
        return self.root / path

    def refresh(self) -> None:
        """Read the files on disk again."""
        tree = specs_of_folder(self.root)
        with self._lock:
            self._tree = tree

    def write(self, path: str, text: str | None) -> None:
        """Take the text for that of the file; None: what is on disk counts again."""
        with self._lock:
            if text is None:
                self._open.pop(path, None)
            else:
                self._open[path] = text

    def tree(self) -> SpecTree:
        """The files with what is typed."""
        with self._lock:
            entries = dict(self._tree.entries)
            for path, text in self._open.items():
                before = entries.get(path)
                if before is None or before.kind is EntryKind.FILE:
                    content = text.encode("utf-8", "surrogatepass")
                    entries[path] = TreeEntry(content=content, size_bytes=len(content))
            return replace(self._tree, entries=entries)

    def diagnostics(self) -> dict[str, list[Diagnostic]]:
        """Every problem of every file, by path."""
        tree = self.tree()
        found: dict[str, list[Diagnostic]] = {}
        for one in (*self._loader.load(tree, reviewed=True).diagnostics, *self._tests(tree)):
            found.setdefault(one.file, []).append(one)
        return found

    def text(self, path: str) -> str | None:
        """The text of the file, as it is typed; None when there is none."""
        with self._lock:
            typed = self._open.get(path)
            entry = self._tree.entries.get(path)
        if typed is not None:
            return typed
        if entry is None or entry.content is None:
            return self._shipped.get(path)
        return entry.content.decode("utf-8-sig", "replace")

    def outline(self, path: str) -> Outline | None:
        """The documents of the file, as they were when it could last be read."""
        text = self.text(path)
        if text is None:
            return None
        known, before = self._outlines.get(path, (None, None))
        if before is None or known != text:
            before = Outline.of(path, text, before)
            self._outlines[path] = (text, before)
        return before

    def _files_of(self, environment: str) -> list[str]:
        with self._lock:
            paths = {*self._tree.entries, *self._open}
        return sorted(one for one in paths if environment_of(one) == environment)

    def _modules(self) -> Iterator[str]:
        with self._lock:
            paths = [*self._tree.entries, *self._open]
        own = (path for path in paths if path.startswith(f"{MODULES}/"))
        for path in {*self._shipped, *own}:
            if path.endswith(f"/{MODULE_FILE}"):
                yield path.removesuffix(f"/{MODULE_FILE}")

    def _tests(self, tree: SpecTree) -> Iterator[Diagnostic]:
        for path, entry in tree.entries.items():
            if path.endswith(TESTS) and entry.content is not None:
                yield from read_tests(path, entry.content.decode("utf-8-sig", "replace"))[1]
