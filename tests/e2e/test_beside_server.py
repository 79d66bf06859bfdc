"""People ask a server at their command line, with the rights that they have on GitHub."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.remote.client import Client, SignedOutError
from gitbot.model.logins import digest_of
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import READER, Sandbox, eventually
from gitbot_sandbox.stage import Stage, result_opening
from tests.e2e.beside_server import Person, person, records_of
from tests.e2e.specs import group
from tests.e2e.test_attacks import groups
from tests.warm import Warm

pytestmark = pytest.mark.story

BRANCH = "bring-g"
WRONG_DISK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: m}
spec:
  resources:
    box:
      type: AWS::EC2::Instance
      properties:
        ImageId: ami-0a1b2c3d4e5f60718
        InstanceType: t3.micro
        BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 100}}]
"""


@pytest.fixture
def shown(stage: Stage) -> int:
    """A pull request whose plan is shown; its number."""
    number = stage.open(BRANCH, "Bring g", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    return number


def test_a_plan_reads_as_on_a_store_and_its_digest_applies_it(
    stage: Stage, shown: int, tmp_path: Path, warm: Warm
) -> None:
    bob = person(stage, tmp_path, branch=BRANCH)
    planned = bob.gitbot(warm, "plan", "dev", "--detailed-exitcode")
    assert planned.returncode == 2, planned.stderr
    assert "Asking http://127.0.0.1" in planned.stderr
    aws = stage.sandbox.aws.environment
    in_store = bob.gitbot(warm, "plan", "dev", "--store", str(tmp_path / "new.db"), **aws)
    assert planned.stdout == in_store.stdout
    data = json.loads(bob.gitbot(warm, "plan", "dev", "--json").stdout)
    local = bob.gitbot(warm, "plan", "dev", "--json", "--store", str(tmp_path / "new.db"), **aws)
    (plan,), (other,) = data["plans"], json.loads(local.stdout)["plans"]
    assert plan.keys() == other.keys()
    assert plan["digest"] == other["digest"]
    assert f"gitbot apply dev --pull-request {shown} --digest {plan['digest'][:16]}" in (
        planned.stderr
    )

    asked = ("apply", "dev", "--pull-request", str(shown), "--digest", plan["digest"][:16])
    applied = bob.gitbot(warm, *asked)
    assert applied.returncode == 0, applied.stderr
    assert "dev/g: applied" in applied.stdout
    assert len(groups(stage)) == 1
    said = stage.comment(shown, result_opening("dev")).body
    assert "asked for by `bob`" in said
    again = bob.gitbot(warm, *asked, "--json")
    assert again.returncode == 1
    assert "this plan of dev/g was applied at" in json.loads(again.stdout)["error"]

    name = bob.gitbot(warm, "output", "dev", "g", "group").stdout.strip()
    assert name.startswith("sg-")
    assert json.loads(bob.gitbot(warm, "output", "dev", "g", "--json").stdout) == {"group": name}
    listed = json.loads(bob.gitbot(warm, "state", "list", "dev", "--json").stdout)
    assert listed["g"]["resources"] == {"ssh": name}
    assert f"  ssh  AWS::EC2::SecurityGroup  {name}" in (
        bob.gitbot(warm, "state", "list", "dev").stdout
    )
    assert json.loads(bob.gitbot(warm, "state", "show", "dev", "g", "ssh").stdout)["remote_id"] == (
        name
    )
    store = ("--store", str(stage.sandbox.data / "gitbot.db"))
    for command in (
        ("output", "dev", "g"),
        ("state", "list", "dev", "--json"),
        ("state", "show", "dev", "g"),
        ("schedule", "dev"),
        ("schedule", "--json"),
    ):
        at_server, beside = bob.gitbot(warm, *command), bob.gitbot(warm, *command, *store)
        assert at_server.stdout == beside.stdout != "", command
    assert_audited(stage, shown)


def assert_audited(stage: Stage, number: int) -> None:
    """The audit says that bob asked by the API, what was done for it, and that more was refused."""
    repository = str(stage.github.repository(stage.name).id)
    query = "SELECT actor, action, detail FROM audit WHERE subject LIKE ? ORDER BY rowid"
    rows = asked_of(stage.sandbox, query, f"{repository}%")
    assert [row[:2] for row in rows] == [
        ("bob", "command accepted"),
        ("bob", "apply running"),
        ("bob", "apply applied"),
        ("bob", "command refused"),
    ]
    assert json.loads(rows[0][2])["command"].startswith("api:")
    assert json.loads(rows[1][2])["pull_request"] == number
    assert "was applied at" in json.loads(rows[3][2])["answer"]


def asked_of(sandbox: Sandbox, query: str, *values: str) -> list[Any]:
    """The rows of the query on the server's database."""
    with closing(sqlite3.connect(f"file:{sandbox.data / 'gitbot.db'}?mode=ro", uri=True)) as found:
        return found.execute(query, values).fetchall()


def test_only_what_is_pushed_is_planned(stage: Stage, tmp_path: Path, warm: Warm) -> None:
    bob = person(stage, tmp_path)
    (bob.clone / "specs/dev/g.yaml").write_text(group("g"))
    dirty = bob.gitbot(warm, "plan", "dev")
    assert dirty.returncode == 0, dirty.stderr
    assert "specs/dev/g.yaml: changed, but not committed" in dirty.stderr
    bob.git("add", "--all")
    bob.git("commit", "--quiet", "--message", "g")
    assert "is not pushed" in bob.gitbot(warm, "plan", "dev").stderr
    # What the clone believes is pushed, and GitHub does not have.
    bob.git("update-ref", "refs/remotes/origin/gone", "HEAD")
    gone = bob.gitbot(warm, "plan", "dev")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "no branch and no open pull request on GitHub has the commit" in gone.stderr
    bob.git("push", "--quiet", "origin", "HEAD:wip")
    assert "1 to create" in bob.gitbot(warm, "plan", "dev").stdout
    (bob.clone / "specs/dev/g.yaml").write_text(group("g").replace("GroupName", "GroupNam"))
    bob.git("commit", "--quiet", "--all", "--message", "typo")
    bob.git("push", "--quiet", "origin", "HEAD:wip")
    broken = bob.gitbot(warm, "plan", "dev", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["diagnostics"][0]["file"] == "specs/dev/g.yaml"
    assert "did you mean" in broken.stderr.lower()
    # What only the cloud tells of a stack leaves the plans of the others.
    (bob.clone / "specs/dev/g.yaml").write_text(group("g"))
    (bob.clone / "specs/dev/m.yaml").write_text(WRONG_DISK)
    bob.git("add", "--all")
    bob.git("commit", "--quiet", "--message", "a disk that is none")
    bob.git("push", "--quiet", "origin", "HEAD:wip")
    partly = bob.gitbot(warm, "plan", "dev")
    assert partly.returncode == 1
    assert "1 to create" in partly.stdout
    assert "(made-otherwise) at specs/dev/m.yaml:" in partly.stdout
    assert "dev/m was left as it is: specs/dev/m.yaml:" in partly.stderr


def test_rights_are_those_that_one_has_on_github_now(
    stage: Stage, shown: int, tmp_path: Path, warm: Warm
) -> None:
    bob, eve = person(stage, tmp_path, branch=BRANCH), person(stage, tmp_path, READER, BRANCH)
    digest = json.loads(bob.gitbot(warm, "plan", "dev", "--json").stdout)["plans"][0]["digest"]
    asked = ("apply", "dev", "--pull-request", str(shown), "--digest", digest)
    for refused in (eve.gitbot(warm, *asked), eve.gitbot(warm, "plan", "dev")):
        assert refused.returncode == 1
        assert "eve may not" in refused.stderr
    assert "has no environment `nope`" in eve.gitbot(warm, "state", "list", "nope").stderr

    # A plan that is shown no more.
    stage.github.push_files(
        stage.name, BRANCH, {"specs/dev/g.yaml": group("g", "203.0.113.9/32")}, "bob", message="9"
    )
    stage.plan_comment(shown)
    stale = bob.gitbot(warm, *asked)
    assert stale.returncode == 1
    assert f"#{shown} shows another plan of dev/g by now" in stale.stderr
    assert groups(stage) == []

    stage.github.set_permission(stage.name, READER, "none")
    for command in (("plan", "dev"), ("state", "list", "dev"), asked):
        assert "no read access to it on GitHub" in eve.gitbot(warm, *command).stderr


def test_one_signs_in_by_a_code_on_github_and_out(stage: Stage, tmp_path: Path, warm: Warm) -> None:
    sandbox = stage.sandbox
    people = {login: Person(sandbox, login, tmp_path, tmp_path / login) for login in ("bob", "eve")}
    begun = {login: signing_in(each) for login, each in people.items()}
    former = people["bob"].sign_in()
    sandbox.github.authorize_device(code_of(begun["bob"]), "bob")
    sandbox.github.deny_device(code_of(begun["eve"]), "eve")
    ends = {
        login: (*each.communicate(timeout=60), each.returncode) for login, each in begun.items()
    }
    out, told, code = ends["bob"]
    assert (code, f"Signed in to {sandbox.server_url} as bob" in out) == (0, True), told
    assert "There is no keyring here" in told
    _, told, code = ends["eve"]
    assert (code, "cancelled on GitHub" in told) == (1, True)
    assert people["eve"].logins.newest() is None

    bob = people["bob"]
    kept = bob.logins.newest()
    assert kept is not None
    status = json.loads(bob.gitbot(warm, "login", "--status", "--json").stdout)
    assert (status["login"], status["valid"], status["kept"]) == ("bob", True, "file")
    assert "Signed out" in bob.gitbot(warm, "logout").stdout
    assert bob.logins.newest() is None
    for ended in (former, kept.token):
        with pytest.raises(SignedOutError):
            Client(sandbox.server_url, ended).read("/me")
    for wrong in ("http://gitbot.example.com", "gitbot.example.com"):
        assert bob.gitbot(warm, "login", wrong).returncode == 1


def signing_in(who: Person) -> subprocess.Popen[str]:
    """A ``gitbot login`` that waits for the person."""
    who.home.mkdir()
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "gitbot", "login", who.sandbox.server_url],
        cwd=who.home,
        env=who.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def code_of(begun: subprocess.Popen[str]) -> str:
    """The code that it shows."""
    assert begun.stdout is not None
    return begun.stdout.readline().rstrip().rpartition(" ")[2]


def test_a_token_that_has_ended_is_told(stage: Stage, tmp_path: Path, warm: Warm) -> None:
    bob = person(stage, tmp_path)
    assert "signed in as bob" in bob.gitbot(warm, "login", "--status").stdout
    bob.sign_in(timedelta(seconds=-1))
    expired = bob.gitbot(warm, "state", "list", "dev")
    assert expired.returncode == 1
    assert f"gitbot login {stage.sandbox.server_url}" in expired.stderr
    assert bob.gitbot(warm, "login", "--status").returncode == 1
    bob.sign_in()
    assert bob.gitbot(warm, "plan", "dev").returncode == 0
    store = {"GITBOT_STORE": str(tmp_path / "s.db"), "GITBOT_SERVER": "https://a.example"}
    assert "are both set" in bob.gitbot(warm, "plan", "dev", **store).stderr
    assert "exclude each other" in (
        bob.gitbot(warm, "plan", "dev", "--store", "x", "--server", "https://a").stderr
    )


@pytest.fixture
def waiting(stage: Stage, shown: int, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Bob's command line, which waits for a plan that the server works on."""
    bob = person(stage, tmp_path, branch=BRANCH)
    slow = Fault(operation="DescribeSecurityGroups", kind=FaultKind.DELAY, seconds=20.0)
    stage.sandbox.aws.inject(slow)
    with waits(bob, "plan", "dev") as made:
        eventually(lambda: planning(stage.sandbox), what="the plan to be made")
        yield made
    stage.sandbox.aws.clear_faults()


def waits(who: Person, *arguments: str) -> subprocess.Popen[str]:
    """A command line of the person, which goes on beside the test."""
    return subprocess.Popen(
        [sys.executable, "-m", "gitbot", *arguments],
        cwd=who.clone,
        env=who.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def planning(sandbox: Sandbox) -> bool:
    """Whether a job works on a plan that somebody asked for."""
    return bool(asked_of(sandbox, "SELECT 1 FROM asked_plans WHERE status = 'running'"))


def test_a_plan_goes_on_when_the_server_was_killed_in_the_middle(
    stage: Stage, waiting: subprocess.Popen[str]
) -> None:
    stage.sandbox.kill_server()
    stage.sandbox.aws.clear_faults()
    stage.sandbox.start_server()
    out, told = waiting.communicate(timeout=100)
    assert waiting.returncode == 0, told
    assert "1 to create" in out
    assert "cannot be reached" in told


def test_an_apply_is_waited_for_over_the_death_of_its_server(
    stage: Stage, shown: int, tmp_path: Path, warm: Warm
) -> None:
    bob = person(stage, tmp_path, branch=BRANCH)
    digest = json.loads(bob.gitbot(warm, "plan", "dev", "--json").stdout)["plans"][0]["digest"]
    slow = Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=20.0)
    stage.sandbox.aws.inject(slow)
    command = ("apply", "dev", "--pull-request", str(shown), "--digest", digest[:16])
    with waits(bob, *command) as made:
        eventually(lambda: not stage.sandbox.aws.faults, what="the create")
        stage.sandbox.kill_server()
        stage.sandbox.aws.clear_faults()
        eventually(lambda: groups(stage), what="the group")
        stage.sandbox.start_server()
        out, told = made.communicate(timeout=100)
    assert made.returncode == 0, told
    assert "dev/g: applied" in out
    assert "• ssh created" in out
    assert len(groups(stage)) == 1
    again = bob.gitbot(warm, *command)
    assert again.returncode == 1
    assert "this plan of dev/g was applied at" in again.stderr


def test_a_token_that_is_voided_while_one_waits_ends_the_wait(
    stage: Stage, waiting: subprocess.Popen[str], tmp_path: Path
) -> None:
    kept = Person(stage.sandbox, "bob", tmp_path, tmp_path / "bob").logins.newest()
    assert kept is not None
    with records_of(stage.sandbox) as records:
        records.tokens.void(digest_of(kept.token))
    out, told = waiting.communicate(timeout=60)
    assert (waiting.returncode, out) == (1, "")
    assert "you are not signed in" in told
