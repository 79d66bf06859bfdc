"""Give facts types: split runs from their documents, and replace named slots by tables. Shell.

Everything is kept but the marks of pull requests: each open one is planned once more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.tables.columns import Document, Instant

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

_BATCH = 500
_RUN_INDEXES = ("ix_runs_by_status", "ix_runs_of_pull_request", "ix_runs_of_stack")


def upgrade() -> None:
    """Make the new tables, move the rows, drop the old tables."""
    connection = op.get_bind()
    _make_tables()
    _fill_places(connection)
    _split_runs(connection)
    _list_stacks_of_pull_requests(connection)
    _type_commands(connection)
    _split_slots(connection)
    op.drop_table("slots")
    op.drop_table("pull_request_marks")


# --- new tables ----------------------------------------------------------------------------------


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _table(name: str, *columns: sa.Column[Any], key: int) -> None:
    """Make a table whose first ``key`` columns are its primary key."""
    names = [column.name for column in columns[:key]]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{name}")))


def _make_tables() -> None:
    _make_tables_of_runs()
    _make_tables_of_said_things()
    _make_tables_of_pull_requests()


def _make_tables_of_runs() -> None:
    _table(
        "run_documents",
        _text("run"),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        key=1,
    )
    _table(
        "pull_request_stacks",
        _text("repository"),
        _number("pull_request"),
        _text("environment"),
        _text("stack"),
        _text("region"),
        sa.Column("applied_before_merge", sa.Boolean(), nullable=False),
        key=5,
    )


def _make_tables_of_said_things() -> None:
    _table(
        "said_comments",
        _text("repository"),
        _number("number"),
        _text("kind"),
        _text("subject"),
        _number("comment"),
        _text("body_hash"),
        key=4,
    )
    _table(
        "said_checks",
        _text("repository"),
        _text("commit_id"),
        _text("name"),
        _text("body_hash"),
        key=3,
    )
    _table(
        "told",
        _text("repository"),
        _text("environment"),
        _text("occasion"),
        _number("pull_request"),
        key=4,
    )


def _make_tables_of_pull_requests() -> None:
    _table(
        "fork_heads",
        _text("repository"),
        _number("pull_request"),
        _text("head"),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leave", sa.Text(), nullable=True),
        key=3,
    )
    _table(
        "planned_pull_requests",
        _text("repository"),
        _number("pull_request"),
        _text("mark"),
        key=2,
    )


# --- state ---------------------------------------------------------------------------------------


def _fill_places(connection: Connection) -> None:
    """Copy account and region of each recorded object out of its body."""
    for name, key in (("resources", "address"), ("deposed", "operation"), ("intents", "operation")):
        for column in ("account", "region"):
            op.add_column(
                name, sa.Column(column, sa.Text(), nullable=False, server_default=sa.text("''"))
            )
        table = sa.table(name, *map(sa.column, ("stack", key, "body", "account", "region")))
        for row in connection.execute(sa.select(table)).all():
            body = json.loads(row.body)
            resource = body.get("resource", body)
            connection.execute(
                sa.update(table)
                .where(table.c.stack == row.stack, table.c[key] == row[1])
                .values(account=resource["account"], region=resource["region"])
            )
    op.create_index("ix_resources_by_place", "resources", ["stack", "account", "region"])


# --- runs ----------------------------------------------------------------------------------------


def _split_runs(connection: Connection) -> None:
    """Move plans and results to ``run_documents`` and fill ``does`` from the plans."""
    op.add_column("runs", sa.Column("command", sa.Text(), nullable=True))
    op.add_column(
        "runs", sa.Column("does", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name in _RUN_INDEXES:
        op.drop_index(name, "runs")
    _move_documents(connection)
    connection.execute(sa.text("UPDATE runs SET digest = '' WHERE digest IS NULL"))
    with op.batch_alter_table("runs") as batch:
        batch.drop_column("plan")
        batch.drop_column("result")
        batch.alter_column("digest", existing_type=sa.Text(), nullable=False)
    stack = ["repository", "environment", "stack", "region"]
    shown = [*stack, "pull_request", "kind"]
    status = ["repository", "environment", "kind", "status", "head", "shown_at"]
    op.create_index("ix_runs_of_stack", "runs", [*stack, "kind", "status", "sequence"])
    op.create_index("ix_runs_of_command", "runs", ["command", "sequence"])
    op.create_index("ix_runs_by_status", "runs", status)
    op.create_index("ix_runs_shown", "runs", [*shown, "shown_at", "sequence"])
    op.create_index("ix_runs_shown_with_digest", "runs", [*shown, "digest", "shown_at", "sequence"])
    op.create_index("ix_runs_by_start", "runs", ["started_at", "sequence"])


def _move_documents(connection: Connection) -> None:
    runs = sa.table(
        "runs",
        sa.column("sequence", sa.BigInteger()),
        sa.column("id", sa.Text()),
        sa.column("does", sa.Boolean()),
        sa.column("plan", Document()),
        sa.column("result", Document()),
    )
    documents = sa.table(
        "run_documents",
        sa.column("run", sa.Text()),
        sa.column("plan", Document()),
        sa.column("result", Document()),
    )
    last = 0
    query = sa.select(runs).order_by(runs.c.sequence).limit(_BATCH)
    while found := connection.execute(query.where(runs.c.sequence > last)).all():
        last = found[-1].sequence
        rows = [
            {"run": row.id, "plan": row.plan, "result": row.result}
            for row in found
            if row.plan is not None
        ]
        if rows:
            connection.execute(sa.insert(documents), rows)
        doing = [row.id for row in found if row.plan is not None and _does(json.loads(row.plan))]
        connection.execute(sa.update(runs).where(runs.c.id.in_(doing)).values(does=True))


def _does(plan: dict[str, Any]) -> bool:
    """Whether the plan does anything, as ``not Plan.empty`` said when this revision was written."""
    changes = plan.get("changes", [])
    return bool(plan.get("outputs")) or any(
        change["action"] != "no-op" or change.get("moved_from") is not None for change in changes
    )


def _list_stacks_of_pull_requests(connection: Connection) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO pull_request_stacks (repository, pull_request, environment, stack, region,"
            " applied_before_merge)"
            " SELECT repository, pull_request, environment, stack, region,"
            " MAX(CASE WHEN kind = 'apply' AND head IS NOT NULL THEN 1 ELSE 0 END) = 1"
            " FROM runs WHERE pull_request IS NOT NULL"
            " GROUP BY repository, pull_request, environment, stack, region"
        )
    )


# --- commands ------------------------------------------------------------------------------------


def _commands() -> sa.TableClause:
    texts = ("source", "repository", "author", "verb", "arguments", "status", "accepted", "answer")
    return sa.table(
        "commands",
        *(sa.column(name, sa.Text()) for name in texts),
        *(sa.column(name, sa.BigInteger()) for name in ("comment", "line", "number")),
        sa.column("on_pull_request", sa.Boolean()),
        sa.column("text_at", Instant()),
        sa.column("written_at", Instant()),
    )


def _type_commands(connection: Connection) -> None:
    """Give each command columns of its own instead of one JSON body."""
    op.drop_index("ix_commands_open", "commands")
    op.rename_table("commands", "old_commands")
    if connection.dialect.name == "postgresql":
        op.drop_constraint("pk_commands", "old_commands")
    _table(
        "commands",
        _text("source"),
        _number("comment"),
        sa.Column("text_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        _text("repository"),
        _number("number"),
        sa.Column("on_pull_request", sa.Boolean(), nullable=False),
        _text("author"),
        _text("verb"),
        _text("arguments"),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _text("status"),
        sa.Column("accepted", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        key=4,
    )
    op.create_index("ix_commands_by_status", "commands", ["repository", "status"])
    old = sa.table("old_commands", *map(sa.column, ("comment", "line", "status", "answer", "body")))
    query = sa.select(old).order_by(old.c.comment, old.c.line)
    for rows in _in_batches(connection, query, _command_row):
        connection.execute(sa.insert(_commands()), rows)
    op.drop_table("old_commands")


def _in_batches(
    connection: Connection, query: sa.Select[Any], made: Callable[[Any], dict[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    for found in connection.execute(query).partitions(_BATCH):
        yield [made(row) for row in found]


def _command_row(row: Any) -> dict[str, Any]:
    body = json.loads(row.body)
    written_at = datetime.fromisoformat(body["written_at"])
    arguments = {name: body[name] for name in ("environment", "digest") if body.get(name)}
    return {
        "source": "comment",
        "comment": row.comment,
        "text_at": written_at.replace(microsecond=0),
        "line": row.line,
        "repository": body["repository"],
        "number": body["pull_request"],
        "on_pull_request": True,
        "author": body["author"],
        "verb": body["verb"],
        "arguments": json.dumps(arguments),
        "written_at": written_at,
        "status": row.status,
        "accepted": None,
        "answer": row.answer,
    }


# --- slots ---------------------------------------------------------------------------------------


def _split_slots(connection: Connection) -> None:
    """Move each slot to the table that the first word of its name stands for.

    Raises:
        KeyError: no version of gitbot has written such a slot.
    """
    names = ("repository", "pull_request", "name", "remote", "body_hash")
    slots = sa.table("slots", *map(sa.column, names))
    # "fork-told" comes after "fork-leave" in the alphabet, and leave is put into its row.
    order = (slots.c.repository, slots.c.pull_request, slots.c.name.desc())
    for slot in connection.execute(sa.select(slots).order_by(*order)).all():
        kind, _, rest = slot.name.partition(":")
        _SLOTS[kind](connection, slot, rest)


def _insert(connection: Connection, table: str, **row: Any) -> None:
    columns = [
        sa.column(name, Instant() if isinstance(value, datetime) else None)
        for name, value in row.items()
    ]
    connection.execute(sa.insert(sa.table(table, *columns)), row)


def _said(connection: Connection, slot: Any, kind: str, subject: str) -> None:
    _insert(
        connection,
        "said_comments",
        repository=slot.repository,
        number=slot.pull_request,
        kind=kind,
        subject=subject,
        comment=slot.remote,
        body_hash=slot.body_hash,
    )


def _plan_slot(connection: Connection, slot: Any, rest: str) -> None:
    _said(connection, slot, "plan", "")


def _apply_slot(connection: Connection, slot: Any, rest: str) -> None:
    _said(connection, slot, "apply", rest)


def _answer_slot(connection: Connection, slot: Any, rest: str) -> None:
    """``answer:{comment}:{line}``: now named after the command's whole reference."""
    command = _command(connection, rest)
    if command is not None:
        at = int(command.text_at.timestamp())
        _said(connection, slot, "answer", f"comment:{command.comment}:{at}:{command.line}")


