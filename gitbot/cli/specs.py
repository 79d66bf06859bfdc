"""``gitbot validate``: check specs. It needs no cloud and no state. Shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import EXIT_ERROR, json_option, say, show, show_json, tells_errors
from gitbot.errors import SpecError, UserError

if TYPE_CHECKING:
    from gitbot.model.desired import DesiredStack, LoadedTree


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
    from gitbot.adapters.git.folder import specs_of_folder
    from gitbot.adapters.loader import ChildLoader

    with ChildLoader() as loader:
        tree = specs_of_folder(root_of(folder))
        if not tree.entries:
            raise UserError(
                f"{folder / 'specs'} has no files: a repository for gitbot has "
                "specs/<environment>/environment.yaml and stacks beside it"
            )
        return loader.load(tree, reviewed=True)


def root_of(folder: Path) -> Path:
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


def chosen_stacks(
    folder: Path, environment: str, stack: str | None = None
) -> tuple[DesiredStack, ...]:
    """The stacks of the environment in the folder, as ``chosen_of`` chooses them."""
    return chosen_of(load(folder), environment, stack)


def chosen_of(
    loaded: LoadedTree, environment: str, stack: str | None = None
) -> tuple[DesiredStack, ...]:
    """The stacks of the environment that are wanted now; with ``stack`` the one of that name.

    Raises:
        UserError: there is none.
        SpecError: the specs have errors, those of other stacks aside.
    """
    found = [one for one in stacks_of(loaded) if one.environment == environment]
    chosen = tuple(one for one in found if stack in (None, one.name))
    wrong = [one for one in loaded.errors() if one.environment in (None, environment)]
    if wrong and (stack is None or not chosen):
        raise SpecError(wrong)
    if chosen:
        return chosen
    if environment not in loaded.environments:
        known = ", ".join(sorted(loaded.environments)) or "none"
        raise UserError(f"there is no environment {environment!r}; there is: {known}")
    known = ", ".join(sorted(one.name for one in found)) or "none"
    what = f"stack {stack!r}" if stack else "stack"
    raise UserError(f"{environment} has no {what}; it has: {known}")
