"""Decides who is mentioned in a warning, so that somebody who can read it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from gitbot.model.desired import Environment

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?")
_TEAM = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")


def mentions(
    *,
    author: str | None,
    labels: Mapping[str, str],
    rules: Environment | None,
    reads: Callable[[str], bool],
    members: Callable[[str], Iterable[str]],
) -> tuple[str, ...]:
    """Logins and teams (``org/team``) to mention; empty when nobody who can read it is known.

    The owner comes first: who wrote the merged pull request that brought the stack, and the label
    ``owner`` if it is a login or a team. Without one, the teams that may apply in the environment;
    without those, the people who may. ``reads`` says whether a login can read the repository, and
    ``members`` who is in a team that is seen here. A team counts when one of its people can read
    the repository: elsewhere, mentioning it tells nobody.
    """
    label = labels.get("owner", "").removeprefix("@")
    owners = [each for each in (author, label) if each and _LOGIN.fullmatch(each)]

    def heard(team: str) -> bool:
        return any(reads(member) for member in members(team))

    team = [label] if _TEAM.fullmatch(label) and heard(label) else []
    found = [*_readers(owners, reads), *team]
    if found:
        return tuple(dict.fromkeys(found))
    grant = rules.grants.get("apply") if rules else None
    if grant is None:
        return ()
    teams = tuple(each for each in sorted(grant.teams) if heard(each))
    return teams or tuple(_readers(sorted(grant.users), reads))


def _readers(logins: Sequence[str], reads: Callable[[str], bool]) -> list[str]:
    return [each for each in logins if reads(each)]
