"""Hold the append-only Alembic revisions that ``open_database`` runs. Pure."""

HEAD = "0031"
"""The newest revision in ``versions``. This code uses only a database that is at it."""
