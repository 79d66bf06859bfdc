"""State is moved to another file, and taken out as a document and put back; the cloud notices nothing."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.queue.lock import FileLock
from gitbot.adapters.snapshot_file import QUEUE, STORE
from gitbot.bootstrap.stores import open_stores
from gitbot.model.places import SqlitePlace
from tests.contract.records_world import claim
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person

pytestmark = pytest.mark.story

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
FILES = {
    "specs/dev/environment.yaml": environment("team", "dev"),
    "specs/dev/web.yaml": GROUP.format(name="web"),
    "specs/dev/api.yaml": GROUP.format(name="api"),
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with person(tmp_path_factory.mktemp("moves"), FILES) as made:
        s3 = made.aws.client("s3")
        s3.create_bucket(Bucket="acme-moves")
        made.applied()
        yield made


def run(shell: Shell, *arguments: str, store: str | Path = "") -> str:
    done = shell.gitbot(*arguments, GITBOT_STORE=str(store))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refused(shell: Shell, *arguments: str, store: str | Path = "") -> str:
    done = shell.gitbot(*arguments, GITBOT_STORE=str(store))
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


def test_a_file_moves_to_another_one_which_then_has_everything(shell: Shell) -> None:
    former, store = shell.store, shell.store.with_name("next.db")
    both = (str(former), str(store))
    absent = refused(shell, "state", "migrate", *both, "--yes")
    assert f"there is no state at {store}: check TO." in absent
    assert "make it with --new-store" in absent
    assert "are the same store" in refused(shell, "state", "migrate", both[0], both[0], "--yes")
    looked = json.loads(run(shell, "state", "migrate", *both, "--dry-run", "--json"))
    assert (looked["closed"], store.exists()) == (False, False)
    assert "agree with --yes" in refused(shell, "state", "migrate", *both, "--new-store")
    told = run(shell, "state", "migrate", *both, "--yes")
    assert "dev/web  serial 4, 1 objects  moves" in told
    # The former store names the next, whatever is asked of it.
    assert f"is kept in {store}" in refused(shell, "plan", "dev", store=former)
    assert f"was moved to {store}" in refused(shell, "apply", "dev", "--yes", store=former)
    assert run(shell, "plan", "dev", store=store).count("Nothing to do") == 2
    assert f"moved to {store} before" in refused(
        shell, "state", "migrate", both[0], f"{store}.x", "--new-store", "--yes"
    )
    # And back, for the next test.
    run(shell, "state", "migrate", str(store), str(former), "--yes")


@pytest.fixture
def served(shell: Shell, tmp_path: Path) -> Path:
    """A copy of the store where a server has its own."""
    (tmp_path / "data").mkdir(mode=0o700)
    return shutil.copy(shell.store, tmp_path / "data" / STORE)


def test_state_stays_while_a_server_runs(shell: Shell, served: Path, tmp_path: Path) -> None:
    """The kind: state is taken away from who works with it."""
    move = ("state", "migrate", str(served), str(tmp_path / "next.db"))
    lock = FileLock(served.with_name(QUEUE))
    lock.take()
    says = f"serves {served.parent} already"
    assert says in refused(shell, *move, "--new-store", "--yes")
    looked = shell.gitbot(*move, "--dry-run")
    assert looked.returncode == 0
    assert "This would be refused now" in looked.stderr
    assert says in looked.stderr
    new = tmp_path / "new.db"
    take = ("state", "import", "dev", "--from", str(served), "--new-store", "--yes")
    assert says in refused(shell, *take, store=new)
    lock.release()
    assert "refused" not in shell.gitbot(*move, "--dry-run").stderr
    run(shell, *move, "--new-store", "--yes")


def test_state_stays_while_a_pull_request_holds_a_stack(
    shell: Shell, served: Path, tmp_path: Path
) -> None:
    """The kind: what a pull request has applied before its merge loses its protection, and the next apply deletes it."""
    with open_stores(SqlitePlace(served), SystemClock(), LocalProcesses()) as stores:
        (key,) = stores.state.known()
        (stack,) = (one for one in stores.state.stacks(key) if one.name == "web")
        stores.records.claims.claim([claim(stack)])
    move = ("state", "migrate", str(served), str(tmp_path / "next.db"))
    says = "#5 has applied dev/web before merging"
    assert says in refused(shell, *move, "--new-store", "--yes")
    assert says in shell.gitbot(*move, "--dry-run").stderr
    take = ("state", "import", "dev", "--from", str(served), "--new-store", "--yes")
    assert says in refused(shell, *take, store=tmp_path / "new.db")
    assert run(shell, "plan", "dev", store=served).count("Nothing to do") == 2


def test_a_dry_run_looks_at_the_bucket(shell: Shell) -> None:
    bucket = "s3://acme-moves/team?region=us-east-1"
    move = ("state", "migrate", str(shell.store), bucket, "--dry-run")
    looked = shell.gitbot(*move, GITBOT_STORE_KEY="k" * 32)
    assert looked.returncode == 0, looked.stderr
    assert "This would be refused now: the bucket acme-moves keeps no versions" in looked.stderr


def test_a_key_that_is_none_is_not_told_as_a_wrong_store(shell: Shell) -> None:
    done = shell.gitbot("plan", "dev", GITBOT_STATE_KEY="abc")
    assert done.returncode == 2
    assert "Error: key 1 of GITBOT_STATE_KEY is not base64" in done.stderr


def test_state_is_pulled_changed_and_pushed(shell: Shell, tmp_path: Path) -> None:
    store, file = shell.store, tmp_path / "web.json"
    printed = json.loads(run(shell, "state", "pull", "dev", store=store))
    assert [one["id"]["name"] for one in printed["stacks"]] == ["api", "web"]
    run(shell, "state", "pull", "dev", "web", "--out", str(file), store=store)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = refused(shell, "state", "pull", "dev", "web", "--out", str(file), store=store)
    assert "is there already" in again
    assert "no state of dev/nobody" in refused(shell, "state", "pull", "dev", "nobody", store=store)

    assert json.loads(run(shell, "state", "push", str(file), "--json", store=store)) == {
        "pushed": []
    }
    document = json.loads(file.read_text())
    (web,) = document["stacks"]
    del web["resources"]["group"]
    file.write_text(json.dumps(document))
    equal = refused(shell, "state", "push", str(file), "--yes", store=store)
    assert f"give it serial {web['serial'] + 1}" in equal
    web["serial"] += 1
    file.write_text(json.dumps(document))
    assert "agree with --yes" in refused(shell, "state", "push", str(file), store=store)
    done = json.loads(run(shell, "state", "push", str(file), "--yes", "--json", store=store))
    (pushed,) = done["pushed"]
    assert (pushed["stack"], pushed["overrides"]) == ("dev/web", [])
    assert [one[:8] for one in pushed["differences"]] == ["- group "]
    # The object is adopted again, as its tags and lineage say whose it is.
    assert "1 to adopt" in run(shell, "plan", "dev", store=store)

    stranger = tmp_path / "other.json"
    stranger.write_text(json.dumps({**document, "stacks": [{**web, "lineage": "m", "serial": 1}]}))
    assert "is of lineage m" in refused(shell, "state", "push", str(stranger), "--yes", store=store)
    whole = json.dumps(printed)
    file.write_text(whole)
    assert "Pull it again" in refused(shell, "state", "push", str(file), "--yes", store=store)
    forced = run(shell, "state", "push", str(file), "--yes", "--force", store=store)
    assert "overridden by --force: the document has serial" in forced
    assert "Nothing to do" in run(shell, "apply", "dev", "--yes", store=store)
    new = tmp_path / "new.db"
    run(shell, "state", "push", str(file), "--yes", "--new-store", store=new)
    assert run(shell, "plan", "dev", store=new).count("Nothing to do") == 2
