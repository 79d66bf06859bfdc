"""Several people at command lines share one store: a database of PostgreSQL, or a bucket of S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.postgres_server import new_database, written
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


@dataclass(frozen=True)
class Place:
    """The variables that name a store, and what messages call it."""

    variables: dict[str, str]
    shown: str


@pytest.fixture
def in_s3(shell: Shell) -> Place:
    """A new bucket that keeps versions."""
    s3 = shell.aws.client("s3")
    s3.create_bucket(Bucket="acme-team-state")
    s3.put_bucket_versioning(
        Bucket="acme-team-state", VersioningConfiguration={"Status": "Enabled"}
    )
    return Place(
        {
            "GITBOT_STORE": "s3://acme-team-state/team?region=us-east-1",
            "GITBOT_STORE_KEY": "k" * 32,
        },
        "s3://acme-team-state/team/",
    )


@pytest.fixture
def in_postgresql(postgres_url: str) -> Iterator[Place]:
    """A new database."""
    with new_database(postgres_url) as url:
        yield Place({"GITBOT_STORE": written(url)}, f"postgresql://gitbot@/{url.database}")


@pytest.mark.parametrize("where", ["in_postgresql", "in_s3"])
def test_a_shared_store_is_made_on_request_and_then_everybody_has_it(
    shell: Shell, where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place: Place = request.getfixturevalue(where)
    team = place.variables
    planned = shell.gitbot("plan", "dev", **team)
    assert planned.returncode == 0, planned.stderr
    assert f"There is no state at {place.shown} yet" in planned.stderr
    # Not made by a plan, nor by an apply that was not told to.
    refused = shell.gitbot("apply", "dev", "--yes", **team)
    assert refused.returncode == 1
    assert "make it with --new-store" in refused.stderr

    applied = shell.gitbot("apply", "dev", "--yes", "--new-store", **team)
    assert applied.returncode == 0, applied.stderr
    group = ours(shell)
    in_bucket = "GITBOT_STORE_KEY" in team
    assert ("State in S3: " in applied.stderr) == in_bucket
    # A colleague: another clone, nothing on their own machine.
    other = Shell(shell.aws, shell.warm, tmp_path / "other", tmp_path / "none.db")
    shell.git("clone", "--quiet", str(shell.clone), str(other.clone))
    listed = other.gitbot("state", "list", "dev", "--json", **team)
    assert json.loads(listed.stdout)["web"]["resources"] == {"group": group["GroupId"]}
    again = other.gitbot("plan", "dev", "--detailed-exitcode", **team)
    assert again.returncode == 0, again.stdout
    cost = json.loads(other.gitbot("plan", "dev", "--json", **team).stdout).get("store_cost")
    assert (cost is not None) == in_bucket
    # What a plan may cost in requests: see docs/state.md.
    assert cost is None or (cost["writes"] == 0 and cost["reads"] + cost["lists"] <= 14), cost

    # The state moves out of the shared store into a file, and the shared one applies no more.
    moved = other.gitbot(
        "state",
        "import",
        "dev",
        "--from",
        team["GITBOT_STORE"],
        "--new-store",
        "--yes",
        "--store",
        "own.db",
        **team,
    )
    assert moved.returncode == 0, moved.stderr
    refused = other.gitbot("apply", "dev", "--yes", **team)
    assert refused.returncode == 1, refused.stdout
    assert ours(shell) == group
    gone = other.gitbot("destroy", "dev", "--yes", "--store", "own.db")
    assert gone.returncode == 0, gone.stderr


def ours(shell: Shell) -> dict[str, str]:
    """The one group that was made here: other tests of the process share the cloud."""
    (found,) = [one for one in shell.described() if one["GroupName"] == "team-web"]
    return found


def test_a_database_that_cannot_be_reached_is_told_without_its_password(shell: Shell) -> None:
    nowhere = "postgresql://ada:hunter2@127.0.0.1:1/team"
    told = shell.gitbot("plan", "dev", GITBOT_STORE=nowhere)
    assert told.returncode == 1
    assert "database postgresql://ada:***@127.0.0.1:1/team cannot be opened" in told.stderr
    assert ".. " not in told.stderr
    assert "hunter2" not in told.stderr
    wrong = shell.gitbot("plan", "dev", "--store", "mysql://host/x")
    assert wrong.returncode == 2
    assert "a store cannot be at mysql://" in wrong.stderr
