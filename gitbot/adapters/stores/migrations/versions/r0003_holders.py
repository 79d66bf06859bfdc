"""Find the stack that has an object in state by the object's identifier. Shell."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_resources_by_object", "resources", ["remote_id", "type"])
