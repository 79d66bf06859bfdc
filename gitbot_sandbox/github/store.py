"""Hold everything of a local GitHub behind one lock. Shell."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from gitbot_sandbox.github.entities import (
    App,
    DeviceLogin,
    Hook,
    Registration,
    Repository,
    Team,
    Token,
    User,
)


def wall_clock() -> datetime:
    """The aware UTC instant of this machine. It is GitHub's time, not gitbot's."""
    return datetime.fromtimestamp(time.time(), UTC)


class Store:
    """All entities. Callers hold ``lock`` while they read or write."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.teams: dict[tuple[str, str], Team] = {}
        self.apps: dict[int, App] = {}
        self.registrations: dict[str, Registration] = {}
        self.tokens: dict[str, Token] = {}
        self.device_logins: dict[str, DeviceLogin] = {}
        self.repositories: dict[int, Repository] = {}
        self.hooks: dict[int, Hook] = {}
        self._ids: Iterator[int] = itertools.count(1001)

    def new_id(self) -> int:
        """An id that nothing else in this store has."""
        return next(self._ids)

    def user(self, login: str) -> User | None:
        """The user or organization of this login, in any letter case."""
        return self.users.get(login.lower())

    def repository(self, owner: str, name: str) -> Repository | None:
        """The repository of this name, in any letter case."""
        wanted = f"{owner}/{name}".lower()
        return next(
            (r for r in self.repositories.values() if r.full_name.lower() == wanted),
            None,
        )
