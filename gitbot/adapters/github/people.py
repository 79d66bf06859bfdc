"""Tell who is who on GitHub, and who may do what. Shell.

https://docs.github.com/en/rest/collaborators/collaborators ·
https://docs.github.com/en/rest/teams/members
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import github.Repository

from gitbot.adapters.github import shapes
from gitbot.adapters.github.part import Part, or_else
from gitbot.model.desired import Permission


class People(Part):
    """Fits ``ports.People``."""

    @property
    def login(self) -> str:
        """The name that gitbot writes under; for an App it is ``slug[bot]``."""
        return self._place.sign_in.login

    def permission(self, user: str, account: int | None = None) -> Permission:
        """The user's right, asked at each call; none for a user that GitHub does not know.

        None also where the login is now that of another account than ``account``.
        """
        unknown: dict[str, Any] = {}
        found = or_else(
            lambda: self._place.call(
                f"read the permission of {user}", lambda repository: _permission(repository, user)
            ),
            unknown,
            404,
        )
        if account is not None and (found.get("user") or {}).get("id") != account:
            return Permission.NONE
        return shapes.permission(str(found.get("permission", "none")))

    def in_team(self, team: str, user: str) -> bool:
        """Whether the user is an active member of ``org/team``.

        False for a team that does not exist, that belongs to another organization than the
        repository, or that gitbot may not see.
        """
        path = self._path(team)
        if path is None:
            return False
        nobody: dict[str, Any] = {}
        found = or_else(
            lambda: self._place.get(
                f"see whether {user} is in {team}", f"{path}/memberships/{quote(user, safe='')}"
            ),
            nobody,
            403,
            404,
        )
        return bool(found.get("state") == "active")

    def team_members(self, team: str) -> tuple[str, ...]:
        """Up to 30 logins of ``org/team``.

        None for a team that does not exist, that belongs to another organization than the
        repository, or that gitbot may not see.
        """
        path = self._path(team)
        if path is None:
            return ()
        nobody: list[Any] = []
        found = or_else(
            lambda: self._place.get(f"read who is in {team}", f"{path}/members?per_page=30"),
            nobody,
            403,
            404,
        )
        return tuple(str(member["login"]) for member in found)

    def _path(self, team: str) -> str | None:
        """The path of a team of the repository's organization; None for any other."""
        org, _, slug = team.partition("/")
        if org.lower() != self._place.owner.lower() or not slug:
            return None
        return f"/orgs/{quote(org, safe='')}/teams/{quote(slug, safe='')}"


def _permission(repository: github.Repository.Repository, user: str) -> dict[str, Any]:
    """GitHub's whole answer, which also says whose the login is. PyGithub gives a part of it."""
    address = f"{repository.url}/collaborators/{quote(user, safe='')}/permission"
    found: dict[str, Any] = repository.requester.requestJsonAndCheck("GET", address)[1]
    return found
