"""A tree of spec files to desired state, or to everything that is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from gitbot.language.environments import EnvironmentScope, load_environment
from gitbot.language.fields import API_VERSION, KINDS, LATER_KINDS, NAME_PATTERN, NAME_RULE
from gitbot.language.files import ROOT, SpecFile, readable_files
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.stacks import LoadedStack, load_stack
from gitbot.language.types import Types
from gitbot.language.yaml12 import parse
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.schema import SchemaLookup
from gitbot.model.tree import SpecTree

ENVIRONMENT_FILE: Final = "environment.yaml"
MOST_PER_FILE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """One document of a file. ``sound``: its file is YAML without problems."""

    kind: str
    node: Node
    problems: Problems
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """The files of one environment."""

    name: str
    has_environment: bool
    files: list[SpecFile] = field(default_factory=list)


def load_tree(
    tree: SpecTree,
    schemas: SchemaLookup,
    type_names: Callable[[], Sequence[str]],
    served_names: Callable[[], Sequence[str]] = tuple,
) -> LoadedTree:
    """Everything that the tree's specs say, and every problem of every file.

    ``type_names`` and ``served_names`` (the types that this version manages) are only asked for
    messages. The same tree gives the same result; nothing is raised for what a spec holds.
    """
    problems = Problems(file="specs")
    types = Types(lookup=schemas, all_names=type_names, served_names=served_names)
    folders: dict[str, _Folder] = {}
    for file in readable_files(tree, problems):
        folder = folders.setdefault(file.environment, _folder(file.environment, tree))
        folder.files.append(file)
    environments: dict[str, Environment] = {}
    stacks: list[DesiredStack] = []
    for name in sorted(folders):
        environment, found = _load_folder(folders[name], types, problems)
        if environment is not None:
            environments[name] = environment
        stacks.extend(found)
    return LoadedTree(
        environments=environments,
        stacks=tuple(stacks),
        diagnostics=_bounded(problems),
    )


def _folder(name: str, tree: SpecTree) -> _Folder:
    # Present but unreadable counts as present: it has a diagnostic of its own.
    return _Folder(name=name, has_environment=f"{ROOT}/{name}/{ENVIRONMENT_FILE}" in tree.entries)


def _bounded(problems: Problems) -> tuple[Diagnostic, ...]:
    """The diagnostics in order, at most ``MOST_PER_FILE`` of each file."""
    kept: list[Diagnostic] = []
    for file, group in groupby(sorted(dict.fromkeys(problems.found)), key=lambda one: one.file):
        found = list(group)
        left = len(found) - MOST_PER_FILE
        kept += found[:MOST_PER_FILE]
        if left > 0:
            last = kept[-1]
            more = problems.of_file(file, last.environment)
            more.add(
                "more-problems",
                (last.line, last.column),
                f"{left} more problems of this file are not shown.",
                "Mend these first.",
            )
            kept.append(more.found[-1])
    return tuple(kept)


def _load_folder(
    folder: _Folder, types: Types, problems: Problems
) -> tuple[Environment | None, list[DesiredStack]]:
    """The folder's environment, and the stacks that are whole."""
    documents = [one for file in folder.files for one in _documents(file, problems)]
    _check_folder_name(folder, problems)
    environment = _environment(folder, documents, problems)
    scope = EnvironmentScope(name=folder.name, environment=environment)
    loaded = [
        (one.sound, load_stack(one.node, scope, types, one.problems))
        for one in documents
        if one.kind == "Stack"
    ]
    stacks = [one for _, one in loaded]
    twice = _add_duplicates(stacks) | _add_moves(stacks)
    return environment, [
        one.desired
        for sound, one in loaded
        if sound and one.desired is not None and one.name not in twice
    ]


def _check_folder_name(folder: _Folder, problems: Problems) -> None:
    if not re.fullmatch(NAME_PATTERN, folder.name):
        problems.of_file(folder.files[0].path, folder.name).add(
            "bad-name",
            None,
            f"The folder specs/{folder.name}/ names an environment, and {quoted(folder.name)} "
            "cannot.",
            f"Rename it: {NAME_RULE}.",
        )


def _documents(file: SpecFile, problems: Problems) -> list[_Document]:
    """The file's documents of a known kind."""
    problems = problems.of_file(file.path, file.environment)
    before = len(problems.found)
    nodes = parse(file.text, problems)
    sound = len(problems.found) == before
    if not nodes and sound:
        problems.add(
            "empty-file",
            None,
            "The file holds nothing but space and comments.",
            "Write a Stack into it, or delete it.",
        )
    found = []
    for node in nodes:
        kind = _kind(node, problems)
        if kind is not None:
            found.append(_Document(kind=kind, node=node, problems=problems, sound=sound))
    return found


