"""``gitbot convert``: write what another tool describes as a spec. It needs no cloud. Shell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from gitbot.cli.common import EXIT_ERROR, note, tells_errors
from gitbot.errors import UserError


@click.group()
def convert() -> None:
    """Write what another tool describes as a spec.

    Prints the spec, and comments in it what could not be carried over.
    """


@convert.command()
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
    from gitbot.language.cloudformation.converting import convert as converted
    from gitbot.language.types import Types
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, all_names=catalog.names, served_names=catalog.native_names)
    try:
        text = template.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{template} cannot be read as UTF-8 text: {error}") from None
    own = name or (re.sub(r"[^a-z0-9-]+", "-", template.stem.lower()).strip("-") or "template")
    made = converted(
        text,
        name=own,
        kind="Module" if as_module else "Stack",
        types=types,
        file=template.name,
    )
    if made.text is None:
        why = made.lost[0]
        raise UserError(f"{template} is no template: line {why.line}: {why.detail} {why.fix}")
    click.echo(made.text, nl=False)
    if made.lost:
        note(
            f"{len(made.lost)} things were not carried over; the comments at the top say what and why"
        )
        sys.exit(EXIT_ERROR)
