"""Revision 0008 takes no earlier plan for shown whole, and plans open pull requests once more."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command as alembic
from alembic.config import Config

import gitbot.adapters.stores.migrations


def test_earlier_plans_count_as_not_shown_whole_and_are_made_again(tmp_path: Path) -> None:
    """The kind: what nobody checked before an upgrade counts as checked after it."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'gitbot.db'}")
    config = Config()
    folder = Path(gitbot.adapters.stores.migrations.__file__).parent
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0007")
        connection.execute(
            sa.text(
                "INSERT INTO runs (id, kind, repository, environment, stack, region, commit_id, tip,"
                " status, digest, actor, started_at) VALUES ('r', 'plan', '1', 'dev', 'web', 'x', 'c',"
                " 't', 'planned', 'd', 'ada', '2026-01-01')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO planned_pull_requests (repository, pull_request, mark)"
                " VALUES ('1', 7, '{}')"
            )
        )
        alembic.upgrade(config, "0008")
        assert connection.scalar(sa.text("SELECT shown_whole FROM runs")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM planned_pull_requests")) == 0
    engine.dispose()
