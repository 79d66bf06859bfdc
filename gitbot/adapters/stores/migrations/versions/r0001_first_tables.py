"""Make the first tables: state with its leases, and what was heard, planned and done. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def _counter() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables in an empty database."""
    _state()
    _heard()
    _known()
    _done()


def _state() -> None:
    op.create_table(
        "leases",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("repository", "environment", name=op.f("pk_leases")),
    )
    op.create_table(
        "stacks",
        sa.Column("id", _counter(), autoincrement=True, nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("desired_hash", sa.Text(), nullable=True),
        sa.Column("commit_id", sa.Text(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stacks")),
        sa.UniqueConstraint(
            "repository",
            "environment",
            "name",
            "region",
            name=op.f("uq_stacks_repository_environment_name_region"),
        ),
    )
    op.create_table(
        "resources",
        sa.Column("stack", _counter(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stack"], ["stacks.id"], name=op.f("fk_resources_stack")),
        sa.PrimaryKeyConstraint("stack", "address", name=op.f("pk_resources")),
    )
    op.create_table(
        "deposed",
        sa.Column("stack", _counter(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stack"], ["stacks.id"], name=op.f("fk_deposed_stack")),
        sa.PrimaryKeyConstraint("stack", "operation", name=op.f("pk_deposed")),
    )
    op.create_table(
        "intents",
        sa.Column("stack", _counter(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stack"], ["stacks.id"], name=op.f("fk_intents_stack")),
        sa.PrimaryKeyConstraint("stack", "operation", name=op.f("pk_intents")),
    )


def _heard() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_heard_at"), "deliveries", ["heard_at"], unique=False)
    op.create_table(
        "commands",
        sa.Column("comment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("comment", "line", name=op.f("pk_commands")),
    )
    op.create_index(
        "ix_commands_open", "commands", ["repository", "status", "written_at"], unique=False
    )
    op.create_table(
        "claims",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("pull_request", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "repository", "environment", "stack", "region", name=op.f("pk_claims")
        ),
    )
    op.create_index(
        "ix_claims_of_pull_request", "claims", ["repository", "pull_request"], unique=False
    )
    op.create_table(
        "pushes",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("pusher", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "head", name=op.f("pk_pushes")),
    )


def _known() -> None:
    op.create_table(
        "slots",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("pull_request", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("remote", sa.BigInteger(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "pull_request", "name", name=op.f("pk_slots")),
    )
    op.create_table(
        "pull_request_marks",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("pull_request", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "pull_request", name=op.f("pk_pull_request_marks")),
    )
    op.create_table(
        "applied_tips",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("tip", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "environment", name=op.f("pk_applied_tips")),
    )
    op.create_table(
        "repositories",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repositories")),
        sa.UniqueConstraint("lookup", name=op.f("uq_repositories_lookup")),
    )


def _done() -> None:
    op.create_table(
        "runs",
        sa.Column("sequence", _counter(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("commit_id", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("tip", sa.Text(), nullable=False),
        sa.Column("pull_request", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("reviewed_digest", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_runs_id")),
    )
    op.create_index(
        "ix_runs_by_status",
        "runs",
        ["repository", "environment", "status", "sequence"],
        unique=False,
    )
    op.create_index(
        "ix_runs_of_pull_request", "runs", ["repository", "pull_request", "sequence"], unique=False
    )
    op.create_index(
        "ix_runs_of_stack",
        "runs",
        ["repository", "environment", "stack", "region", "sequence"],
        unique=False,
    )
    op.create_table(
        "audit",
        sa.Column("sequence", _counter(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
