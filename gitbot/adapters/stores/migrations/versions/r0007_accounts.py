"""Find the first command of an author. Shell."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_commands_by_author", "commands", ["repository", "author", "written_at"])
