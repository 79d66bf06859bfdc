"""Decides who may give which command in an environment. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.errors import RefusedError
from gitbot.language.files import home_path_of
from gitbot.model.desired import PERMISSION_ORDER, Environment, Grant, Permission

DEFAULT_GRANT = Grant(permission=Permission.WRITE)
FALLBACK = "apply"
"""A command without its own entry in ``permissions`` uses the entry of this command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person on GitHub: their permission on the repository, and their teams among the grant's.

    ``account`` is the id of their account, ``first_account`` the one from which the first command
    under this login came; None where it is not known. A login can be given up and taken by others.
    """

    user: str
    permission: Permission
    teams: frozenset[str] = frozenset()
    account: int | None = None
    first_account: int | None = None

    @property
    def is_another(self) -> bool:
        """Whether the login belonged to somebody else before."""
        return None not in (self.account, self.first_account) and self.account != self.first_account


def at_least(permission: Permission, wanted: Permission) -> bool:
    """Whether ``permission`` includes ``wanted``."""
    return PERMISSION_ORDER.index(permission) >= PERMISSION_ORDER.index(wanted)


def grant_of(environment: Environment, verb: str) -> Grant:
    """The grant for the command: its own entry, else that of ``apply``, else write access."""
    grants = environment.grants
    return grants.get(verb) or grants.get(FALLBACK) or DEFAULT_GRANT


def may(grant: Grant, person: Person) -> bool:
    """Whether the grant covers the person.

    Nobody may do anything without read access. Who took over the login of a listed user is not that
    user, unless their own permission says that they belong here.
    """
    if not at_least(person.permission, Permission.READ):
        return False
    if grant.permission is not None and at_least(person.permission, grant.permission):
        return True
    if grant.teams & person.teams:
        return True
    listed = person.user.lower() in {name.lower() for name in grant.users}
    return listed and (not person.is_another or at_least(person.permission, Permission.WRITE))


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
    if may(grant, person):
        return
    refused = f"{person.user} may not `{verb}` in {environment.name}"
    if not at_least(person.permission, Permission.READ):
        raise RefusedError(f"{refused}: they have no access to this repository")
    taken = ""
    if person.is_another and person.user.lower() in {name.lower() for name in grant.users}:
        taken = ". Another account gave commands under this name before, so the name alone is not enough"
    raise RefusedError(
        f"{refused}: that takes {describe(grant)} ({_where(environment, verb)}){taken}"
    )


def _where(environment: Environment, verb: str) -> str:
    """Where the grant for the command stands."""
    file = f"{home_path_of(environment.name)} on the tracked branch"
    entry = next((name for name in (verb, FALLBACK) if name in environment.grants), None)
    if entry is None:
        return f"the default: {file} has no `permissions` for it"
    return f"`permissions.{entry}` in {file}"
