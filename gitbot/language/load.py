"""Loads spec files into desired state, and collects every problem in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from gitbot.language.assemble import LoadedFile, StackDocument, assemble, bounded
from gitbot.language.confidential import MOST_SECRETS, Confidential, confidential
from gitbot.language.documents import Document, read_documents
from gitbot.language.environments import EnvironmentScope, load_environment
from gitbot.language.files import (
    ENVIRONMENT_FILE,
    MODULE_FILE,
    MODULES,
    SpecFile,
    readable_files,
    readable_modules,
)
from gitbot.language.hashing import spoken_values
from gitbot.language.library import Library
from gitbot.language.module_uses import is_sound
from gitbot.language.problems import Problems
from gitbot.language.sizes import MOST_IN_A_FILE, size_of
from gitbot.language.stacks import LoadedStack, World, load_stack
from gitbot.language.types import Types, no_kind
from gitbot.language.versions import module_files
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.lookups import LookupKind
from gitbot.model.schema import SchemaLookup
from gitbot.model.tree import SpecTree


def load_tree(
    tree: SpecTree,
    schemas: SchemaLookup,
    type_names: Callable[[], Sequence[str]],
    served_names: Callable[[], Sequence[str]] = tuple,
    kinds: Callable[[str], LookupKind | None] = no_kind,
    kind_names: Callable[[], Sequence[str]] = tuple,
) -> LoadedTree:
    """The environments and stacks of the tree, and every problem of every file.

    ``type_names`` gives all resource types, ``served_names`` those that this version manages; both
    are called only for messages. ``kinds`` says what can be looked up of a type, and
    ``kind_names`` of which types. The same tree always gives the same result. A wrong spec is a
    diagnostic, never an exception.
    """
    problems = Problems(file="specs")
    types = Types(
        lookup=schemas,
        all_names=type_names,
        served_names=served_names,
        kinds=kinds,
        kind_names=kind_names,
    )
    modules = tuple(readable_modules(tree, problems))
    files = (*modules, *readable_files(tree, problems))
    homes = {file.environment: file for file in files if file.is_home}
    library = Library.of((*modules, *module_files(tree.versions)), tree.versions)
    world = World(types=types, library=library)
    return assemble(tree, load_files(files, homes, world), problems.found)


def load_files(
    files: Iterable[SpecFile], homes: Mapping[str, SpecFile], world: World
) -> list[LoadedFile]:
    """The contents of each file, in the same order.

    ``files`` are sorted by environment. ``homes`` maps an environment to its environment.yaml. The
    result for a file depends only on its own text, on its environment.yaml, and on the modules that it names
    as ``uses``.
    """
    loaded = []
    for name, group in groupby(files, key=lambda file: file.environment):
        home = homes.get(name)
        at_home = load_file(home, None, world) if home is not None else None
        for file in group:
            if at_home is not None and file is home:
                loaded.append(at_home)
                continue
            environment = at_home.declares if at_home is not None else None
            with world.library.noting() as uses:
                if file.is_module:
                    world.library.note([file.path.removesuffix(f"/{MODULE_FILE}")])
                one = (
                    load_module(file, world)
                    if file.is_module
                    else load_file(file, environment, world)
                )
            loaded.append(replace(one, uses=tuple(sorted(uses))))
    return loaded


def load_module(file: SpecFile, world: World) -> LoadedFile:
    """What is wrong with the module in the file."""
    is_sound(file.path, world.library, world.types)
    hidden = world.library.hidden(file.path)
    shown, more = bounded(world.library.shown(file.path))
    return LoadedFile(
        path=file.path,
        environment="",
        diagnostics=shown,
        more=more,
        secrets=tuple(sorted(hidden.secrets.texts)),
        covered=hidden.lines,
    )


def load_file(file: SpecFile, environment: Environment | None, world: World) -> LoadedFile:
    """The contents of the file.

    ``environment`` is None when it is missing or wrong: the stacks are then only checked. For an
    environment.yaml it is ignored; such a file is loaded with the Environment that it declares.
    """
    problems = Problems(file=file.path, environment=file.environment)
    documents = read_documents(file.text, problems)
    whole = not problems.found
    declared = _environment(file, documents, problems)
    scope = EnvironmentScope(
        name=file.environment, environment=declared if file.is_home else environment
    )
    stacks = [one for one in documents if one.kind == "Stack"]
    pairs = [
        (document, one)
        for document in stacks
        for one in load_stack(document.node, scope, world, problems)
    ]
    loaded = [one for _, one in pairs]
    secret = [node for one in loaded for node in one.secret]
    known = [one.desired for one in loaded if one.desired is not None]
    hidden = confidential(file.text, stacks, known, secret, whole=whole)
    _check_number(hidden, problems)
    size = sum(_size(one) for one in loaded)
    _check_size(size, problems)
    shown, more = bounded(map(hidden.cleaned, (*problems.found, *problems.warned)))
    return LoadedFile(
        path=file.path,
        environment=file.environment,
        declares=declared,
        stacks=tuple(_stack(*pair, problems) for pair in pairs),
        diagnostics=shown,
        more=more,
        secrets=tuple(sorted(hidden.secrets.texts)),
        covered=hidden.lines,
        size=size,
    )


def _check_size(size: int, problems: Problems) -> None:
    if size > MOST_IN_A_FILE:
        problems.add(
            "values-too-large",
            None,
            f"The values of the file have {size:,} characters after evaluation; at most "
            f"{MOST_IN_A_FILE:,} are allowed.",
            "Look for expressions that repeat long texts, and make them shorter.",
        )


def _check_number(hidden: Confidential, problems: Problems) -> None:
    """Limit the sensitive values: each one is looked for in every text that gitbot writes."""
    number = len(hidden.secrets.texts)
    if number > MOST_SECRETS:
        problems.add(
            "too-many-secrets",
            None,
            f"The file has {number:,} sensitive values; at most {MOST_SECRETS} can be kept secret.",
            "Mark only what is secret as sensitive, or split the file.",
        )


def _size(loaded: LoadedStack) -> int:
    if loaded.desired is None:
        return 0
    stack = loaded.desired
    trees = (
        *(one.properties for one in stack.resources.values()),
        *(one.value for one in stack.outputs.values()),
        *spoken_values(stack.resources, stack.checks),
    )
    return sum(map(size_of, trees))


def _stack(document: Document, loaded: LoadedStack, problems: Problems) -> StackDocument:
    name = document.node.get("metadata", "name")
    moved = document.node.get("metadata", "moved")
    return StackDocument(
        name=loaded.name,
        label=loaded.problems.stack,
        source=problems.span(document.node),
        name_source=problems.span(name or document.node),
        moved_from=loaded.moved_from,
        moved_source=problems.span(moved or document.node),
        desired=loaded.desired if document.sound else None,
    )


def _environment(
    file: SpecFile, documents: Sequence[Document], problems: Problems
) -> Environment | None:
    """The Environment that the file declares. A document in the wrong file is a problem."""
    found: Environment | None = None
    seen = False
    for one in documents:
        if one.kind == "Stack":
            if file.is_home:
                _add_stray_stack(one, problems)
        elif one.kind == "Module":
            problems.add(
                "misplaced-file",
                one.node,
                "A Module is no part of an environment; it has a file of its own.",
                f"Move it to {MODULES}/<name>/{MODULE_FILE}.",
            )
        elif not file.is_home:
            home = file.home_path
            problems.add(
                "misplaced-environment",
                one.node,
                f"The Environment of {file.environment} belongs in {home}.",
                f"Move it to {home}.",
            )
        elif seen:
            problems.add(
                "duplicate-environment",
                one.node,
                "The file holds a second Environment.",
                "Keep one of them.",
            )
            found = None
        else:
            seen = True
            environment = load_environment(one.node, file.environment, problems)
            found = environment if one.sound else None
    return found


def _add_stray_stack(one: Document, problems: Problems) -> None:
    problems.add(
        "misplaced-file",
        one.node,
        f"{ENVIRONMENT_FILE} holds the Environment and nothing else.",
        "Move the Stack into a file of its own.",
    )
