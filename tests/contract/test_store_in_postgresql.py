"""Several people at command lines share one store, which is a database of PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person

FILES = {
    "specs/dev/environment.yaml": environment("team", "dev"),
    "specs/dev/web.yaml": """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: web}
spec:
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {GroupName: team-web, GroupDescription: web}
""",
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with person(tmp_path_factory.mktemp("team"), FILES) as made:
        yield made


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A new database, as a person would write it in GITBOT_STORE."""
    url = sa.make_url(postgres_url)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS team"))
        connection.execute(sa.text("CREATE DATABASE team"))
    made = url.set(database="team", drivername="postgresql")
    yield made.render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE team WITH (FORCE)"))
    server.dispose()


def test_a_store_in_postgresql_is_made_on_request_and_then_shared(
    shell: Shell, database: str, tmp_path: Path
) -> None:
    team = {"GITBOT_STORE": database}
    planned = shell.gitbot("plan", "dev", **team)
    assert planned.returncode == 0, planned.stderr
    assert "There is no state at postgresql://gitbot@/team yet" in planned.stderr
    # Not made by a plan, nor by an apply that was not told to.
    refused = shell.gitbot("apply", "dev", "--yes", **team)
    assert refused.returncode == 1
    assert "create it with --new-store" in refused.stderr

    applied = shell.gitbot("apply", "dev", "--yes", "--new-store", **team)
    assert applied.returncode == 0, applied.stderr
    (group,) = shell.described()
    # A colleague: another clone, nothing on their own machine.
    other = Shell(shell.aws, shell.warm, tmp_path / "other", tmp_path / "none.db")
    shell.git("clone", "--quiet", str(shell.clone), str(other.clone))
    listed = other.gitbot("state", "list", "dev", "--json", **team)
    assert json.loads(listed.stdout)["web"]["resources"] == {"group": group["GroupId"]}
    again = other.gitbot("plan", "dev", "--detailed-exitcode", **team)
    assert again.returncode == 0, again.stdout

    # The state moves out of the shared store into a file, and the shared one applies no more.
    moved = other.gitbot(
        "state", "import", "dev", "--from", database, "--new-store", "--yes", "--store", "own.db"
    )
    assert moved.returncode == 0, moved.stderr
    refused = other.gitbot("apply", "dev", "--yes", **team)
    assert refused.returncode == 1, refused.stdout
    assert shell.described() == [group]


def test_a_database_that_cannot_be_reached_is_told_without_its_password(shell: Shell) -> None:
    nowhere = "postgresql://ada:hunter2@127.0.0.1:1/team"
    told = shell.gitbot("plan", "dev", GITBOT_STORE=nowhere)
    assert told.returncode == 1
    assert "postgresql+psycopg://ada:***@127.0.0.1:1/team cannot be opened" in told.stderr
    assert "hunter2" not in told.stderr
    wrong = shell.gitbot("plan", "dev", "--store", "mysql://host/x")
    assert wrong.returncode == 2
    assert "a store cannot be at mysql://" in wrong.stderr
