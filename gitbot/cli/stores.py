"""The option ``--store``: where state is kept, and whether anything is there. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from gitbot.bootstrap.stores import store_exists
from gitbot.cli.common import secret_setting
from gitbot.errors import UserError
from gitbot.model.places import BucketPlace, Place, SqlitePlace, place_of
from gitbot.model.state_keys import state_keys

F = TypeVar("F", bound=Callable[..., Any])

STORE_HELP = (
    "Where state and leases are: a SQLite file, postgresql://user@host/database or "
    "s3://bucket/prefix?region=eu-west-1; also GITBOT_STORE. That of a server is $GITBOT_DATABASE, else "
    "$GITBOT_DATA/gitbot.db."
)
NO_STORE = (
    "name the file for the state: export GITBOT_STORE=~/gitbot-state.db (keep it out of the repository), or "
    "give --store FILE"
)


class StoreType(click.ParamType[Place]):
    """Reads the text of a ``Place``."""

    name = "store"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        """The place of the text; a place stays as it is."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click converts a value a second time
        try:
            place = place_of(value)
        except UserError as error:
            self.fail(str(error), param, ctx)
        try:
            place = replace(place, keys=state_keys(secret_setting("GITBOT_STATE_KEY") or ""))
            if isinstance(place, BucketPlace):
                place = replace(place, key=store_key())
        except UserError as error:  # what is wrong is another setting than this one
            raise click.UsageError(str(error), ctx) from error
        if isinstance(place, SqlitePlace) and place.path.is_dir():
            self.fail(f"{place} is a folder: name a file in it", param, ctx)
        return place


def store_key() -> str:
    """The key that signs the objects of a bucket, from GITBOT_STORE_KEY.

    Raises:
        UserError: it is not set, or too short, or its file cannot be read.
    """
    key = secret_setting("GITBOT_STORE_KEY") or ""
    if len(key) < 32:
        raise UserError(
            "a store in a bucket needs GITBOT_STORE_KEY, 32 characters or more, the same for everybody who "
            "uses the store and for nobody else who may write to the bucket: make one with "
            "`openssl rand -hex 32`"
        )
    return key


def store_option(command: F) -> F:
    """Add ``--store``: the database with state and leases. It has no default on purpose."""
    return click.option(
        "--store",
        envvar="GITBOT_STORE",
        type=StoreType(),
        callback=_store,
        help=STORE_HELP,
    )(command)


def _store(context: click.Context, parameter: click.Parameter, value: Place | None) -> Place:
    if value is None:
        raise click.UsageError(
            f"{NO_STORE}. `{context.command_path}` works on a store alone: no server does it for you"
        )
    return value


def require_store(
    store: Place, *, new_store: bool | None = None, named_by: str = "--store or GITBOT_STORE"
) -> None:
    """Return when the store exists or may be made.

    ``new_store`` is the command's option ``--new-store``; None for a command that makes no store.

    Raises:
        UserError: there is none; says how to make one.
    """
    if new_store or store_exists(store):
        return
    how = "the first `gitbot apply` makes it with" if new_store is None else "make it with"
    raise UserError(
        f"there is no state at {store}: check {named_by}. If nothing was ever applied with it, {how} --new-store"
    )
