"""Joins the contents of files to one tree, and checks them against each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from gitbot.language.across import connect
from gitbot.language.calendars import check_calendars, read_calendars
from gitbot.language.field_shapes import NAME_PATTERN, NAME_RULE
from gitbot.language.files import home_path_of
from gitbot.language.imported_once import check_imported_once
from gitbot.language.pins import check_pins, pinned_calendars
from gitbot.language.problems import Problems, quoted
from gitbot.language.promotion_fields import check_edges
from gitbot.language.sizes import MOST_IN_A_TREE
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic, SourceSpan, in_order
from gitbot.model.names import written_name
from gitbot.model.secrets import Secrets
from gitbot.model.tree import SpecTree
from gitbot.model.values import leaves

MOST_PER_FILE: Final = 500
MOST_SECRETS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StackDocument:
    """One Stack document.

    ``label`` is the name as written; diagnostics carry it. ``name`` is None when that name is not
    allowed. ``moved_from`` is ``metadata.moved`` as written. ``desired`` is None when the stack or
    its environment has a problem.
    """

    name: str | None
    label: str | None
    source: SourceSpan
    name_source: SourceSpan
    moved_from: str | None
    moved_source: SourceSpan
    desired: DesiredStack | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """The contents of one file. ``more`` counts the diagnostics that are not listed.

    The environment of a module's file is empty. ``secrets`` are the sensitive values of the file. ``covered`` are the first and last lines of
    its parts that hold them. ``size`` is that of its values after evaluation. ``uses`` are the keys of all modules on which
    the contents depend, those that are not there too.
    """

    path: str
    environment: str
    declares: Environment | None = None
    stacks: tuple[StackDocument, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    more: int = 0
    secrets: tuple[str, ...] = field(default=(), repr=False)
    covered: tuple[tuple[int, int], ...] = ()
    size: int = 0
    uses: tuple[str, ...] = ()


def assemble(
    tree: SpecTree, files: Sequence[LoadedFile], diagnostics: Iterable[Diagnostic]
) -> LoadedTree:
    """The tree that the files make up.

    ``files`` are sorted by path. ``diagnostics`` are those of entries that cannot be read as files.
    """
    found = [*diagnostics, *(one for file in files for one in file.diagnostics)]
    problems = Problems(file="specs", found=found)
    environments: dict[str, Environment] = {}
    stacks: list[DesiredStack] = []
    by_name = sorted(
        (file for file in files if file.environment), key=lambda file: file.environment
    )
    for name, group in groupby(by_name, key=lambda file: file.environment):
        members = list(group)
        _check_folder(tree, name, members[0].path, problems)
        environments.update((name, one.declares) for one in members if one.declares is not None)
        stacks += _stacks(name, members, problems)
    check_edges(environments, sorted({file.environment for file in by_name}), tree, problems)
    check_pins(environments.values(), tree, problems)
    _check_size(files, problems)
    calendars = read_calendars(tree, problems)
    pinned = pinned_calendars(environments.values(), tree)
    wrong = check_calendars(
        environments.values(), stacks, tree, lambda name: pinned.get(name, calendars), problems
    )
    stacks = [one for one in stacks if (one.environment, one.name) not in wrong]
    secrets = _secrets(files, stacks, problems)
    return LoadedTree(
        environments=environments,
        stacks=tuple(stacks),
        diagnostics=tuple(_shown(found, {file.path: file.more for file in files})),
        secrets=secrets,
        covered={file.path: file.covered for file in files if file.covered},
        calendars=calendars,
        pinned=pinned,
    )


def _check_size(files: Iterable[LoadedFile], problems: Problems) -> None:
    total = sum(file.size for file in files)
    if total > MOST_IN_A_TREE:
        problems.add(
            "values-too-large",
            None,
            f"The values of all specs have {total:,} characters after evaluation; at most "
            f"{MOST_IN_A_TREE:,} are allowed.",
            "Look for expressions that repeat long texts, or split the repository.",
        )


def _secrets(
    files: Iterable[LoadedFile], stacks: Iterable[DesiredStack], problems: Problems
) -> Secrets:
    """The sensitive values of all files that no stack writes in plain."""
    texts = sorted({text for file in files for text in file.secrets})
    if len(texts) > MOST_SECRETS:
        problems.add(
            "too-many-secrets",
            None,
            f"The specs have {len(texts):,} sensitive values; at most {MOST_SECRETS:,} can be kept "
            "secret.",
            "Mark only what is secret as sensitive, or split the repository.",
        )
    if not texts:
        return Secrets()
    return Secrets(texts=frozenset(texts[:MOST_SECRETS])).without(_shown_texts(stacks))


def _shown_texts(stacks: Iterable[DesiredStack]) -> Iterator[str]:
    for stack in stacks:
        trees = [one.properties for one in stack.resources.values()]
        trees += [{"": output.value} for output in stack.outputs.values()]
        for tree in (*trees, stack.labels):
            yield from (leaf for leaf in leaves(tree) if isinstance(leaf, str))


def bounded(found: Iterable[Diagnostic]) -> tuple[tuple[Diagnostic, ...], int]:
    """The first ``MOST_PER_FILE`` diagnostics of one file, sorted, and how many more errors there are.

    Warnings come after the errors, and as many are left out as there is no room for.
    """
    ordered = in_order(dict.fromkeys(found))
    errors = [one for one in ordered if one.is_error]
    warnings = [one for one in ordered if not one.is_error]
    shown = (*errors, *warnings)[:MOST_PER_FILE]
    return shown, max(0, len(errors) - MOST_PER_FILE)


def _shown(found: Iterable[Diagnostic], unlisted: dict[str, int]) -> Iterator[Diagnostic]:
    """The diagnostics by file. Each file has a limit; one more diagnostic counts the rest."""
    for file, group in groupby(in_order(found), key=lambda one: one.file):
        shown, more = bounded(group)
        yield from shown
        more += unlisted.get(file, 0)
        if more > 0:
            last = shown[-1]
            rest = Problems(file=file, environment=last.environment)
            rest.add(
                "more-problems",
                (last.line, last.column),
                f"{more} more problems of this file are not shown.",
                "Fix these first.",
            )
            yield from rest.found


def _check_folder(tree: SpecTree, name: str, first: str, problems: Problems) -> None:
    here = problems.of_file(first, name)
    if not re.fullmatch(NAME_PATTERN, name):
        here.add(
            "bad-name",
            None,
            f"The folder specs/{name}/ names an environment, and {quoted(name)} cannot.",
            f"Rename it: {NAME_RULE}.",
        )
    home = home_path_of(name)
    # A file that exists but cannot be read has its own diagnostic already.
    if home not in tree.entries:
        here.add(
            "missing-environment",
            None,
            f"specs/{name}/ has no {home.rpartition('/')[2]}, which says in which account and "
            "region its stacks live.",
            f"Add {home}, or move the stacks into another environment's folder.",
        )


def _stacks(name: str, files: Sequence[LoadedFile], problems: Problems) -> list[DesiredStack]:
    """The environment's stacks without problems whose name and ``moved`` no other stack uses."""
    documents = [one for file in files for one in file.stacks]
    contested = _add_duplicates(name, documents, problems) | _add_moves(name, documents, problems)
    sound = [
        one.desired
        for one in documents
        if one.desired is not None and contested.isdisjoint({one.desired.name, one.label})
    ]
    broken = {one.name for one in documents if one.name} - {one.name for one in sound}
    taken = check_imported_once(name, sound, problems)
    return connect(
        name, [one for one in sound if one.name not in taken], {*broken, *taken}, problems
    )


