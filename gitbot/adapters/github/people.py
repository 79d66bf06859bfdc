"""Tell who is who on GitHub, and who may do what. Shell.

https://docs.github.com/en/rest/collaborators/collaborators ·
https://docs.github.com/en/rest/teams/members
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gitbot.adapters.github import shapes
from gitbot.adapters.github.part import Part, or_else
from gitbot.model.desired import Permission


class People(Part):
    """Fits ``ports.People``."""

    @property
    def login(self) -> str:
        """The name that gitbot writes under; for an App it is ``slug[bot]``."""
        return self._place.sign_in.login

    def permission(self, user: str) -> Permission:
        """The user's right, asked at each call; none for a user that GitHub does not know."""
        name = or_else(
            lambda: self._place.call(
                f"read the permission of {user}",
                lambda repository: repository.get_collaborator_permission(user),
            ),
            "none",
            404,
        )
        return shapes.permission(name)

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
