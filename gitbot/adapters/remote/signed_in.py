"""Remembers which server a person uses, and keeps their tokens. Shell.

A token is kept by the system's keyring where the library ``keyring``
(https://keyring.readthedocs.io) finds one, else in a file that only the person can read.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gitbot.adapters.private_files import private_folder
from gitbot.errors import UserError

KEYRING, FILE = "keyring", "file"
_SERVICE = "gitbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A login at a server: who it is, until when, and where the token is kept.

    ``token`` is set when ``kept`` is ``file``.
    """

    server: str
    login: str
    expires_at: str
    kept: str
    token: str = ""


def config_folder(environ: Mapping[str, str]) -> Path:
    """Where settings of a person belong.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = environ.get("XDG_CONFIG_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path("~/.config").expanduser()
    return root / "gitbot"


class Logins:
    """The logins of a person, in ``logins.json`` below ``folder``. The newest one is used."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "logins.json"

    def newest(self) -> SignedIn | None:
        """The login that was made last; None when there is none."""
        found = self._read()
        return found[-1] if found else None

    def at(self, server: str) -> SignedIn | None:
        """The login at the server; None when there is none."""
        return next((each for each in self._read() if each.server == server), None)

    def check(self) -> None:
        """Return when a login could be kept. Raises UserError when the file cannot be read or written."""
        self._write(self._read())

    def keep(self, server: str, token: str, login: str, expires_at: str) -> SignedIn:
        """Remember the login, in place of an earlier one at the server, and keep its token.

        Raises:
            UserError: the file cannot be written.
        """
        in_keyring = _put(server, token)
        made = SignedIn(
            server=server,
            login=login,
            expires_at=expires_at,
            kept=KEYRING if in_keyring else FILE,
            token="" if in_keyring else token,
        )
        others = [each for each in self._read() if each.server != server]
        self._write([*others, made])
        return made

    def token(self, signed_in: SignedIn) -> str:
        """The token of the login; empty when the keyring does not give it."""
        return signed_in.token if signed_in.kept == FILE else _get(signed_in.server)

    def forget(self, server: str) -> None:
        """Forget the login at the server and its token. Does nothing when there is none."""
        found = self._read()
        if any(each.server == server and each.kept == KEYRING for each in found):
            _drop(server)
        if any(each.server == server for each in found):
            self._write([each for each in found if each.server != server])

    def _read(self) -> list[SignedIn]:
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
            found = [SignedIn(**each) for each in data["logins"]]
            if not all(isinstance(text, str) for each in found for text in asdict(each).values()):
                raise TypeError("what is no text")
            return found
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"{self.file} cannot be read ({type(error).__name__}): delete it and sign in again with "
                "gitbot login"
            ) from error

    def _write(self, logins: list[SignedIn]) -> None:
        """Replace the file in one step, so that a killed command leaves the old one."""
        text = json.dumps({"logins": [asdict(each) for each in logins]}, indent=2) + "\n"
        try:
            private_folder(self.file.parent)
            # Made with mode 0600: https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp
            handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=".logins-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as made:
                    made.write(text)
                Path(name).replace(self.file)
            except OSError:
                with suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise UserError(f"{self.file} cannot be written: {error.strerror}") from error


def _keyring() -> Any:
    """The library, where it is installed and has found a keyring; else None."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    usable = not isinstance(keyring.get_keyring(), (fail.Keyring, null.Keyring))
    return keyring if usable else None


def _put(server: str, token: str) -> bool:
    """Whether the keyring has taken the token: it may be locked, or nobody may be there to unlock it."""
    found = _keyring()
    if found is None:
        return False
    try:
        found.set_password(_SERVICE, server, token)
        return bool(found.get_password(_SERVICE, server) == token)
    except found.errors.KeyringError:
        return False


def _get(server: str) -> str:
    found = _keyring()
    if found is None:
        return ""
    try:
        return found.get_password(_SERVICE, server) or ""
    except found.errors.KeyringError:
        return ""


def _drop(server: str) -> None:
    found = _keyring()
    if found is None:
        return
    with suppress(found.errors.KeyringError):
        found.delete_password(_SERVICE, server)
