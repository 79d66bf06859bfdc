"""Picks the spec files of a tree that can be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gitbot.language.problems import Problems
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry

ROOT: Final = "specs"
CALENDARS: Final = "calendars"
MODULES: Final = "modules"
TEMPLATES: Final = "templates"
SHIPPED: Final = "gitbot"
MODULE_FILE: Final = "module.yaml"
TESTS: Final = ".test.yaml"
"""How the names of files with cases for ``gitbot test`` end. They say nothing about the cloud."""
ENVIRONMENT_FILE: Final = "environment.yaml"
MOST_FILES: Final = 2000
MOST_BYTES: Final = 50_000_000
LARGEST_FILE_BYTES: Final = 1_000_000
_NOT_NAMES = ("", ".", "..")
_SUFFIXES = (".yaml", ".yml")
_TEMPLATE_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_BESIDE = tuple(f"{folder}/" for folder in (CALENDARS, MODULES, TEMPLATES))
# A folder of this name may hold other things: those are no templates of CloudFormation.
# JSON may have all of it on one line. Nothing is tried twice, so that no file takes long.
_IS_TEMPLATE = re.compile(
    rb"""(?m)^(?:\xef\xbb\xbf)?[ \t]*+(?:\{[ \t]*+)?["']?Resources["']?[ \t]*+:"""
    rb"""|\A(?:\xef\xbb\xbf)?\s*+\{(?s:.)*?"Resources"\s*+:"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFile:
    """One YAML file below an environment's folder, or the file of a module or template.

    The environment of the latter is empty.
    """

    path: str
    environment: str
    text: str

    @property
    def home_path(self) -> str:
        """The path of the environment's own file."""
        return home_path_of(self.environment)

    @property
    def is_home(self) -> bool:
        """Whether this is the environment's own file."""
        return self.path == self.home_path

    @property
    def is_module(self) -> bool:
        """Whether this is the file of a module or template."""
        return not self.environment


def home_path_of(environment: str) -> str:
    """The path of the file that declares the environment."""
    return f"{ROOT}/{environment}/{ENVIRONMENT_FILE}"


def environment_of(path: str) -> str | None:
    """The environment folder of the path; None when it is in none."""
    parts = path.split("/")
    named = len(parts) > 2 and parts[0] == ROOT and parts[1] not in _NOT_NAMES
    return parts[1] if named else None


def readable_files(tree: SpecTree, problems: Problems) -> Iterator[SpecFile]:
    """The YAML files, sorted by path. Each one that cannot be read is added as a problem.

    Other files, such as a README or the cases of ``gitbot test``, are ignored.
    """
    paths = sorted(
        path
        for path, entry in tree.entries.items()
        if _matters(path, entry) and not path.startswith(_BESIDE)
    )
    total = sum(_size(tree.entries[path]) for path in paths)
    if len(paths) > MOST_FILES:
        problems.add(
            "too-many-files",
            None,
            f"There are {len(paths)} files below {ROOT}/; at most {MOST_FILES} are read.",
            "Put several stacks into one file, separated by ---, or split the repository.",
        )
        return
    if total > MOST_BYTES:
        problems.add(
            "too-many-files",
            None,
            f"The files below {ROOT}/ have {total:,} bytes; at most {MOST_BYTES:,} are read.",
            "Split the repository.",
        )
        return
    for path in paths:
        entry = tree.entries[path]
        here = problems.of_file(path, environment_of(path))
        text = _text(path, entry, here)
        if text is not None and here.environment is not None:
            yield SpecFile(path=path, environment=here.environment, text=text)


def readable_modules(tree: SpecTree, problems: Problems) -> Iterator[SpecFile]:
    """The files of the modules, ``modules/<name>/module.yaml``, and of templates, sorted by path.

    Each one that cannot be read is added as a problem. Other files beside them are ignored.
    """
    for path, entry in sorted(tree.entries.items()):
        if not is_module_path(path, entry):
            continue
        here = problems.of_file(path, None)
        if "@" in path:
            here.add(
                "bad-path",
                None,
                "In the name of a module, @ stands before the tag that it is taken at.",
                "Rename the file or folder.",
            )
        elif entry.kind is not EntryKind.FILE:
            _add_not_a_file(entry, here)
        elif (text := _decoded(entry, here)) is not None:
            yield SpecFile(path=path, environment="", text=text)


def is_module_path(path: str, entry: TreeEntry) -> bool:
    """Whether this is the file of a module, or looks like a template of CloudFormation.

    A template that cannot be looked at may be one.
    """
    first, *folders, name = path.split("/")
    if first == MODULES:
        return name == MODULE_FILE and bool(folders)
    if first != TEMPLATES or not path.lower().endswith(_TEMPLATE_SUFFIXES):
        return False
    return entry.content is None or _IS_TEMPLATE.search(entry.content) is not None


def _add_not_a_file(entry: TreeEntry, problems: Problems) -> None:
    problems.add(
        "not-a-file",
        None,
        f"This is a {entry.kind.value}; gitbot reads plain files only, so that nothing outside "
        "of the commit is ever read.",
        "Replace it with a copy of the file.",
    )


def _size(entry: TreeEntry) -> int:
    return entry.size_bytes if entry.content is None else len(entry.content)


def _matters(path: str, entry: TreeEntry) -> bool:
    if entry.kind is not EntryKind.FILE:
        return True
    return path.lower().endswith(_SUFFIXES) and not path.endswith(TESTS)


def _text(path: str, entry: TreeEntry, problems: Problems) -> str | None:
    parts = path.split("/")
    if parts[0] != ROOT or not all(part not in _NOT_NAMES for part in parts):
        problems.add(
            "bad-path",
            None,
            f"Specs are below {ROOT}/, and their paths have no empty, . or .. parts.",
            "Rename or move the file.",
        )
        return None
    if "\\" in path:
        problems.add(
            "bad-path",
            None,
            "The path has a backslash or bytes that are not UTF-8, so that two files could have the "
            "same name here.",
            "Rename the file.",
        )
        return None
    if entry.kind is not EntryKind.FILE:
        _add_not_a_file(entry, problems)
        return None
    if problems.environment is None:
        problems.add(
            "misplaced-file",
            None,
            f"Specs belong to an environment: {ROOT}/<environment>/<file>.yaml.",
            "Move the file into an environment's folder.",
        )
        return None
    return _decoded(entry, problems)


def _decoded(entry: TreeEntry, problems: Problems) -> str | None:
    content = entry.content
    size = _size(entry)
    if content is None or size > LARGEST_FILE_BYTES:
        problems.add(
            "file-too-large",
            None,
            f"The file has {size:,} bytes; at most {LARGEST_FILE_BYTES:,} are read.",
            "Split it into several files.",
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        problems.add(
            "not-utf8",
            (before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1),
            f"The byte 0x{content[error.start]:02x} here is not UTF-8.",
            "Save the file as UTF-8.",
        )
        return None