def _of(environment: str, one: StackDocument, problems: Problems) -> Problems:
    here = problems.of_file(one.source.file, environment)
    return here if one.label is None else here.of_stack(one.label)


def _add_duplicates(
    environment: str, documents: Iterable[StackDocument], problems: Problems
) -> frozenset[str]:
    """The names that several stacks use. Each later use is added as a problem."""
    first: dict[str, StackDocument] = {}
    twice: set[str] = set()
    for one in documents:
        if one.name is None:
            continue
        name = written_name(one.name)
        earlier = first.setdefault(name, one)
        if earlier.source != one.source:
            twice.add(name)
            _of(environment, one, problems).add(
                "duplicate-stack",
                (one.name_source.line, one.name_source.column),
                f"{earlier.source} declares the stack {quoted(name)} in this environment already.",
                "Rename one of the two.",
            )
    return frozenset(twice)


def _add_moves(
    environment: str, documents: Sequence[StackDocument], problems: Problems
) -> frozenset[str]:
    """The names of stacks whose ``moved`` is wrong; each is added as a problem.

    ``moved`` is wrong when it names a stack that still exists, or when two stacks name the same
    one: one stack would take the resources of the other.
    """
    names = {one.name for one in documents}
    first: dict[str, StackDocument] = {}
    wrong: set[str] = set()
    for one in documents:
        moved = one.moved_from
        if one.name is None or moved is None or moved in (one.name, one.label):
            continue  # a bad name, or the stack's own, is reported when the document is checked
        earlier = first.setdefault(moved, one)
        if moved in names:
            code = "moved-still-desired"
            why = f"The environment still has a stack {quoted(moved)}."
        elif earlier is not one:
            code = "duplicate-move"
            why = f"{earlier.source} says that it was moved from there too."
        else:
            continue
        wrong.add(one.name)
        _of(environment, one, problems).add(
            code,
            (one.moved_source.line, one.moved_source.column),
            why,
            "Remove `moved` from one of the two.",
        )
    return frozenset(wrong)
