"""Ask a server about the repository of a clone, and wait for its answers. Shell."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gitbot.adapters.remote.client import Client, NotThereError
from gitbot.adapters.remote.signed_in import Logins, config_folder
from gitbot.cli.clone import open_clone
from gitbot.cli.common import note
from gitbot.cli.patience import TOLD_AFTER_S, TOLD_EACH_S
from gitbot.cli.where import AtServer
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository

_PAUSES_S = (0.2, 0.3, 0.5, 0.5, 1.0, 1.0)
_LONG_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository at a server, as the person may see it."""

    client: Client
    clone: LocalRepository
    full_name: str

    def read(self, *parts: str) -> Any:
        """The data below the repository's address, at the path of these parts.

        Raises:
            UserError, TransientError: as ``Client.write``.
        """
        try:
            return self.client.read(self._path(parts))
        except NotThereError as error:
            raise self._not_there(error) from error

    def items(self, *parts: str) -> Iterator[Any]:
        """The items of a list below the repository's address. Raises as ``read``."""
        try:
            yield from self.client.items(self._path(parts))
        except NotThereError as error:
            raise self._not_there(error) from error

    def ask(self, *parts: str, body: dict[str, Any], doing: str) -> dict[str, Any]:
        """Have the server do something, and wait for its end. ``doing`` says what it does.

        Raises:
            UserError, TransientError: as ``read``.
        """
        try:
            made = self.client.write("POST", self._path(parts), body)
        except NotThereError as error:
            raise self._not_there(error) from error
        return self._end((*parts, made.body["id"]), doing)

    def _end(self, parts: Sequence[str], doing: str) -> dict[str, Any]:
        """The answer there once it is final."""
        began, pauses, told_at = time.monotonic(), iter(_PAUSES_S), 0.0
        while True:
            found: dict[str, Any] = self.read(*parts)
            if found["status"] not in ("waiting", "running"):
                return found
            waited_s = time.monotonic() - began
            if waited_s - told_at >= (TOLD_EACH_S if told_at else TOLD_AFTER_S):
                words = "waits for its turn" if found["status"] == "waiting" else "is at work"
                note(f"{doing}: {self.client.address} {words} ({waited_s:.0f} s) …")
                told_at = waited_s
            time.sleep(next(pauses, _LONG_PAUSE_S))

    def _path(self, parts: Sequence[str]) -> str:
        owner, _, name = self.full_name.partition("/")
        return "".join(f"/{quote(each, safe='')}" for each in ("repositories", owner, name, *parts))

    def _not_there(self, error: NotThereError) -> UserError:
        """What is not there: the thing, or the whole repository, as far as the person may see."""
        try:
            self.client.read(self._path(["environments"]), limit=1)
        except NotThereError:
            return UserError(
                f"{self.client.address} does not serve {self.full_name}, or you have no read access to it on "
                "GitHub. `gitbot login --status` says who you are there"
            )
        return error


def open_remote(where: AtServer, folder: Path) -> Remote:
    """The repository of the clone at the server.

    Raises:
        UserError: nobody is signed in there, or the clone's remote is not on GitHub.
    """
    clone = open_clone(folder)
    full_name = clone.origin_full_name()
    if full_name is None:
        raise UserError(
            f"{clone.root} has no remote `origin` with the address of a repository on GitHub, so the server "
            "cannot tell which one is meant: git remote add origin URL"
        )
    return Remote(client_of(where.address), clone, full_name)


def client_of(address: str) -> Client:
    """The server, asked with the person's token. Raises UserError when nobody is signed in there."""
    logins = Logins(config_folder(os.environ))
    found = logins.at(address)
    token = "" if found is None else logins.token(found)
    if not token:
        lost = (
            ""
            if found is None
            else " (the keyring does not give the token: unlock it, or sign in again)"
        )
        raise UserError(
            f"you are not signed in to {address}{lost}. Sign in with: gitbot login {address}"
        )
    return Client(address, token, say=note)