def _told_slot(connection: Connection, slot: Any, rest: str) -> None:
    environment, _, occasion = rest.partition(":")
    _insert(
        connection,
        "told",
        repository=slot.repository,
        environment=environment,
        occasion=occasion,
        pull_request=slot.pull_request,
    )


def _check_slot(connection: Connection, slot: Any, rest: str) -> None:
    """``check:{name}:{head}``. The text of the check was not kept, so the check is written once
    more."""
    name, _, head = rest.rpartition(":")
    key = {"repository": slot.repository, "commit_id": head, "name": name}
    table = sa.table("said_checks", *map(sa.column, key))
    # Two pull requests may have the same head.
    conditions = [table.c[column] == value for column, value in key.items()]
    if connection.execute(sa.select(table).where(*conditions)).first() is None:
        _insert(connection, "said_checks", **key, body_hash=slot.body_hash)


def _fork_told_slot(connection: Connection, slot: Any, rest: str) -> None:
    _insert(
        connection,
        "fork_heads",
        repository=slot.repository,
        pull_request=slot.pull_request,
        head=rest,
        told_at=datetime.fromtimestamp(slot.remote, UTC),
    )


def _fork_leave_slot(connection: Connection, slot: Any, rest: str) -> None:
    table = sa.table("fork_heads", *map(sa.column, ("repository", "pull_request", "head", "leave")))
    connection.execute(
        sa.update(table)
        .where(
            table.c.repository == slot.repository,
            table.c.pull_request == slot.pull_request,
            table.c.head == rest,
        )
        .values(leave=f"comment:{slot.remote}")
    )


