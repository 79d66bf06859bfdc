"""``gitbot schema``: print or write what an editor completes specs by. Shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import say, show_json, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.providers.aws.catalog import Catalog

SCHEMA_FILE = "gitbot.schema.json"


@click.command()
@click.argument("name", required=False)
@click.option(
    "--all",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=f"Write the schema of every kind and type into the file DIR/{SCHEMA_FILE}.",
)
@tells_errors
def schema(name: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of NAME for an editor: Stack, Environment, Module or a resource type.

    \b
      gitbot schema --all .gitbot              write .gitbot/gitbot.schema.json: every kind of
                                               document, with the properties of every type that
                                               gitbot handles; docs/editor.md says how to attach it
      gitbot schema                            the same, printed
      gitbot schema Stack
      gitbot schema AWS::S3::Bucket            what a spec may say of the type, in AWS's words

    With --all the file is replaced when it is there: make it again after an upgrade of gitbot.
    """
    if folder is not None:
        if name is not None:
            raise click.UsageError("--all writes every kind and type: leave NAME out")
        say("wrote", "green", f" {_write(folder)}")
    elif name is not None and "::" in name:
        show_json(_type_schema(name))
    else:
        show_json(editor_schema(name))


def editor_schema(kind: str | None = None) -> dict[str, Any]:
    """The JSON Schema of one kind or of all, with the properties of the types that gitbot handles and
    the names of the modules that come with it.

    Raises:
        UserError: there is no such kind.
    """
    from gitbot.adapters.loader.shipped import shipped_modules
    from gitbot.language.files import MODULE_FILE
    from gitbot.language.json_schemas import json_schema
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    modules = [one.path.removesuffix(f"/{MODULE_FILE}") for one in shipped_modules()]
    native = ((catalog.lookup(one), catalog.prose(one)) for one in catalog.native_names())
    types = [(found, prose) for found, prose in native if found is not None]
    try:
        return json_schema(kind, types, modules, catalog.served_names())
    except KeyError:
        raise UserError(
            f"there is no kind {kind!r}. Write `gitbot schema Stack`, `gitbot schema Environment`,"
            " `gitbot schema Module` or the name of a type such as `gitbot schema AWS::S3::Bucket`"
        ) from None


def schema_text() -> str:
    """The text of the file for editors."""
    return json.dumps(editor_schema(), sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def _write(folder: Path) -> Path:
    file = folder / SCHEMA_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
    return file


def _type_schema(name: str) -> dict[str, Any]:
    from gitbot.language.editor_types import type_schema
    from gitbot.language.json_schemas import DIALECT
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    found = catalog.lookup(name)
    if found is None:
        raise UserError(f"there is no resource type {name!r}. {nearest_type(catalog, name)}")
    return {"$schema": DIALECT, "title": name, **type_schema(found, catalog.prose(name))}


def nearest_type(catalog: Catalog, name: str) -> str:
    """A sentence that names the type which was probably meant."""
    from gitbot.language.problems import suggest

    return suggest(name, catalog.names(), "AWS's type names look like AWS::S3::Bucket")
