"""The options that choose a part of a stack, for ``plan`` and ``apply``. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gitbot.errors import UserError
from gitbot.model.names import Address
from gitbot.reconciler.focus import Focus

F = TypeVar("F", bound=Callable[..., Any])

_FOCUS_OPTIONS = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="ADDRESS",
        help="Only this resource or module and what it needs; may be given several times.",
    ),
    click.option(
        "--exclude",
        "excludes",
        multiple=True,
        metavar="ADDRESS",
        help="All but this resource or module and what needs it; may be given several times.",
    ),
    click.option(
        "--replace",
        "replaces",
        multiple=True,
        metavar="ADDRESS",
        help="Replace this resource although nothing forces it; may be given several times.",
    ),
)


_DESTROY_OPTIONS = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="ADDRESS",
        help="Only this resource or module and what uses it; may be given several times.",
    ),
    click.option(
        "--exclude",
        "excludes",
        multiple=True,
        metavar="ADDRESS",
        help="All but this resource or module and what it needs; may be given several times.",
    ),
)


def focus_options(command: F) -> F:
    """Add the options that choose a part of a stack."""
    for option in reversed(_FOCUS_OPTIONS):
        command = option(command)
    return command


def destroy_options(command: F) -> F:
    """Add the options that choose what of a stack is destroyed."""
    for option in reversed(_DESTROY_OPTIONS):
        command = option(command)
    return command


def refuse_replacing(focus: Focus) -> None:
    """Raises UserError where something is to be destroyed and made anew."""
    if focus.replaces:
        named = ", ".join(focus.replaces)
        raise UserError(
            f"--destroy makes nothing anew, so --replace {named} says nothing there: replace it with "
            f"`gitbot apply --replace`, or destroy it with --destroy --target {focus.replaces[0]}"
        )


def focus_of(
    targets: tuple[str, ...], excludes: tuple[str, ...], replaces: tuple[str, ...]
) -> Focus:
    """What the options say. Raises UserError where they contradict each other."""
    both = sorted({*excludes} & {*targets, *replaces})
    if both:
        raise UserError(f"{', '.join(both)} is excluded, and asked for: keep one of the two")
    # What is to be replaced is a target too, where there are targets.
    named = dict.fromkeys((*targets, *replaces)) if targets else ()
    return Focus(
        targets=tuple(map(Address, named)),
        excludes=tuple(map(Address, dict.fromkeys(excludes))),
        replaces=tuple(map(Address, dict.fromkeys(replaces))),
    )
