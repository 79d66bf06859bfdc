"""Tell who calls, and what they may do in a repository. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot_sandbox.github.entities import ROLES, App, Repository, User
from gitbot_sandbox.github.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who makes a call: a user, an App's installation (``app``), or nobody.

    ``jwt`` is set when an App calls with its own key, which opens only ``/app``.
    """

    user: User | None = None
    app: App | None = None
    jwt: bool = False

    @property
    def login(self) -> str | None:
        """The login under which the caller's changes appear."""
        return self.user.login if self.user else None


NOBODY = Actor()


def role_of(store: Store, repository: Repository, login: str) -> str:
    """The role name of a user in the repository, ``none`` to ``admin``."""
    wanted = login.lower()
    owner = store.user(repository.owner)
    if wanted == repository.owner.lower():
        return "admin"
    granted = next((r for k, r in repository.permissions.items() if k.lower() == wanted), "none")
    if owner is not None and owner.members:
        member = next((r for k, r in owner.members.items() if k.lower() == wanted), None)
        if member == "admin":
            return "admin"
        if member is not None:
            granted = max(granted, "read", key=ROLES.index)
    if not repository.private:
        granted = max(granted, "read", key=ROLES.index)
    return granted


def role(store: Store, repository: Repository, actor: Actor) -> str:
    """The role of the caller. An App's installation may write in its account's repositories."""
    if actor.app is not None and not actor.jwt:
        if actor.app.account.lower() == repository.owner.lower():
            return "maintain"
        return "none" if repository.private else "read"
    if actor.user is None:
        return "none" if repository.private else "read"
    return role_of(store, repository, actor.user.login)


def at_least(role_name: str, needed: str) -> bool:
    """Whether a role includes the needed one."""
    return ROLES.index(role_name) >= ROLES.index(needed)


def coarse(role_name: str) -> str:
    """The old permission name of a role: triage counts as read and maintain as write."""
    return {"triage": "read", "maintain": "write"}.get(role_name, role_name)
