"""A secret goes in by every way that a spec can name one, and must come out nowhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from contextlib import closing
from pathlib import Path

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN
from gitbot_sandbox.stage import Stage
from tests.e2e.conftest import environment
from tests.e2e.specs import group
from tests.warm import Warm

CANARY = "Kanaria"
"""What every secret of this test begins with."""
PIN = "7309"
IMAGE = "ami-0ca9a21a0ca9a21a0"
"""AWS quotes it when it finds no such image."""
QUOTING = Fault(
    kind=FaultKind.ERROR,
    operation="RunInstances",
    status=400,
    code="InvalidAMIID.Malformed",
    message=f"Value ({IMAGE}) for parameter imageId is invalid",
)

GOOD = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: canary}
spec:
  variables:
    by_default: {type: string, sensitive: true, default: Kanaria-default-01}
    by_value: {type: string, sensitive: true}
    pin: {type: string, sensitive: true, default: "7309"}
    map: {type: map, sensitive: true, default: {Kanaria-key-02: {deep: [Kanaria-deep-03]}}}
    tags: {type: list, sensitive: true, default: [{Key: note, Value: Kanaria-tag-04}]}
  values:
    by_value: |
      Kanaria-line-05
      and a Kanaria-second-line-06
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: A group
        Tags:
          - {Key: a, Value: "${vars.by_default}"}
          - {Key: b, Value: "${base64(vars.by_value)}"}
          - {Key: c, Value: "${vars.pin}"}
          - {Key: d, Value: "pre-${vars.by_default}-post"}
    bucket:
      type: AWS::S3::Bucket
      properties:
        Tags:
          - {Key: late, Value: "${ssh.GroupId}-${vars.by_default}"}
          - {Key: deep, Value: "${vars.map['Kanaria-key-02'].deep[0]}"}
  outputs:
    literal: {value: Kanaria-literal-07, sensitive: true}
    derived: {value: "x-${vars.by_default}", sensitive: true}
    late: {value: "Kanaria-template-08-${ssh.GroupId}", sensitive: true}
    late_literal: {value: "${'Kanaria-string-09' + ssh.GroupId}", sensitive: true}
    map: {value: "${vars.map}", sensitive: true}
"""

REFUSED = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: refused}
spec:
  variables:
    image: {type: string, sensitive: true, default: ami-0ca9a21a0ca9a21a0}
  resources:
    machine:
      type: AWS::EC2::Instance
      properties: {ImageId: "${vars.image}", InstanceType: t3.micro}
    ssh:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: A group}
    late:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: "${{}[ssh.GroupId + vars.image]}"
"""

BROKEN = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: broken}
spec:
  variables:
    count: {type: number, sensitive: true, default: Kanaria-number-11}
    named: {type: string, sensitive: true, default: Kanaria-name-12}
    rules: {type: list, sensitive: true, default: [{Kanaria-rule-13: 1}]}
  values: {nmaed: Kanaria-typo-14}
  resources:
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: "${vars.named}"
        VersioningConfiguration: {Status: "${vars.named}"}
    ssh:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: x, SecurityGroupIngress: "${vars.rules}"}
  outputs:
    open: "${vars.named}"
"""


def traces(secret: str) -> set[bytes]:
    """What gives the secret away: the text itself, Base64, and hashes without a key."""
    texts = (secret, json.dumps(secret))
    hashes = {hashlib.sha256(text.encode()).hexdigest().encode() for text in texts}
    return {secret.encode(), base64.b64encode(secret.encode())[:-4]} | hashes


def assert_silent(where: str, found: bytes) -> None:
    at = found.find(CANARY.encode())
    assert at < 0, f"{where}: …{found[max(0, at - 200) : at + 80]!r}…"
    assert IMAGE.encode() not in found, where
    for secret in ("Kanaria-default-01", "Kanaria-line-05\nand a Kanaria-second-line-06\n", PIN):
        for trace in traces(secret) - ({PIN.encode(), b""} if secret == PIN else set()):
            assert trace not in found, f"{where} has {trace!r}"


def written_by_gitbot(stage: Stage) -> dict[str, bytes]:
    """Every text that gitbot wrote: on GitHub, in its log, and in its files but for git's own."""
    found = {"the log": stage.sandbox.log_text().encode()}
    for number in stage.pulls.values():
        for comment in stage.github.comments(stage.name, number):
            if comment.author == stage.sandbox.app.login:
                found[f"comment {comment.id} on #{number}"] = comment.body.encode()
    repository = stage.github.repository(stage.name)
    for run in list(repository.check_runs.values()):
        found[f"check {run.name} {run.id}"] = repr(run).encode()
    for deployment in list(repository.deployments.values()):
        found[f"deployment {deployment.id}"] = repr(deployment).encode()
    for file in stage.sandbox.data.rglob("*"):
        if file.is_file() and ".git" not in str(file.relative_to(stage.sandbox.data)):
            found[str(file.relative_to(stage.sandbox.data))] = file.read_bytes()
    return found


