"""``gitbot convert``: write what another tool describes as a spec. It needs no cloud. Shell."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import EXIT_ERROR, note, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.language.terraform.converting import Converted


@click.group()
def convert() -> None:
    """Write what another tool describes as a spec.

    Prints the spec, and comments in it what could not be carried over.
    """


@convert.command(short_help="A template of CloudFormation or SAM.")
@click.argument("template", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="The name of the stack or module  [default: that of the file].")
@click.option("--module", "as_module", is_flag=True, help="Write a Module, not a Stack.")
@tells_errors
def cloudformation(template: Path, name: str | None, as_module: bool) -> None:
    """Write the CloudFormation TEMPLATE, YAML or JSON, as a spec that says the same.

    Keys become lower-case: PublicSubnet1 is public_subnet1. To use a template as it is, without
    converting it, put it into templates/ (docs/templates.md).

    \b
      gitbot convert cloudformation network.yaml > specs/dev/network.yaml
      gitbot convert cloudformation network.yaml --module > modules/network/module.yaml

    Exit codes: 0 everything was carried over, 1 something was not; comments say what and why.
    """
    from gitbot.adapters.loader.translating import open_translator
    from gitbot.language.cloudformation.converting import convert as converted
    from gitbot.language.types import Types
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, all_names=catalog.names, served_names=catalog.served_names)
    try:
        text = template.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{template} cannot be read as UTF-8 text: {error}") from None
    own = name or _name_of(template.stem)
    made = converted(
        text,
        name=own,
        kind="Module" if as_module else "Stack",
        types=types,
        file=template.name,
        translator=open_translator(),
    )
    if made.text is None:
        why = made.lost[0]
        raise UserError(f"{template} cannot be converted: line {why.line}: {why.detail} {why.fix}")
    click.echo(made.text, nl=False)
    if made.left_out:
        _note_lost(made.left_out)
        sys.exit(EXIT_ERROR)


@convert.command(short_help="A configuration of Terraform.")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", help="The name of the stack  [default: that of the folder].")
@click.option(
    "--state",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `terraform state pull` prints: its objects are imported.",
)
@click.option(
    "--modules",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the modules that it uses: modules/ of your repository.",
)
@tells_errors
def terraform(directory: Path, name: str | None, state: Path | None, modules: Path | None) -> None:
    """Write the Terraform configuration in DIRECTORY as a spec that says the same.

    Reads its *.tf and terraform.tfvars; needs the extra gitbot[terraform]. Never runs Terraform.

    \b
      terraform state pull > state.json
      gitbot convert terraform infra --state state.json --modules modules > specs/dev/infra.yaml
      gitbot plan dev     # should adopt everything, and change nothing

    Exit codes: 0 everything was carried over, 1 something was not; comments say what and why.
    """
    from gitbot.adapters.terraform_folder import open_folder
    from gitbot.language.terraform.converting import convert as converted

    made = converted(open_folder(directory, state), name=name or _name_of(directory.resolve().name))
    if modules is not None:
        _write_modules(modules, made.modules)
    elif made.modules:
        note(f"not written, give --modules: {', '.join(sorted(made.modules))}")
    click.echo(made.text, nl=False)
    lost = len(made.lost) + sum(len(one.lost) for one in made.modules.values())
    if lost or (made.modules and modules is None):
        _note_lost(lost)
        sys.exit(EXIT_ERROR)


def _note_lost(count: int) -> None:
    """Tell how many things are not in the spec; nothing is said where all are."""
    if count:
        many = "1 thing was" if count == 1 else f"{count} things were"
        note(f"{many} not carried over; the comments at the top say what and why")


def _write_modules(folder: Path, modules: Mapping[str, Converted]) -> None:
    """Write each module, and those that it uses. Nothing is written where one is there already."""
    found = list(_module_files(folder, modules))
    files = dict(found)
    unlike = sorted({str(path) for path, text in found if files[path] != text})
    if unlike:
        raise UserError(f"{', '.join(unlike)} would be two modules: rename one of their folders")
    there = [str(path) for path in files if path.exists()]
    if there:
        raise UserError(
            f"{', '.join(sorted(there))} is there already: move it away, nothing was written"
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _module_files(folder: Path, modules: Mapping[str, Converted]) -> Iterator[tuple[Path, str]]:
    for name, one in modules.items():
        yield folder / name / "module.yaml", one.text
        yield from _module_files(folder, one.modules)


def _name_of(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-") or "stack"
