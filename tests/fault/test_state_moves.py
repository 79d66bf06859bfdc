"""State goes from a file to PostgreSQL, to a bucket and back to a file, and the cloud notices nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.contract.postgres_server import new_database, written
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person

GROUP = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {{GroupName: team-{name}, GroupDescription: {name}}}
  outputs:
    id: {{value: "${{group.GroupId}}"}}
"""
pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
FILES = {
    "specs/dev/environment.yaml": environment("team", "dev"),
    "specs/dev/web.yaml": GROUP.format(name="web"),
    "specs/dev/api.yaml": GROUP.format(name="api"),
}
BUCKET = "s3://acme-moves/team?region=us-east-1"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with person(tmp_path_factory.mktemp("moves"), FILES) as made:
        s3 = made.aws.client("s3")
        s3.create_bucket(Bucket="acme-moves")
        s3.put_bucket_versioning(Bucket="acme-moves", VersioningConfiguration={"Status": "Enabled"})
        made.applied()
        yield made


def run(shell: Shell, *arguments: str, store: str | Path = "") -> str:
    done = shell.gitbot(*arguments, GITBOT_STORE=str(store), GITBOT_STORE_KEY="k" * 32)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def moved(shell: Shell, source: str | Path, target: str | Path, *more: str) -> list[Any]:
    told = run(shell, "state", "migrate", str(source), str(target), "--json", *more)
    (found,) = json.loads(told)["environments"]
    stacks: list[Any] = found["stacks"]
    return stacks


def refuses_to_serve(shell: Shell, target: str) -> None:
    """A server on the former store does not start, and names the new one."""
    data = shell.store.parent / "data"
    data.mkdir(mode=0o700)
    shutil.copy(shell.store, data / "gitbot.db")
    settings = {
        "GITBOT_DATA": str(data),
        "GITBOT_HASH_KEY": "k" * 32,
        "GITBOT_GITHUB_TOKEN": "none",
        "GITBOT_WEBHOOK_SECRET": "s" * 32,
        "GITBOT_REPOSITORIES": "acme/infra",
    }
    done = shell.gitbot("serve", **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"was moved to {target.partition('?')[0]}" in done.stderr


def test_state_goes_from_store_to_store_and_the_plan_stays_empty(
    shell: Shell, postgres_url: str
) -> None:
    with new_database(postgres_url) as url:
        places = [str(shell.store), written(url), BUCKET, str(shell.store)]
        before = json.loads(run(shell, "state", "show", "dev", "web", store=shell.store))
        looked = moved(shell, *places[:2], "--dry-run")
        assert [one["step"] for one in looked] == ["copy", "copy"]
        digests = {}
        for source, target in pairwise(places):
            stacks = moved(shell, source, target, "--new-store", "--yes")
            if source == str(shell.store):
                refuses_to_serve(shell, target)
            digests[target] = [one["digest"] for one in stacks]
            assert run(shell, "plan", "dev", store=target).count("Nothing to do") == 2
        again = moved(shell, *places[2:], "--yes")
        assert [one["step"] for one in again] == ["there", "there"]
    assert len({tuple(one) for one in digests.values()}) == 1
    after = json.loads(run(shell, "state", "show", "dev", "web", store=shell.store))
    own = ("serial", "done")
    assert {k: v for k, v in after.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }
    assert "Nothing to do" in run(shell, "apply", "dev", "--yes", store=shell.store)
