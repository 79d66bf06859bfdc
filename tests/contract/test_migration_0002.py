"""Revision 0002 moves every fact of the old tables into the new ones."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection, Engine

import gitbot.adapters.stores.migrations
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.adapters.stores.tables import metadata
from gitbot.model.codec import to_data
from gitbot.model.commands import Accepted, AppliesWhat, Command, CommandRef, CommandStatus, Source
from gitbot.model.names import Address, Sha
from gitbot.model.plan import Action, WalkResult
from gitbot.model.runs import RunKind, RunStatus
from gitbot.model.said import ForkHead, Topic, TopicKind
from gitbot.model.values import canonical_json
from tests.contract.postgres_server import new_database
from tests.contract.records_world import DIGEST, HEAD, STACK, plan
from tests.contract.state_world import ManualClock, resource

WRITTEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Filled: TypeAlias = Callable[[], str]
"""Gives the URL of another database that the first version has filled."""
LARGE = plan(changes=plan().changes * 500)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """Fills databases on SQLite or PostgreSQL."""
    with ExitStack() as stack:

        def fill() -> str:
            if request.param == "sqlite":
                url = f"sqlite:///{tmp_path_factory.mktemp('old') / 'gitbot.db'}"
            else:
                made = stack.enter_context(new_database(request.getfixturevalue("postgres_url")))
                url = made.render_as_string(hide_password=False)
            fill_old(url)
            return url

        yield fill


@pytest.fixture(scope="module")
def engine(filled: Filled) -> Iterator[Engine]:
    """A database that the first version has filled, opened with the tables of this one."""
    made = open_database(filled())
    yield made
    made.dispose()


def fill_old(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        folder = Path(gitbot.adapters.stores.migrations.__file__).parent
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0001")
        fill_runs(connection)
        fill_commands(connection)
        fill_slots(connection)
        fill_others(connection)
        fill_state(connection)
    engine.dispose()


def insert(connection: Connection, name: str, *rows: dict[str, Any]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    for row in rows:
        connection.execute(sa.insert(table).values(**row))


OLD_RUN = {
    "repository": "7",
    "environment": "dev",
    "stack": "trainer",
    "region": "eu-west-1",
    "commit_id": "c" * 40,
    "tip": "b" * 40,
    "actor": "ana",
    "started_at": WRITTEN,
}


def doc(value: Any) -> bytes:
    return canonical_json(to_data(value)).encode()


def fill_runs(connection: Connection) -> None:
    nothing = plan(changes=(), digest="e" * 64)
    request = {"head": HEAD, "pull_request": 5}
    plan_ = {**OLD_RUN, **request, "kind": "plan", "status": "planned"}
    apply = {**OLD_RUN, "kind": "apply"}
    result = doc(WalkResult(done=((Address("bucket"), Action.CREATE),)))
    insert(
        connection,
        "runs",
        {**plan_, "id": "nothing", "digest": "e" * 64, "plan": doc(nothing), "shown_at": WRITTEN},
        {**plan_, "id": "large", "digest": DIGEST, "plan": zlib.compress(doc(LARGE))},
        {**plan_, "id": "unplanned", "status": "failed", "error": "no plan", "pull_request": 6},
        {
            **{**apply, **request},
            "id": "before",
            "status": "applied",
            "digest": DIGEST,
            "plan": doc(plan()),
            "result": result,
            "epoch": 4,
        },
        {**apply, "id": "held", "status": "held", "digest": DIGEST, "plan": doc(plan())},
        {**apply, "id": "not named", "status": "held", "digest": "f" * 64, "plan": doc(plan())},
        {
            **apply,
            "id": "of another request",
            "status": "held",
            "digest": DIGEST,
            "plan": doc(plan()),
            "pull_request": 6,
        },
    )


def fill_commands(connection: Connection) -> None:
    def row(comment: int, line: int, status: str, **more: Any) -> dict[str, Any]:
        body = {
            "comment": comment,
            "line": line,
            "repository": "7",
            "pull_request": 5,
            "author": "ana",
            "verb": "apply",
            "environment": None,
            "digest": None,
            "written_at": WRITTEN.isoformat(),
            **more,
        }
        kept = {"repository": "7", "status": status, "written_at": WRITTEN, "answer": None}
        answer = {"answer": "no right"} if status == "refused" else {}
        return {**kept, **answer, "comment": comment, "line": line, "body": json.dumps(body)}

    insert(
        connection,
        "commands",
        row(100, 0, "heard", environment="dev", digest=DIGEST[:8]),
        row(100, 1, "heard", verb="help"),
        row(101, 0, "done", environment="dev"),
        row(102, 0, "refused", verb="unlock"),
        row(103, 0, "heard"),
    )


def fill_slots(connection: Connection) -> None:
    hashed = "5" * 64
    slots = {
        "plan": 11,
        "apply:dev:apply:1234": 12,
        "apply:dev:100:0": 13,
        "answer:102:0": 14,
        "told:dev:tip:removed:abc": 15,
        f"check:gitbot/plan: dev:{HEAD}": 5,
        f"fork-told:{HEAD}": int(WRITTEN.timestamp()),
        f"fork-leave:{HEAD}": 104,
        f"fork-told:{'9' * 40}": int(WRITTEN.timestamp()) + 1,
        "accepted:apply_environment:dev:100:0": 100,
        "accepted:apply_pull_request:dev:101:0": 101,
        "accepted:apply_environment:prod:103:0": 103,
    }
    for name, remote in slots.items():
        insert(
            connection,
            "slots",
            {
                "repository": "7",
                "pull_request": 5,
                "name": name,
                "remote": remote,
                "body_hash": hashed,
            },
        )
    # Another pull request with the same head has the same check.
    again = {"repository": "7", "pull_request": 6, "name": f"check:gitbot/plan: dev:{HEAD}"}
    insert(connection, "slots", {**again, "remote": 6, "body_hash": hashed})


def fill_others(connection: Connection) -> None:
    insert(connection, "pull_request_marks", {"repository": "7", "pull_request": 5, "mark": "m"})
    insert(connection, "applied_tips", {"repository": "7", "environment": "dev", "tip": "b" * 40})
    insert(
        connection,
        "claims",
        {
            "repository": "7",
            "environment": "dev",
            "stack": "trainer",
            "region": "eu-west-1",
            "pull_request": 5,
            "claimed_by": "ana",
            "claimed_at": WRITTEN,
            "head": HEAD,
            "closed": False,
        },
    )


def fill_state(connection: Connection) -> None:
    insert(
        connection,
        "stacks",
        {
            "id": 1,
            "repository": "7",
            "environment": "dev",
            "name": "trainer",
            "region": "eu-west-1",
            "lineage": "l",
            "serial": 3,
            "outputs": "{}",
            "complete": True,
        },
    )
    mine = resource(region="eu-central-1")
    deposed = {"resource": to_data(resource(account="210987654321")), "operation": "op-1"}
    insert(
        connection,
        "resources",
        {
            "stack": 1,
            "address": "bucket",
            "type": mine.type,
            "remote_id": mine.remote_id,
            "body": canonical_json(to_data(mine)),
        },
    )
    insert(
        connection,
        "deposed",
        {"stack": 1, "operation": "op-1", "since": 2, "body": json.dumps(deposed)},
    )


# --- what is there afterwards ----------------------------------------------------------------------


def test_a_filled_database_gets_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_runs_keep_their_order_their_documents_and_what_they_do(engine: Engine) -> None:
    runs = sql_records(engine).runs

    plans = runs.of_stack(STACK, RunKind.PLAN)
    assert [(each.id, each.does) for each in plans] == [
        ("unplanned", False),
        ("large", True),
        ("nothing", False),
    ]
    assert plans[0].digest == ""
    assert plans[2].shown_at == WRITTEN
    assert runs.plan("large") == LARGE
    before = runs.get("before")
    assert before is not None
    assert (before.status, before.epoch, before.does) == (RunStatus.APPLIED, 4, True)
    assert (before.command, before.started_at) == (None, WRITTEN)
    assert runs.result("before") == WalkResult(done=((Address("bucket"), Action.CREATE),))
    assert runs.result("held") is None
    held = runs.held(STACK.environment_key)
    assert [each.id for each in held] == ["held", "not named", "of another request"]
    newest = replace(before, id="new")
    runs.add(newest, plan())
    assert runs.of_stack(STACK, RunKind.APPLY, limit=1) == (newest,)


def test_the_stacks_of_each_pull_request_are_listed(engine: Engine) -> None:
    runs = sql_records(engine).runs

    assert runs.applied_by("7", 5) == (STACK,)
    assert runs.applied_by("7", 6) == ()
    assert runs.environments_of("7", 6) == ("dev",)


def ref(comment: int, line: int = 0) -> CommandRef:
    return CommandRef(source=Source.COMMENT, comment=comment, text_at=WRITTEN, line=line)


def command(comment: int, line: int = 0, **more: Any) -> Command:
    return Command(
        **{
            "ref": ref(comment, line),
            "repository": "7",
            "number": 5,
            "author": "ana",
            "verb": "apply",
            "written_at": WRITTEN,
            **more,
        }
    )


def test_commands_get_columns_and_accepted_ones_name_their_job(engine: Engine) -> None:
    commands = sql_records(engine).commands

    releases = Accepted(what=AppliesWhat.TIP, environment="dev", runs=("held",))
    assert commands.of_comment(Source.COMMENT, 100) == (
        command(
            100,
            arguments={"environment": "dev", "digest": DIGEST[:8]},
            status=CommandStatus.ACCEPTED,
            accepted=releases,
        ),
        command(100, 1, verb="help"),
    )
    assert commands.get(ref(101)) == command(
        101,
        arguments={"environment": "dev"},
        status=CommandStatus.DONE,
        accepted=Accepted(what=AppliesWhat.PULL_REQUEST, environment="dev"),
    )
    assert commands.get(ref(102)) == command(
        102, verb="unlock", status=CommandStatus.REFUSED, answer="no right"
    )
    tip = Accepted(what=AppliesWhat.TIP, environment="prod")
    assert commands.get(ref(103)) == command(103, status=CommandStatus.ACCEPTED, accepted=tip)
    assert [each.ref for each in commands.open("7")] == [ref(100), ref(100, 1), ref(103)]


def test_slots_become_comments_checks_reports_and_fork_heads(engine: Engine) -> None:
    records = sql_records(engine)
    at = int(WRITTEN.timestamp())

    def said(kind: TopicKind, subject: str = "") -> int | None:
        found = records.said.comment("7", 5, Topic(kind=kind, subject=subject))
        assert found is None or found.body_hash == "5" * 64
        return None if found is None else found.comment

    assert said(TopicKind.PLAN) == 11
    assert said(TopicKind.APPLY, "dev:apply:1234") == 12
    assert said(TopicKind.APPLY, "dev:100:0") == 13
    assert said(TopicKind.ANSWER, f"comment:102:{at}:0") == 14
    assert records.said.told("7", "dev", "tip:removed:abc") == {5}
    assert records.said.checks("7", HEAD) == {"gitbot/plan: dev": "5" * 64}
    pull_requests = records.pull_requests
    assert pull_requests.fork_head("7", 5, HEAD) == ForkHead(
        head=HEAD, told_at=WRITTEN, leave="comment:104"
    )
    untold = pull_requests.fork_head("7", 5, Sha("9" * 40))
    assert untold is not None
    assert untold.leave is None


def test_tables_of_the_same_shape_keep_their_rows(engine: Engine) -> None:
    records = sql_records(engine)

    assert records.journal.applied_tip(STACK.environment_key) == "b" * 40
    assert [each.stack for each in records.claims.of_repository("7")] == [STACK]
    assert records.pull_requests.planned("7", [5]) == {}


def test_recorded_objects_get_account_and_region_columns(engine: Engine) -> None:
    (header,) = SqlStateStore(engine, ManualClock(), LocalProcesses()).headers("7")

    assert (header.id, header.serial, header.resources, header.left) == (STACK, 3, 1, 2)
    assert header.places == {("123456789012", "eu-central-1"), ("210987654321", "eu-west-1")}


def test_a_comment_that_lost_its_command_is_forgotten(filled: Filled) -> None:
    """A slot that names no known command cannot be named after it: nobody will ask for it."""
    url = filled()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM commands"))
    engine.dispose()

    migrated = open_database(url)

    with migrated.connect() as connection:
        kinds = connection.scalars(sa.text("SELECT DISTINCT kind FROM said_comments")).all()
    assert set(kinds) == {"plan", "apply"}
    migrated.dispose()
