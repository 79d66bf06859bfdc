"""Keep in an SQL table which pull request holds which stack. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.tables import asked
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.runs import Claim


class _InTheWay(Exception):
    """Rolls the transaction back; carries the claims that stand in the way."""

    def __init__(self, standing: Mapping[StackId, Claim]) -> None:
        self.standing = standing
        super().__init__("claimed by others")


class SqlClaims:
    """The ``Claims`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, claims: Sequence[Claim]) -> Mapping[StackId, Claim]:
        """Take all claims or none, in one transaction, and renew those that the pull request has.

        Returns the claims of *other* pull requests that stand in the way; empty when all were
        taken.
        """
        try:
            with writing(self._engine) as connection:
                _take_all(connection, claims)
        except _InTheWay as stop:
            return stop.standing
        return {}

    def of_environment(self, environment: EnvironmentKey) -> tuple[Claim, ...]:
        """The environment's standing claims, by stack."""
        return self._claims(*keys.of_environment(asked.claims, environment))

    def of_repository(self, repository: str) -> tuple[Claim, ...]:
        """All standing claims of the repository, by stack."""
        return self._claims(asked.claims.c.repository == repository)

    def of_pull_request(self, repository: str, number: int) -> tuple[Claim, ...]:
        """The pull request's standing claims, by stack."""
        return self._claims(*keys.of_pull_request(asked.claims, repository, number))

    def _claims(self, *conditions: sa.ColumnElement[bool]) -> tuple[Claim, ...]:
        with reading(self._engine) as connection:
            found = connection.execute(sa.select(asked.claims).where(*conditions))
            return tuple(sorted(map(_claim, found), key=lambda claim: claim.stack))

    def close(self, repository: str, number: int) -> None:
        """Mark the claims of a pull request that was closed unmerged.

        They end when the tip has been applied again.
        """
        self._set_closed(repository, number, closed=True)

    def reopen(self, repository: str, number: int) -> None:
        """Mark the claims of a pull request that is open again as not closed."""
        self._set_closed(repository, number, closed=False)

    def _set_closed(self, repository: str, number: int, *, closed: bool) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(asked.claims)
                .where(*keys.of_pull_request(asked.claims, repository, number))
                .values(closed=closed)
            )

    def release(self, stacks: Collection[StackId]) -> None:
        """End the claims."""
        with writing(self._engine) as connection:
            for stack in sorted(stacks):
                connection.execute(
                    sa.delete(asked.claims).where(*keys.of_stack(asked.claims, stack))
                )


def _take_all(connection: Connection, claims: Sequence[Claim]) -> None:
    """Take the claims. Raises _InTheWay when any stack is held by another pull request."""
    standing: dict[StackId, Claim] = {}
    # Always in the order of stacks, so that two calls cannot deadlock.
    for claim in sorted(claims, key=lambda claim: claim.stack):
        holder = _take(connection, claim)
        if holder.pull_request != claim.pull_request:
            standing[claim.stack] = holder
    if standing:
        raise _InTheWay(standing)


def _take(connection: Connection, claim: Claim) -> Claim:
    """Take one claim if it is free or the pull request's own; returns the claim that stands."""
    row = _row(claim)
    where = keys.of_stack(asked.claims, claim.stack)
    query = sa.select(asked.claims).where(*where).with_for_update()
    while not insert_once(connection, asked.claims, row):
        found = connection.execute(query).one_or_none()
        if found is None:
            continue  # it was released between the two statements
        standing = _claim(found)
        if standing.pull_request != claim.pull_request:
            return standing
        connection.execute(sa.update(asked.claims).where(*where).values(**row))
        break
    return claim


def _row(claim: Claim) -> dict[str, Any]:
    return {
        **keys.stack_columns(claim.stack),
        "pull_request": claim.pull_request,
        "claimed_by": claim.claimed_by,
        "claimed_at": claim.claimed_at,
        "head": claim.head,
        "closed": claim.closed,
    }


def _claim(row: Any) -> Claim:
    return Claim(
        stack=keys.stack_of(row),
        pull_request=row.pull_request,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        head=Sha(row.head),
        closed=row.closed,
    )
