"""``gitbot login`` and ``gitbot logout``: sign in to a server by GitHub. Shell."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from gitbot.adapters.remote.address import address_of
from gitbot.adapters.remote.client import Client, SignedOutError
from gitbot.adapters.remote.signed_in import FILE, Logins, SignedIn, config_folder
from gitbot.cli.common import EXIT_ERROR, json_option, note, show_json, tells_errors
from gitbot.errors import GitbotError, TransientError, UserError
from gitbot.render.escape import clean

_LONGEST_INTERVAL_S = 60.0
_LOCKED = "The keyring did not give the token, so the server could not be told: it ends by itself."


@click.command()
@click.argument("server", metavar="[URL]", required=False)
@click.option("--status", is_flag=True, help="Only say who you are there, and until when.")
@json_option
@tells_errors
def login(server: str | None, status: bool, as_json: bool) -> None:
    """Sign in to the server at URL, such as https://gitbot.example.com, with your account on GitHub.

    It shows a code to type on GitHub. What the server gives out then counts for 30 days; the system's keyring
    keeps it where there is one (pip install 'gitbot[keyring]'), else a file that only you can read. Commands
    without --store and GITBOT_STORE ask this server from then on.
    """
    logins = Logins(config_folder(os.environ))
    if status:
        _show_status(logins, server, as_json)
        return
    address = _address(logins, server)
    former = logins.at(address)
    former_token = "" if former is None else logins.token(former)
    logins.check()  # before the person has typed a code in vain
    made = _sign_in(Client(address, say=note), as_json)
    kept = _keep(logins, address, made)
    if former_token:
        _void(address, former_token)  # nobody uses it any more: it need not count until it ends
    if as_json:
        show_json(_data(kept, valid=True))
        return
    click.echo(f"Signed in to {address} as {clean(kept.login)} until {clean(kept.expires_at)}.")
    _tell_where(logins, kept)


@click.command()
@click.argument("server", metavar="[URL]", required=False)
@tells_errors
def logout(server: str | None) -> None:
    """Sign out of the server at URL, or of the one you signed in to last: its token counts no more."""
    logins = Logins(config_folder(os.environ))
    address = _address(logins, server)
    found = logins.at(address)
    if found is None:
        click.echo(f"You are not signed in to {address}.")
        return
    token = logins.token(found)
    told = _void(address, token) if token else _LOCKED
    logins.forget(address)
    click.echo(f"Signed out of {address}.")
    if told:
        note(told)


def _address(logins: Logins, server: str | None) -> str:
    """The server that is meant: that of the argument, of GITBOT_SERVER, or the last one."""
    given = server or os.environ.get("GITBOT_SERVER", "")
    if given:
        return address_of(given)
    found = logins.newest()
    if found is None:
        command = click.get_current_context().info_name
        raise UserError(
            f"you are signed in to no server: name the one you mean, like gitbot {command} https://gitbot.example.com"
        )
    return found.server


def _sign_in(client: Client, as_json: bool) -> dict[str, Any]:
    """Have the person confirm a code on GitHub; returns what the server gives out then."""
    begun = client.write("POST", "/login").body
    where, code = clean(begun["verification_uri"]), clean(begun["user_code"])
    click.echo(f"Open {where} and type the code {code}", err=as_json)
    click.echo("Waiting for you to confirm it there … (Ctrl-C ends this)", err=as_json)
    deadline = time.monotonic() + float(begun["expires_in"])
    interval_s = float(begun["interval"])
    while time.monotonic() < deadline:
        time.sleep(min(max(interval_s, 0.0), _LONGEST_INTERVAL_S))
        try:
            found = client.write("POST", f"/login/{begun['handle']}")
        except TransientError as error:  # the server may be restarted: any other goes on
            interval_s = max(interval_s, error.retry_after_s)
            continue
        if found.status == 200:
            body: dict[str, Any] = found.body
            return body
        interval_s = float(found.body["interval"])
    raise UserError("the code was not confirmed in time: run gitbot login again")


def _tell_where(logins: Logins, kept: SignedIn) -> None:
    if kept.kept == FILE:
        note(
            f"There is no keyring here, so the token is in {logins.file}, which only you can read. With the library "
            "(pip install 'gitbot[keyring]') and a keyring of the system it would be kept there."
        )
    else:
        click.echo("The token is in the keyring of this system.")


def _keep(logins: Logins, address: str, made: Mapping[str, Any]) -> SignedIn:
    """Keep what the server gave out. Raises UserError when that fails; then its token counts no more."""
    token = made["token"]
    try:
        return logins.keep(address, token, made["login"], made["expires_at"])
    except UserError:
        _void(address, token)
        raise


def _void(address: str, token: str) -> str:
    """Have the server forget the token; returns what to tell when it could not."""
    try:
        Client(address, token).write("DELETE", "/login")
    except SignedOutError:
        return ""  # it ended before
    except GitbotError as error:
        return f"The server could not be told ({error}), so the token counts there until it ends by itself."
    return ""


def _show_status(logins: Logins, server: str | None, as_json: bool) -> None:
    """Ask the server who the person is there, and say it. Ends with status 1 when nobody is."""
    found = logins.at(_address(logins, server)) if server or logins.newest() else None
    if found is None:
        if as_json:
            show_json({"server": None, "valid": False})
        else:
            click.echo(
                "You are signed in to no server."
                if server is None
                else "You are not signed in there."
            )
        sys.exit(EXIT_ERROR)
    try:
        seen = Client(found.server, logins.token(found), say=note).read("/me")
        said = (
            f"{found.server}: signed in as {clean(seen['login'])} until {clean(seen['expires_at'])}"
        )
        valid = True
    except SignedOutError:
        said, valid = f"{found.server}: not signed in any more. Sign in with: gitbot login", False
    if as_json:
        show_json(_data(found, valid=valid))
    else:
        click.echo(f"{said} (token in the {found.kept})")
    if not valid:
        sys.exit(EXIT_ERROR)


def _data(found: SignedIn, *, valid: bool) -> dict[str, Any]:
    return {
        "server": found.server,
        "login": found.login,
        "expires_at": found.expires_at,
        "kept": found.kept,
        "valid": valid,
    }
