"""Revision 0004 forgets who opened a pull request, and keeps the digests that were shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic import command as alembic
from alembic.config import Config

import gitbot.adapters.stores.migrations
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.tables.columns import Instant
from gitbot.model.said import SaidComment, ShownDigest, Topic, TopicKind
from tests.contract.records_world import HEAD, STACK

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_shown_digests_are_filled_from_runs_and_pushers_are_heard_anew(tmp_path: Path) -> None:
    path = tmp_path / "gitbot.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    _upgrade_to_0003(engine)
    with engine.begin() as connection:
        key = {"repository": "7", "head": HEAD, "pusher": "ana"}
        _insert(connection, "pushes", key)
        said = {"repository": "7", "number": 5, "kind": "plan", "subject": ""}
        _insert(connection, "said_comments", {**said, "comment": 11, "body_hash": "h"})
        for number, (digest, shown_at, pull_request) in enumerate(
            [
                ("d1", AT + timedelta(hours=1), 5),
                ("d1", AT, 5),
                ("d2", AT, None),
                ("d3", None, 5),
            ]
        ):
            _insert(connection, "runs", _run(number, digest, shown_at, pull_request))
    engine.dispose()

    migrated = open_database(path)

    records = sql_records(migrated)
    assert records.pull_requests.shown_digests("7", 5) == (
        ShownDigest(stack=STACK, digest="d1", shown_at=AT),
    )
    assert records.pull_requests.pushers("7", [HEAD]) == {}
    plan = records.said.comment("7", 5, Topic(kind=TopicKind.PLAN))
    assert plan == SaidComment(comment=11, body_hash="h")
    migrated.dispose()


def _upgrade_to_0003(engine: sa.Engine) -> None:
    config = Config()
    folder = Path(gitbot.adapters.stores.migrations.__file__).parent
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0003")


def _run(
    number: int, digest: str, shown_at: datetime | None, pull_request: int | None
) -> dict[str, object]:
    return {
        "id": f"run-{number}",
        "kind": "plan",
        "repository": STACK.repository,
        "environment": STACK.environment,
        "stack": STACK.name,
        "region": STACK.region,
        "commit_id": HEAD,
        "tip": HEAD,
        "status": "planned",
        "digest": digest,
        "actor": "ana",
        "started_at": AT,
        "shown_at": shown_at,
        "pull_request": pull_request,
    }


def _insert(connection: sa.Connection, table: str, values: dict[str, object]) -> None:
    columns = [sa.column(n, Instant() if n.endswith("_at") else None) for n in values]
    connection.execute(sa.insert(sa.table(table, *columns)).values(**values))
