"""The options ``--store`` and ``--server``: whether a command works on a store or asks a server. Shell.

One rule for all commands (``choose``): what is typed counts first, then the variables, then the server
that the person signed in to. Two of a kind are refused, so that nobody gets an answer from elsewhere.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import click
from click.core import ParameterSource

from gitbot.cli.common import note
from gitbot.cli.stores import NO_STORE, STORE_HELP, StoreType
from gitbot.errors import UserError
from gitbot.model.places import Place

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class AtServer:
    """The server to ask, by its address."""

    address: str


Where: TypeAlias = Place | AtServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Which of the two is typed as an option, and which is set as a variable."""

    typed_store: bool = False
    typed_server: bool = False
    set_store: bool = False
    set_server: bool = False


def choose(given: Given, *, signed_in: bool) -> bool:
    """Whether the server is asked; otherwise the store is used. ``signed_in``: to a server.

    Raises:
        UserError: both are typed, both are set, or there is neither.
    """
    if given.typed_store and given.typed_server:
        raise UserError("--store and --server exclude each other: give one of them")
    if given.typed_store or given.typed_server:
        return given.typed_server
    if given.set_store and given.set_server:
        raise UserError(
            "GITBOT_STORE and GITBOT_SERVER are both set: say which one counts with --store or --server, or "
            "unset the other"
        )
    if given.set_store or given.set_server:
        return given.set_server
    if signed_in:
        return True
    raise UserError(
        f"{NO_STORE}. Beside a server, sign in to it instead: gitbot login https://gitbot.example.com"
    )


def where_options(command: F) -> F:
    """Add ``--store`` and ``--server``, and give the command what they choose as ``where``."""

    @click.option("--store", envvar="GITBOT_STORE", type=StoreType(), help=STORE_HELP)
    @click.option(
        "--server",
        envvar="GITBOT_SERVER",
        metavar="URL",
        help="The server to ask, with the rights that you have on GitHub: https://gitbot.example.com; also "
        "GITBOT_SERVER. An option counts before the variables, and without any of the four the server of the last "
        "`gitbot login` is asked.",
    )
    @functools.wraps(command)
    def chosen(*args: Any, store: Place | None, server: str | None, **more: Any) -> Any:
        try:
            where = _where(store, server)
        except UserError as error:
            raise click.UsageError(str(error)) from error
        return command(*args, where=where, **more)

    return chosen  # type: ignore[return-value]


def _where(store: Place | None, server: str | None) -> Where:
    source = click.get_current_context().get_parameter_source
    typed = ParameterSource.COMMANDLINE
    given = Given(
        typed_store=store is not None and source("store") is typed,
        typed_server=server is not None and source("server") is typed,
        set_store=store is not None and source("store") is not typed,
        set_server=server is not None and source("server") is not typed,
    )
    typed_one = given.typed_store or given.typed_server
    remembered = "" if typed_one else _remembered()
    if choose(given, signed_in=bool(remembered)):
        if server is None:
            note(
                f"Asking {remembered}, where you are signed in (--store works on a store instead)."
            )
        return AtServer(address=_address(server or remembered))
    if given.set_store and remembered:
        note(f"Using the store of GITBOT_STORE, not {remembered} (--server {remembered} asks it).")
    assert store is not None
    return store


def _remembered() -> str:
    """The address of the server that the person signed in to last; empty when there is none."""
    from gitbot.adapters.remote.signed_in import Logins, config_folder

    found = Logins(config_folder(os.environ)).newest()
    return found.server if found is not None else ""


def _address(text: str) -> str:
    from gitbot.adapters.remote.address import address_of

    return address_of(text)


def refuse_with_server(*names: str) -> None:
    """Refuse options that were typed and that a server does not take.

    Raises:
        click.UsageError: one of them was typed.
    """
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(p.opts[0] for p in context.command.params if p.name == name)
            raise click.UsageError(
                f"{option} is for a store: a server does not take it. Name the store with --store, or leave "
                f"{option} out"
            )


def refuse_with_store(*names: str) -> None:
    """Refuse options that were typed and that only a server takes. Raises click.UsageError."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(p.opts[0] for p in context.command.params if p.name == name)
            raise click.UsageError(
                f"{option} is for a server, and this works on a store: name the server with --server"
            )
