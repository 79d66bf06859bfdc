"""Hold the running local GitHub: its data, git repositories, deliveries and addresses. Shell."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from gitbot_sandbox.clock import VirtualClock
from gitbot_sandbox.github.courier import Courier
from gitbot_sandbox.github.entities import Repository, Token, User
from gitbot_sandbox.github.faults import Faults
from gitbot_sandbox.github.gitobjects import Person
from gitbot_sandbox.github.gitrepo import GitRepository
from gitbot_sandbox.github.store import Store, wall_clock


class Hub:
    """The running local GitHub. ``base_url`` is set once the port is known."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base_url = ""
        self.store = Store()
        self.faults = Faults()
        self.courier = Courier()
        self.clock = VirtualClock(root / "clock")
        self.undecided = 0  # how many more reads of open pull requests get "not yet"
        self.device_interval_s = 5  # between two questions about one login
        self.sees_merges = True  # whether a pushed merge closes its pull request at once

    @property
    def api_url(self) -> str:
        """The root of the REST API, in the form of GitHub Enterprise."""
        return f"{self.base_url}/api/v3"

    def now(self) -> datetime:
        """GitHub's time."""
        return wall_clock()

    def git(self, repository: Repository | int) -> GitRepository:
        """The bare repository on disk. Its folder is named by id, so renaming moves nothing."""
        id_ = repository if isinstance(repository, int) else repository.id
        return GitRepository(self.root / f"{id_}.git")

    def new_token(self, login: str, *, prefix: str = "ghp_") -> str:
        """Make a token of a user; it never expires."""
        value = prefix + secrets.token_hex(18)
        self.store.tokens[value] = Token(login=login)
        return value

    def user(self, login: str) -> User:
        """The user of this login. Raises KeyError."""
        found = self.store.user(login)
        if found is None:
            raise KeyError(f"there is no user {login!r}")
        return found

    def repository(self, full_name: str) -> Repository:
        """The repository of this name (``owner/name``). Raises KeyError."""
        owner, _, name = full_name.partition("/")
        found = self.store.repository(owner, name)
        if found is None:
            raise KeyError(f"there is no repository {full_name!r}")
        return found

    def person(self, login: str) -> Person:
        """The user as an author of commits."""
        user = self.user(login)
        return Person(name=user.name or user.login, email=user.email)

    def user_of_email(self, email: str) -> User | None:
        """The user whose address this is."""
        wanted = email.lower()
        return next((u for u in self.store.users.values() if u.email.lower() == wanted), None)
