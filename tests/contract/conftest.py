"""Give tests each database that stores run on (SQLite, and PostgreSQL if it is installed), and a world to walk in."""

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
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import LocalAws
from tests.contract.empty_database import open_empty
from tests.contract.walk_world import WalkWorld


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """An AWS on this machine, for the tests of a module."""
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[WalkWorld]:
    """A store, and a cloud without anything in it."""
    local_aws.reset()
    world = WalkWorld(local_aws, open_catalog(), tmp_path)
    yield world
    world.engine.dispose()


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
