"""``gitbot explain``: what a spec may say, read in the terminal. Shell."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import json_option, show, show_json, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.model.explained import Explained

_WIDEST = 100
_MODULES = ("gitbot/", "modules/", "templates/")


@click.command()
@click.argument("name")
@json_option
@tells_errors
def explain(name: str, as_json: bool) -> None:
    """Explain NAME: a resource type or a property, a kind of document or a field, or a module.

    Says what it is for, what may be written, which changes replace the object, and what it can contain.
    Steps are joined by dots; items of lists and keys that you choose need no step.

    \b
      gitbot explain AWS::S3::Bucket
      gitbot explain AWS::S3::Bucket.LifecycleConfiguration
      gitbot explain AWS::S3::Bucket.LifecycleConfiguration.Rules.Status
      gitbot explain Stack.resources.lifecycle
      gitbot explain Environment.promotesFrom
      gitbot explain gitbot/ml-bucket          a module: its variables and outputs

    Exit codes: 0 explained, 1 there is no such name; the nearest one is suggested.
    """
    from gitbot.render.explained import explained_lines

    found = _explained(name)
    if as_json:
        show_json(asdict(found))
    else:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        show(tuple(explained_lines(found, width)))


def _explained(name: str) -> Explained:
    if name.startswith(_MODULES):
        return _module(name)
    from gitbot.cli.schema import nearest_type
    from gitbot.language.explaining.fields import explain_field
    from gitbot.language.explaining.properties import explain_type, steps_of
    from gitbot.language.json_schemas import WRITTEN
    from gitbot.language.problems import suggest
    from gitbot.providers.aws.catalog import open_catalog

    head, _, path = name.replace("/", ".", 1).partition(".")
    steps = steps_of(path)
    if head in WRITTEN:
        return explain_field(head, steps)
    if "::" not in head:
        advice = suggest(
            head, WRITTEN, "Write a type such as AWS::S3::Bucket, or a kind such as Stack"
        )
        raise UserError(f"there is nothing called {head!r}. {advice}")
    catalog = open_catalog()
    schema = catalog.lookup(head)
    if schema is None:
        raise UserError(f"there is no resource type {head!r}. {nearest_type(catalog, head)}")
    return explain_type(schema, catalog.prose(head), steps)


def _module(reference: str) -> Explained:
    """A module that comes with gitbot, or one of the repository as it is in the folder."""
    from gitbot.adapters.loader.shipped import shipped_modules
    from gitbot.cli.specs import root_of
    from gitbot.language.problems import suggest
    from gitbot.language.versions import module_path
    from gitbot.language.writing.declarations import explain_module
    from gitbot.language.writing.outline import Outline

    path = module_path(reference)
    shipped = {one.path: one.text for one in shipped_modules()}
    text = shipped.get(path, "")
    if not path.startswith("gitbot/"):
        try:
            text = (root_of(Path()) / path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path} cannot be read: {error}") from error
    outline = Outline.of(path, text)
    if not outline.documents:
        known = [one.rpartition("/")[0] for one in shipped]
        raise UserError(
            f"there is no module {reference!r}. {suggest(reference, known, 'Write modules/<name>')}"
        )
    return explain_module(reference, outline)
