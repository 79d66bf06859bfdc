"""``gitbot lsp``: the language server for editors. Shell."""

from __future__ import annotations

from pathlib import Path

import click

from gitbot.cli.common import tells_errors
from gitbot.errors import UserError


@click.command()
@tells_errors
def lsp() -> None:
    """Serve an editor over standard input and output, by the Language Server Protocol.

    While you type: every problem that `gitbot validate` knows, the documentation of types, properties
    and variables under the pointer, completion of names inside ${…} and of properties, and the way from
    a module, a variable or a reference to where it is declared. Your editor starts it; docs/editor.md
    says how. It needs the extra: pip install 'gitbot[lsp]'.
    """
    try:
        from gitbot.adapters.editor.server import serve
    except ModuleNotFoundError as error:
        raise UserError(
            f"the language server needs {error.name}: install it with `pip install 'gitbot[lsp]'`"
        ) from error
    from gitbot.adapters.editor.repository import Repository, Types
    from gitbot.adapters.loader import ChildLoader
    from gitbot.cli.specs import root_of
    from gitbot.providers.aws.catalog import open_catalog

    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, prose=catalog.prose, names=catalog.served_names)
    with ChildLoader() as loader:

        def open_repository(folder: Path) -> Repository:
            return Repository(root_of(folder), loader, types)

        serve(open_repository)
