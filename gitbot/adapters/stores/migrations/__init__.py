"""The append-only Alembic revisions that ``open_database`` runs. Pure."""

HEAD = "0002"
"""The newest revision in ``versions``: what a database must be at for this code to use it."""
