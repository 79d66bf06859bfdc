"""``gitbot validate`` and ``gitbot schema``. They need no cloud and no state. Shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import EXIT_ERROR, json_option, say, show, show_json, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.model.desired import DesiredStack, LoadedTree
    from gitbot.providers.aws.catalog import Catalog


@click.command()
@click.argument(
    "folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@json_option
@tells_errors
def validate(folder: Path, as_json: bool) -> None:
    """Check every spec in specs/, offline, and show all problems at once.

    FOLDER is the repository or any folder in it.

    Exit code 0: no errors; 1: at least one error.
    """
    from gitbot.model.diagnostic import Severity

    loaded = load(folder)
    stacks = stacks_of(loaded)
    failed = any(d.severity is Severity.ERROR for d in loaded.diagnostics)
    if as_json:
        from gitbot.model.codec import to_full_data

        show_json(
            {
                "valid": not failed,
                "diagnostics": to_full_data(loaded.diagnostics),
                "stacks": [f"{stack.environment}/{stack.name}" for stack in stacks],
            }
        )
    elif loaded.diagnostics:
        from gitbot.render.terminal import diagnostic_lines

        show(diagnostic_lines(loaded.diagnostics))
    if not failed and not as_json:
        resources = sum(len(stack.resources) for stack in stacks)
        say(
            "valid",
            "green",
            f": {_count(len(loaded.environments), 'environment')}, "
            f"{_count(len(stacks), 'stack')}, {_count(resources, 'resource')}",
        )
    sys.exit(EXIT_ERROR if failed else 0)


def load(folder: Path) -> LoadedTree:
    """The specs of the folder, read as a person's own: committed or not.

    Raises:
        UserError: there is no file below ``specs/``.
    """
    from gitbot.adapters.git.folder import local_specs
    from gitbot.adapters.loader import ChildLoader

    with ChildLoader() as loader:
        tree = local_specs(_root(folder))
        if not tree.entries:
            raise UserError(
                f"{folder / 'specs'} has no files: a repository for gitbot has "
                "specs/<environment>/environment.yaml and stacks beside it"
            )
        return loader.load(tree, reviewed=True)


def _root(folder: Path) -> Path:
    """The nearest folder with specs/, from here upwards; the folder itself if there is none."""
    here = folder.resolve()
    return next((each for each in (here, *here.parents) if (each / "specs").is_dir()), folder)


def stacks_of(loaded: LoadedTree) -> tuple[DesiredStack, ...]:
    """The stacks of all environments that are wanted now."""
    from gitbot.adapters.clock import SystemCalendar
    from gitbot.decisions.wanted import NO_FACTS, wanted

    now = SystemCalendar().now()
    return tuple(
        stack
        for name in sorted(loaded.environments)
        for stack in wanted(loaded, name, NO_FACTS, now).stacks.values()
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@click.command()
@click.argument("name", required=False)
@tells_errors
def schema(name: str | None) -> None:
    """Print the JSON Schema of NAME for an editor: Stack, Environment or a resource type.

    \b
      gitbot schema > gitbot.schema.json       every kind of document, with the types that gitbot
                                               handles; docs/editor.md says how to attach it
      gitbot schema Stack
      gitbot schema AWS::S3::Bucket            what a spec may say of the type, in AWS's words
    """
    from gitbot.language.json_schemas import json_schema
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    if name is not None and "::" in name:
        show_json(_type_schema(catalog, name))
        return
    native = ((catalog.lookup(one), catalog.prose(one)) for one in catalog.native_names())
    types = [(found, prose) for found, prose in native if found is not None]
    try:
        show_json(json_schema(name, types))
    except KeyError:
        raise UserError(
            f"there is no kind {name!r}. Write `gitbot schema Stack`, `gitbot schema Environment` or"
            " the name of a type such as `gitbot schema AWS::S3::Bucket`"
        ) from None


def _type_schema(catalog: Catalog, name: str) -> dict[str, Any]:
    from gitbot.language.editor_types import type_schema
    from gitbot.language.json_schemas import DIALECT
    from gitbot.language.problems import suggest

    found = catalog.lookup(name)
    if found is None:
        advice = suggest(name, catalog.names(), "AWS's type names look like AWS::S3::Bucket")
        raise UserError(f"there is no resource type {name!r}. {advice}")
    return {"$schema": DIALECT, "title": name, **type_schema(found, catalog.prose(name))}