def test_no_secret_of_a_spec_leaves_the_server(stage: Stage) -> None:
    """The kind: a sensitive value that gets out by a channel which nobody thought of."""
    good = stage.open("good", "A canary", {"specs/dev/canary.yaml": GOOD})
    broken = stage.open("broken", "Errors", {"specs/dev/broken.yaml": BROKEN})
    refused = stage.open("refused", "Refused by AWS", {"specs/dev/refused.yaml": REFUSED})
    assert "to create" in stage.plan_comment(good).body
    told = stage.plan_comment(broken).body
    assert all(code in told for code in ("bad-default", "sensitive-identifier", "sensitive-output"))
    (digest,) = re.findall(r"Digest `(\w+)`", stage.plan_comment(refused).body)
    stage.github.comment(stage.name, good, ADMIN, "/apply dev")
    assert "dev" in stage.result(good, "dev").body
    stage.sandbox.aws.inject(QUOTING)
    # A sensitive image cannot be reviewed, so its plan is named.
    stage.github.comment(stage.name, refused, ADMIN, f"/apply dev {digest}")
    failed = stage.result(refused, "dev").body
    assert "(sensitive)" in failed
    stage.github.merge(stage.name, good, ADMIN)
    pins = "  - {Key: e, Value: x}\n"
    more = GOOD.replace("  values:\n", "  values:\n    pin: '1188'\n") + pins.replace("  - ", "#")
    changed = stage.open("changed", "Another pin", {"specs/dev/canary.yaml": more})
    stage.plan_comment(changed)
    found = written_by_gitbot(stage)
    names = " ".join(found)
    assert all(name in names for name in ("gitbot.db", "jobs.db", "-wal", "comment", "check"))
    for where, text in found.items():
        assert_silent(where, text)


def test_no_secret_of_a_spec_leaves_the_command_line(stage: Stage, tmp_path: Path) -> None:
    """The kind: the same, on the terminal and in its JSON."""
    clone = tmp_path / "clone"
    (clone / "specs/dev").mkdir(parents=True)
    key = {"GITBOT_HASH_KEY": "k" * 32, "GITBOT_STORE": str(tmp_path / "state.db")}
    environ = {**stage.sandbox.server_environ(), **key}

    def git(*command: str) -> None:
        subprocess.run(["git", *command], cwd=clone, check=True, capture_output=True)

    def commit(name: str, text: str) -> None:
        (clone / "specs/dev/environment.yaml").write_text(environment("cli", "dev"))
        (clone / "specs/dev/one.yaml").write_text(text)
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        git("init", "--quiet")
        git("add", "--all")
        git(*who, "commit", "--quiet", "-m", name)

    told = []
    apply = ("apply", "dev", "--yes", "--new-store")
    with closing(Warm()) as warm:

        def gitbot(*command: str) -> subprocess.CompletedProcess[str]:
            return warm.run(list(command), clone, environ)

        for name, text, commands in (
            ("broken", BROKEN, (("validate",), ("validate", "--json"), ("plan", "dev"))),
            ("refused", REFUSED, (("plan", "dev", "--json"), apply)),
            ("good", GOOD, (("plan", "dev"), ("plan", "dev", "--json"), apply)),
        ):
            # A name of its own: the stack of the test before is in the same cloud.
            commit(name, text.replace("bucket:", "bucket_cli:").replace("canary", "canary-cli"))
            told.extend(gitbot(*command) for command in commands)
        told.append(gitbot("output", "dev", "canary-cli"))
        told.append(gitbot("state", "show", "dev", "canary-cli"))
        told.append(gitbot("apply", "dev", "--yes", "--json"))
    assert told[-4].returncode == 0, told[-4].stderr
    assert any("(sensitive)" in one.stdout + one.stderr for one in told)
    for one in told:
        assert_silent(" ".join(one.args), (one.stdout + one.stderr).encode())
    for file in tmp_path.glob("state.db*"):
        assert_silent(file.name, file.read_bytes())


def test_the_canary_is_found_where_it_is_not_hidden(stage: Stage) -> None:
    """The proof can fail: the same text without ``sensitive`` is found."""
    open_ = GOOD.replace("sensitive: true", "sensitive: false").replace("Kanaria", "Sperling")
    number = stage.open(
        "open", "No secret", {"specs/dev/canary.yaml": open_, "specs/dev/g.yaml": group()}
    )
    stage.plan_comment(number)
    found = written_by_gitbot(stage)
    assert any(
        b"Sperling-default-01" in text for name, text in found.items() if "gitbot.db" in name
    )
    assert any(b"Sperling" in text for name, text in found.items() if name.startswith("comment"))
