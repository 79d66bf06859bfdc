"""The ``gitbot`` command. It imports the module of a command only when that is used. Shell."""

from __future__ import annotations

import gc
import importlib
from typing import NamedTuple

import click


class _Row(NamedTuple):
    """A command: its module and function, and its line in the list of commands."""

    where: str
    help: str


COMMANDS = {
    "init": _Row("init:init", "Begin a repository: environments, an example, editor and CI files."),
    "validate": _Row("specs:validate", "Check the specs, offline."),
    "fmt": _Row("fmt:fmt", "Give the specs their one format: order, indentation, quotes."),
    "explain": _Row("explain:explain", "Explain a resource type, a property or a field of a spec."),
    "test": _Row("test:test", "Run the cases that stand beside specs and modules."),
    "schema": _Row(
        "schema:schema", "Print the JSON Schema of a kind or a resource type, for an editor."
    ),
    "modules": _Row("modules:modules", "List which environment uses which module, from where."),
    "graph": _Row("graph:graph", "Draw which resource needs which, as Mermaid or SVG."),
    "console": _Row("console:console", "Try expressions against a stack."),
    "adopt": _Row(
        "adopt:adopt", "Write specs for what exists already: objects, tags, a CloudFormation stack."
    ),
    "convert": _Row(
        "convert:convert", "Write a CloudFormation template or a Terraform folder as a spec."
    ),
    "lsp": _Row("lsp:lsp", "Serve an editor: problems, documentation, completion while you type."),
    "plan": _Row("stacks:plan", "Show what an apply would change."),
    "apply": _Row("stacks:apply", "Make an environment equal to the checked-out commit."),
    "destroy": _Row("stacks:destroy", "Delete an environment's resources, or those of one stack."),
    "promote": _Row("promote:promote", "Show what a promotion would change, offline."),
    "refresh": _Row("refresh:refresh", "Record what the cloud has now, without changing it."),
    "recover": _Row(
        "recover:recover", "Rebuild state that was lost, from the tags of what is in the cloud."
    ),
    "backup": _Row("backup:backup", "Copy state and queue into a file, while gitbot runs."),
    "restore": _Row("backup:restore", "Put a backup in the place of state and queue."),
    "output": _Row("state:output", "Print the outputs of a stack."),
    "state": _Row("state:state", "Show what was last applied, or change it by hand."),
    "schedule": _Row("schedule:schedule", "List what a server does next, when and why."),
    "login": _Row("login:login", "Sign in to a server, so that commands ask it."),
    "logout": _Row("login:logout", "Sign out of a server."),
    "permissions": _Row(
        "permissions:permissions", "Print the IAM policies that an environment needs."
    ),
    "setup": _Row("setup:setup", "Make what a server needs: the GitHub App."),
    "serve": _Row("serve:serve", "Listen to GitHub and keep the cloud equal to the specs."),
    "demo": _Row("sandbox:demo", "Play a story of pull requests, all on this machine."),
    "sandbox": _Row(
        "sandbox:sandbox", "Run a local GitHub, a local AWS and gitbot, to try things in."
    ),
}
"""The commands, in the order in which a person needs them."""

_COLLECT_AFTER = (50_000, 20, 50)
"""The thresholds of the garbage collector (see ``gc.set_threshold``).

Modules and plans are many small values that live as long as the command. With the default
thresholds, scanning them again and again takes a fifth of the time.
"""


class _Lazy(click.Group):
    """A group that lists commands from the table, and imports only the one that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See ``click.Group``; suggests a command for an unknown name."""
        if args[0] not in COMMANDS:
            from difflib import get_close_matches

            for close in get_close_matches(args[0], COMMANDS, n=1):
                ctx.fail(f"No such command '{args[0]}'. Did you mean '{close}'?")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        gc.set_threshold(*_COLLECT_AFTER)
        module, name = COMMANDS[cmd_name].where.split(":")
        found: click.Command = getattr(importlib.import_module(f"gitbot.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.help) for name, row in COMMANDS.items()])


def _print_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # slow: it looks through all packages

    click.echo(f"gitbot, version {version('gitbot')}")
    ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Keep a cloud equal to a Git repository of YAML specs.

    Start with `gitbot demo` (all local, nothing to set up), or in a repository with specs/:

    \b
      export GITBOT_STORE=~/gitbot-state.db   where state is kept, outside the clone
      gitbot validate                         check the specs, offline
      gitbot plan dev                         what an apply would change
      gitbot apply dev --new-store            change it; the first time, make the store
      gitbot serve                            run the bot
      gitbot login https://gitbot.acme.com    ask a server that runs it, instead of a store

    Exit codes: 0 success, 1 error, 2 usage error, or with `plan --detailed-exitcode`: changes.
    """
