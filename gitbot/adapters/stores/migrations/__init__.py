"""The database's history: append-only Alembic revisions, run when a database is opened. Pure."""

HEAD = "0002"
"""The newest revision in ``versions``: what a database must be at for this code to use it."""
