"""The ``gitbot`` command: its groups, each command's module imported only when it is used. Shell."""

from __future__ import annotations

import gc
import importlib
from importlib.metadata import version

import click

_COMMANDS = {
    "validate": "gitbot.cli.specs:validate",
    "schema": "gitbot.cli.specs:schema",
    "plan": "gitbot.cli.stacks:plan",
    "apply": "gitbot.cli.stacks:apply",
    "destroy": "gitbot.cli.stacks:destroy",
    "output": "gitbot.cli.state:output",
    "state": "gitbot.cli.state:state",
    "serve": "gitbot.cli.serve:serve",
    "demo": "gitbot.cli.sandbox:demo",
    "sandbox": "gitbot.cli.sandbox:sandbox",
}


_COLLECT_AFTER = (50_000, 20, 50)
"""Objects, and collections of the younger generations, between two collections of garbage: plans
are trees of many small values that live as long as the command, and looking at them again and again
takes a fifth of its time."""


class _Lazy(click.Group):
    """A group that knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a person meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for an unknown name (click then suggests)."""
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("gitbot"), prog_name="gitbot")
def main() -> None:
    """Keep a cloud equal to a Git repository of YAML specs.

    Start with `gitbot demo` (everything local, nothing to set up), or in a repository with specs/:

    \b
      gitbot validate                     check the specs, offline
      gitbot plan dev --store state.db    what an apply would change
      gitbot apply dev --store state.db   change it
      gitbot serve                        the bot: webhooks in, comments out

    Exit codes: 0 success, 1 error, 2 usage error, or with `plan --detailed-exitcode`: changes.
    """
    gc.set_threshold(*_COLLECT_AFTER)
