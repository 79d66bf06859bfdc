"""People with clones who are signed in to the server of a sandbox, and what they type."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gitbot.adapters.remote.signed_in import Logins
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.model.logins import TOKEN_LIFE, ApiToken, digest_of, new_token
from gitbot.ports.records import Records
from gitbot_sandbox.sandbox import WRITER, Sandbox
from gitbot_sandbox.stage import Stage
from tests.warm import Warm


@contextmanager
def records_of(sandbox: Sandbox) -> Iterator[Records]:
    """The records of the running server."""
    engine = open_database(sandbox.data / "gitbot.db")
    try:
        yield sql_records(engine)
    finally:
        engine.dispose()


def new_token_of(sandbox: Sandbox, login: str, life: timedelta = TOKEN_LIFE) -> str:
    """A token as the server gives one out at the end of a login."""
    made, now = new_token(), datetime.now(UTC)
    token = ApiToken(
        digest=digest_of(made),
        account=sandbox.github.hub.user(login).id,
        login=login,
        made_at=now,
        expires_at=now + life,
    )
    with records_of(sandbox) as records:
        records.tokens.put(token)
    return made


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a clone of the repository, signed in to the server."""

    sandbox: Sandbox
    login: str
    clone: Path
    home: Path

    @property
    def logins(self) -> Logins:
        return Logins(self.home / ".config" / "gitbot")

    def sign_in(self, life: timedelta = TOKEN_LIFE) -> str:
        """Keep a new token, and return it."""
        made = new_token_of(self.sandbox, self.login, life)
        self.logins.keep(self.sandbox.server_url, made, self.login, "2100-01-01")
        return made

    def git(self, *arguments: str) -> str:
        who = ["-c", f"user.name={self.login}", "-c", f"user.email={self.login}@example.com"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.clone, check=True, capture_output=True, text=True
        )
        return done.stdout

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **more,
        }

    def gitbot(self, warm: Warm, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return warm.run(list(arguments), self.clone, self.environ(**more))


def person(stage: Stage, folder: Path, login: str = WRITER, branch: str = "main") -> Person:
    """A person with a clone at the branch, whose token is kept."""
    home, clone = folder / login, folder / login / "clone"
    home.mkdir()
    token = stage.sandbox.tokens.get(login)
    address = stage.github.clone_url(stage.name, token or stage.sandbox.tokens[WRITER])
    subprocess.run(["git", "clone", "--quiet", "--branch", branch, address, str(clone)], check=True)
    made = Person(stage.sandbox, login, clone, home)
    made.sign_in()
    return made