def _accepted_slot(connection: Connection, slot: Any, rest: str) -> None:
    """``accepted:{job}:{environment}:{comment}:{line}``: now a fact of the command itself."""
    job, environment, name = rest.split(":", 2)
    command = _command(connection, name)
    if command is None:
        return
    accepted: dict[str, Any] = {
        "what": "pull-request" if job == "apply_pull_request" else "tip",
        "environment": environment,
    }
    digest = json.loads(command.arguments).get("digest")
    if job == "apply_environment" and digest and command.status == "heard":
        accepted["runs"] = _held(connection, slot, environment, digest)
    table = _commands()
    connection.execute(
        sa.update(table)
        .where(table.c.comment == command.comment, table.c.line == command.line)
        .values(
            accepted=json.dumps(accepted),
            status="accepted" if command.status == "heard" else command.status,
        )
    )


def _command(connection: Connection, name: str) -> Any:
    """The command that ``{comment}:{line}`` names; None when it is not known."""
    comment, line = name.split(":")
    table = _commands()
    return connection.execute(
        sa.select(table).where(table.c.comment == int(comment), table.c.line == int(line))
    ).one_or_none()


def _held(connection: Connection, slot: Any, environment: str, digest: str) -> list[str]:
    """The held applies that the command names by the first digits of their digest."""
    names = ("id", "repository", "environment", "kind", "status", "pull_request", "digest")
    table = sa.table("runs", *map(sa.column, names), sa.column("sequence"))
    query = (
        sa.select(table.c.id)
        .where(
            table.c.repository == slot.repository,
            table.c.environment == environment,
            table.c.kind == "apply",
            table.c.status == "held",
            table.c.digest.startswith(digest.lower(), autoescape=True),
            sa.or_(table.c.pull_request.is_(None), table.c.pull_request == slot.pull_request),
        )
        .order_by(table.c.sequence)
    )
    return list(connection.scalars(query))


_SLOTS: dict[str, Callable[[Connection, Any, str], None]] = {
    "plan": _plan_slot,
    "apply": _apply_slot,
    "answer": _answer_slot,
    "told": _told_slot,
    "check": _check_slot,
    "fork-told": _fork_told_slot,
    "fork-leave": _fork_leave_slot,
    "accepted": _accepted_slot,
}
