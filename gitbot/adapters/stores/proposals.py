"""Keep gitbot's own branches and pull requests in SQL tables. Shell."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.tables.proposals import own_branches, proposal_makers
from gitbot.model.proposals import OwnBranch


class SqlProposals:
    """The ``Proposals`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_branch(self, repository: str, branch: str) -> OwnBranch | None:
        """The branch, if gitbot made it."""
        return self._one(own_branches.c.branch == branch, repository)

    def of_pull_request(self, repository: str, number: int) -> OwnBranch | None:
        """The branch of the pull request, if gitbot opened it."""
        return self._one(own_branches.c.number == number, repository)

    def put(self, own: OwnBranch) -> None:
        """Record the branch; it replaces what was recorded of it."""
        values = {
            "repository": own.repository,
            "branch": own.branch,
            "head": own.head,
            "number": own.number,
        }
        with writing(self._engine) as connection:
            upsert(connection, own_branches, values, ("repository", "branch"))

    def note_makers(self, repository: str, number: int, logins: Collection[str]) -> None:
        """Record the people behind the pull request; earlier records stay."""
        with writing(self._engine) as connection:
            for login in sorted(logins):
                row = {"repository": repository, "pull_request": number, "login": login}
                insert_once(connection, proposal_makers, row)

    def makers(self, repository: str, number: int) -> frozenset[str]:
        """The people behind the pull request."""
        where = keys.of_pull_request(proposal_makers, repository, number)
        query = sa.select(proposal_makers.c.login).where(*where)
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def _one(self, condition: sa.ColumnElement[bool], repository: str) -> OwnBranch | None:
        query = sa.select(own_branches).where(own_branches.c.repository == repository, condition)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(own_branches.c.branch)).first()
        if row is None:
            return None
        return OwnBranch(
            repository=row.repository, branch=row.branch, head=row.head, number=row.number
        )
