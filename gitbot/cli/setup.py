"""``gitbot setup``: make what a server needs before it can start. Shell."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitbot.cli.common import say, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.adapters.github.registration import NewApp

_WITHIN_S = 3600.0  # GitHub's own limit for the code


@click.group()
def setup() -> None:
    """Make what a server needs before it can start."""


@setup.command(short_help="Register the GitHub App.")
@click.option(
    "--url",
    "server_url",
    required=True,
    help="The server's public address, https://gitbot.acme.com",
)
@click.option("--org", "organization", default="", help="The organization that owns the App.")
@click.option("--name", default="", help="The App's name, unique on GitHub [gitbot-<org>].")
@click.option(
    "--github", default="https://github.com", help="GitHub's address, for an Enterprise server."
)
@click.option(
    "--into",
    "folder",
    default="deploy",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the secrets [default: deploy].",
)
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@tells_errors
def github(
    server_url: str, organization: str, name: str, github: str, folder: Path, no_browser: bool
) -> None:
    """Register the GitHub App, with the permissions and events that gitbot needs.

    Your browser opens; GitHub asks you to agree. Then FOLDER has app_key.pem, webhook_secret,
    client_secret and hash_key (readable by you alone), and the App's id and client id in .env, as
    deploy/compose.yaml reads them.
    Files that are there already are never replaced.

    \b
      gitbot setup github --url https://gitbot.acme.com --org acme
    """
    from gitbot.adapters.github.registration import Wanted, register

    if not server_url.startswith("https://") and not server_url.startswith("http://127.0.0.1:"):
        raise UserError(
            f"--url is {server_url!r}: GitHub sends secrets there, so give an https:// one"
        )
    _refuse_old(folder)
    wanted = Wanted(
        name=name or f"gitbot-{organization}".rstrip("-"),
        server_url=server_url,
        github=github,
        organization=organization,
    )
    made = register(wanted, opened=lambda url: _open(url, no_browser), within_s=_WITHIN_S)
    _keep(folder, made)
    say("made", "green", f": the App {made.slug}, id {made.id}; its secrets are in {folder}")
    click.echo(f"Next: install it on your repository: {made.page}/installations/new")
    click.echo("For `gitbot login`, switch on the device flow in the App's settings (docs/api.md).")
    click.echo(f"Then start the server: cd {folder} && docker compose up --build")


def _open(url: str, no_browser: bool) -> None:
    click.echo(f"Open {url} in a browser of this machine, and agree on GitHub.")
    if not no_browser:
        click.launch(url)


def _refuse_old(folder: Path) -> None:
    secret = ("app_key.pem", "webhook_secret", "client_secret")
    old = [name for name in secret if (folder / name).exists()]
    if old:
        raise UserError(
            f"{folder} has {' and '.join(old)} already, of an App that you made before. Move them"
            " away, or give another folder with --into"
        )


def _keep(folder: Path, made: NewApp) -> None:
    """Write the secrets, each readable by its owner alone. A hash key that is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "app_key.pem", made.private_key)
    _write(folder / "webhook_secret", made.webhook_secret)
    _write(folder / "client_secret", made.client_secret)
    if not (folder / "hash_key").exists():
        _write(folder / "hash_key", secrets.token_hex(32))
    with (folder / ".env").open("a", encoding="utf-8") as file:
        file.write(f"GITBOT_GITHUB_APP_ID={made.id}\nGITBOT_CLIENT_ID={made.client_id}\n")


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
