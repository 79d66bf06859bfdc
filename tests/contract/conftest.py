"""Give tests each database that stores run on: SQLite, and PostgreSQL if it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.tables import metadata
from gitbot.ports.records import Records
from tests.contract.empty_database import open_empty


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database of gitbot in a file."""
    made = open_empty(tmp_path / "gitbot.db")
    yield made
    made.dispose()


@pytest.fixture
def postgresql_engine(postgres_url: str) -> Iterator[Engine]:
    """An empty database of gitbot on a server."""
    made = open_database(postgres_url)
    names = ", ".join(metadata.tables)
    with made.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield made
    made.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An empty database of gitbot, on each that it runs on."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def records(engine: Engine) -> Records:
    return sql_records(engine)