def _kind(node: Node, problems: Problems) -> str | None:
    """The document's kind, None (with a diagnostic) when it cannot be loaded."""
    if not node.is_map:
        problems.add(
            "wrong-type",
            node,
            "A spec document must be a map with apiVersion, kind, metadata and spec.",
            "Begin the document with apiVersion: gitbot/v1.",
        )
        return None
    version = node.get("apiVersion")
    if version is not None and version.value != API_VERSION:
        problems.add(
            "bad-api-version",
            version,
            f"This version of gitbot reads {API_VERSION}, not {quoted(version.value)}.",
            f"Write apiVersion: {API_VERSION}.",
        )
        return None
    kind = node.get("kind")
    if kind is None:
        problems.add(
            "missing-field",
            node,
            "The document has no kind, so nothing says how to read it.",
            "Add kind: Stack (or Environment, in environment.yaml).",
        )
        return None
    name = kind.value if isinstance(kind.value, str) else ""
    if name in LATER_KINDS:
        problems.add(
            "not-yet",
            kind,
            f"{name} documents come with a later version of gitbot.",
            "Remove the document for now.",
        )
        return None
    if name not in KINDS:
        problems.add(
            "unknown-kind",
            kind,
            f"{quoted(kind.value)} is no kind of spec; there are {' and '.join(KINDS)}.",
            suggest(name, KINDS, "Write Stack."),
        )
        return None
    return name


def _environment(
    folder: _Folder, documents: Sequence[_Document], problems: Problems
) -> Environment | None:
    """The Environment of the folder's environment.yaml; strays are added as problems."""
    path = f"specs/{folder.name}/{ENVIRONMENT_FILE}"
    found: Environment | None = None
    seen = False
    for one in documents:
        at_home = one.problems.file == path
        if one.kind == "Stack":
            if at_home:
                _add_stray_stack(one)
        elif not at_home:
            one.problems.add(
                "misplaced-environment",
                one.node,
                f"The Environment of {folder.name} belongs into {path}.",
                f"Move it to {path}.",
            )
        elif seen:
            one.problems.add(
                "duplicate-environment",
                one.node,
                "The file holds a second Environment.",
                "Keep one of them.",
            )
            found = None
        else:
            seen = True
            environment = load_environment(one.node, folder.name, one.problems)
            found = environment if one.sound else None
    if not folder.has_environment:
        problems.of_file(folder.files[0].path, folder.name).add(
            "missing-environment",
            None,
            f"specs/{folder.name}/ has no {ENVIRONMENT_FILE}, which says in which account and "
            "region its stacks live.",
            f"Add {path}, or move the stacks into another environment's folder.",
        )
    return found


def _add_stray_stack(one: _Document) -> None:
    one.problems.add(
        "misplaced-file",
        one.node,
        f"{ENVIRONMENT_FILE} holds the Environment and nothing else.",
        "Move the Stack into a file of its own.",
    )


def _add_duplicates(loaded: Iterable[LoadedStack]) -> frozenset[str]:
    """Names that two stacks of the environment share; the later ones are added as problems."""
    first: dict[str, LoadedStack] = {}
    twice: set[str] = set()
    for one in loaded:
        if one.name is None:
            continue
        earlier = first.setdefault(one.name, one)
        if earlier is not one:
            twice.add(one.name)
            one.problems.add(
                "duplicate-stack",
                one.node.get("metadata", "name"),
                f"{earlier.problems.span(earlier.node)} declares the stack {quoted(one.name)} "
                "in this environment already.",
                "Rename one of the two.",
            )
    return frozenset(twice)


def _add_moves(loaded: Sequence[LoadedStack]) -> frozenset[str]:
    """Names of stacks that say they were moved from one that still exists, or that another one
    says too: both would go on with the same state, and each would take the other's resources."""
    names = {one.name for one in loaded}
    first: dict[str, LoadedStack] = {}
    wrong: set[str] = set()
    for one in loaded:
        moved = one.node.get("metadata", "moved")
        if one.name is None or moved is None or not isinstance(moved.value, str):
            continue  # the shape says so
        if moved.value == one.name:
            continue
        earlier = first.setdefault(moved.value, one)
        if moved.value in names:
            why = f"The environment still has a stack {quoted(moved.value)}."
        elif earlier is not one:
            why = f"{earlier.problems.span(earlier.node)} says that it was moved from there too."
        else:
            continue
        wrong.add(one.name)
        one.problems.add("duplicate-move", moved, why, "Remove `moved` from one of the two.")
    return frozenset(wrong)
