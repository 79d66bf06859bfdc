"""Convert stacks, environments and pull requests to columns, and back. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gitbot.model.commands import CommandRef, Source
from gitbot.model.names import EnvironmentKey, StackId


def of_environment(
    table: sa.FromClause, environment: EnvironmentKey
) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the environment's rows."""
    return (
        table.c.repository == environment.repository,
        table.c.environment == environment.environment,
    )


def of_stack(table: sa.FromClause, stack: StackId) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the stack's rows."""
    return (
        *of_environment(table, stack.environment_key),
        table.c.stack == stack.name,
        table.c.region == stack.region,
    )


def of_pull_request(
    table: sa.FromClause, repository: str, number: int
) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the pull request's rows."""
    return (table.c.repository == repository, table.c.pull_request == number)


def stack_columns(stack: StackId) -> dict[str, str]:
    """The columns that name a stack."""
    return {
        "repository": stack.repository,
        "environment": stack.environment,
        "stack": stack.name,
        "region": stack.region,
    }


def stack_of(row: Any) -> StackId:
    """The stack that the row's columns name."""
    return StackId(
        repository=row.repository,
        environment=row.environment,
        name=row.stack,
        region=row.region,
    )


def command_ref(text: str) -> CommandRef:
    """The reference that ``str`` made the text from. Raises ValueError on another text."""
    source, comment, text_at, line = text.split(":")
    return CommandRef(
        source=Source(source),
        comment=int(comment),
        text_at=datetime.fromtimestamp(int(text_at), UTC),
        line=int(line),
    )
