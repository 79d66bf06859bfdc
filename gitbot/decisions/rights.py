"""Decides who may give which command in an environment. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.errors import RefusedError
from gitbot.model.desired import PERMISSION_ORDER, Environment, Grant, Permission

DEFAULT_GRANT = Grant(permission=Permission.WRITE)
FALLBACK = "apply"
"""A command without its own entry in ``permissions`` uses the entry of this command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person on GitHub: their permission on the repository, and their teams among the grant's."""

    user: str
    permission: Permission
    teams: frozenset[str] = frozenset()


def at_least(permission: Permission, wanted: Permission) -> bool:
    """Whether ``permission`` includes ``wanted``."""
    return PERMISSION_ORDER.index(permission) >= PERMISSION_ORDER.index(wanted)


def grant_of(environment: Environment, verb: str) -> Grant:
    """The grant for the command: its own entry, else that of ``apply``, else write access."""
    grants = environment.grants
    return grants.get(verb) or grants.get(FALLBACK) or DEFAULT_GRANT


def may(grant: Grant, person: Person) -> bool:
    """Whether the grant covers the person."""
    if person.user.lower() in {name.lower() for name in grant.users} or grant.teams & person.teams:
        return True
    return grant.permission is not None and at_least(person.permission, grant.permission)


def describe(grant: Grant) -> str:
    """The grant in words: ``write access or ada or the team acme/ml``."""
    words = [f"{grant.permission} access"] if grant.permission is not None else []
    words += sorted(grant.users) + [f"the team {team}" for team in sorted(grant.teams)]
    return " or ".join(words) or "nobody"


def require(environment: Environment, verb: str, person: Person) -> None:
    """Return when the person may give the command in the environment.

    Raises:
        RefusedError: they may not; says who may.
    """
    grant = grant_of(environment, verb)
    if not may(grant, person):
        raise RefusedError(
            f"{person.user} may not `{verb}` in {environment.name}: that takes {describe(grant)} "
            f"(`permissions.{verb}` in specs/{environment.name}/environment.yaml on the tracked "
            "branch)"
        )
