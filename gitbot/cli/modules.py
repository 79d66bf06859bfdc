"""``gitbot modules``: show which environment uses which module, and what is behind. Shell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import folder_option, json_option, note, show, show_json, tells_errors

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository
    from gitbot.model.modules import ModuleLine


@click.command()
@folder_option
@json_option
@tells_errors
def modules(folder: Path, as_json: bool) -> None:
    """List which environment uses which module, from which commit or tag, and what is behind.

    Offline; the files are read as they are, committed or not. Behind is what differs from the
    module here, with the number of commits that changed it since.
    """
    from gitbot.adapters.loader import ChildLoader
    from gitbot.cli.clone import open_clone
    from gitbot.decisions.modules import module_lines
    from gitbot.render.modules import module_data, module_table

    clone = open_clone(folder)
    tree = clone.working_specs()
    with ChildLoader() as loader:
        loaded = loader.load(tree, reviewed=True)
    lines = [_counted(clone, one) for one in module_lines(loaded, tree)]
    if loaded.errors():
        note("Some specs have errors and are left out: `gitbot validate` shows them.")
    if as_json:
        show_json({"modules": module_data(lines)})
    else:
        show(module_table(lines))


def _counted(clone: LocalRepository, line: ModuleLine) -> ModuleLine:
    """The line with the commits that changed the module since."""
    from gitbot.model.names import Sha

    if not line.differs:
        return line
    missed = clone.line(Sha(line.use.commit), clone.head(), line.use.name)
    return replace(line, missed=tuple(reversed(missed)))
