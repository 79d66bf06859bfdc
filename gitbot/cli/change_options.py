"""The options that ``gitbot apply`` and ``gitbot destroy`` share. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gitbot.cli.common import folder_option, json_option

F = TypeVar("F", bound=Callable[..., Any])

stacks_option = click.option(
    "--stack", "stacks", multiple=True, help="Only this stack; may be given several times."
)

_CHANGE_OPTIONS = (
    click.argument("environment"),
    stacks_option,
    folder_option,
    click.option("--yes", is_flag=True, help="Do not ask. A guarded plan still needs --digest."),
    click.option(
        "--digest",
        help="Do not ask, but apply only plans whose digest begins with these 16 digits. "
        "One for each stack with changes, separated by commas.",
    ),
    click.option(
        "--parallelism",
        default=10,
        show_default=True,
        type=click.IntRange(1, 100),
        help="Resources of a stack changed at the same time, and at most 4 stacks.",
    ),
    json_option,
)

new_store_option = click.option(
    "--new-store", is_flag=True, help="Create the store, with no state, if it does not exist."
)


def change_options(command: F) -> F:
    """Add the options of apply and destroy, in the order of their help."""
    for option in reversed(_CHANGE_OPTIONS):
        command = option(command)
    return command
