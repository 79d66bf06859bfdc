"""A secret goes in by every way that a spec can name one, and must come out nowhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitbot.adapters.telemetry.table import READ, TOLD, Kind
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN, eventually
from gitbot_sandbox.stage import Stage
from tests.e2e.api_person import ApiPerson
from tests.e2e.collector import Collector, Span, collecting
from tests.e2e.conftest import environment
from tests.e2e.specs import group
from tests.warm import Warm

pytestmark = pytest.mark.story


@dataclass(frozen=True)
class Watched:
    """What a server tells beside GitHub: its spans and its metrics."""

    collector: Collector
    port: int

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    def told(self) -> dict[str, bytes]:
        return {"the metrics": self.metrics().encode(), "the traces": self.collector.raw}


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with collecting() as collector:
        yield Watched(collector, port)


@pytest.fixture(scope="module")
def more_settings(watched: Watched) -> dict[str, str]:
    """A server that tells everything that it can."""
    return {
        "GITBOT_LOG": "json",
        "GITBOT_METRICS_LISTEN": f"127.0.0.1:{watched.port}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": watched.collector.url,
        "OTEL_SERVICE_NAME": "the-bot",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }


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


KEPT = "Eisvogel"
"""What every secret begins with that a store of AWS keeps. No spec has it."""
VALUES = tuple(f"{KEPT}-{one}" for one in ("db-15", "next-16", "key-17", "quoted-18", "module-19"))
LISTS = '  secrets: ["ssm:/canary/*", "secretsmanager:canary/api"]\n'
QUOTES_A_SECRET = Fault(
    kind=FaultKind.ERROR,
    operation="CreateSecurityGroup",
    status=400,
    code="InvalidParameterValue",
    message=f"Value (for {VALUES[3]}) for parameter GroupDescription is invalid",
)
MODULE = """\
apiVersion: gitbot/v1
kind: Module
metadata: {name: noted}
spec:
  variables: {note: {type: string, sensitive: true}}
  resources:
    bucket: {type: "AWS::S3::Bucket", properties: {Tags: [{Key: note, Value: "${vars.note}"}]}}
  outputs: {note: {value: "${vars.note}", sensitive: true}}
"""
STORED = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: stored}
spec:
  variables:
    url: {type: string, sensitive: true}
  values: {url: 'postgres://ml:${secret("ssm:/canary/db")}@db'}
  locals: {key: '${secret("secretsmanager:canary/api#key")}'}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: 'for ${secret("ssm:/canary/" + "quoted")}'}
    noted:
      module: modules/noted
      values: {note: '${secret("ssm:/canary/module")}'}
    bucket_s:
      type: AWS::S3::Bucket
      properties:
        Tags:
          - {Key: url, Value: "${vars.url}"}
          - {Key: both, Value: "${base64(locals.key)}"}
          - {Key: late, Value: '${ssh.GroupId}-${secret("ssm:/canary/db")}'}
  outputs:
    url: {value: "${vars.url}", sensitive: true}
    note: {value: "${noted.note}", sensitive: true}
    late: {value: "${bucket_s.Arn}-${locals.key}", sensitive: true}
"""

UNFINISHED = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: unfinished}
spec:
  variables:
    note: {type: string, sensitive: true, default: Kanaria-note-20}
  resources:
    role:
      type: AWS::IAM::Role
      properties:
        Description: '${secret("ssm:/canary/db")}'
        Tags: [{Key: note, Value: "${base64(vars.note)}"}]
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/NoSuchPolicyAtAll"]
        AssumeRolePolicyDocument:
          Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
"""
"""AWS makes the role and refuses the policy."""


def store_secrets(stage: Stage) -> None:
    """Put the secrets where the specs name them."""
    parameters = stage.sandbox.aws.client("ssm")
    for name, value in (("db", VALUES[0]), ("quoted", VALUES[3]), ("module", VALUES[4])):
        parameters.put_parameter(
            Name=f"/canary/{name}", Value=value, Type="SecureString", Overwrite=True
        )
    secrets = stage.sandbox.aws.client("secretsmanager")
    if not secrets.list_secrets()["SecretList"]:
        secrets.create_secret(Name="canary/api", SecretString=json.dumps({"key": VALUES[2]}))


def rotate(stage: Stage) -> None:
    stage.sandbox.aws.client("ssm").put_parameter(
        Name="/canary/db", Value=VALUES[1], Type="SecureString", Overwrite=True
    )


def sent(stage: Stage) -> str:
    """The tags of all buckets, as AWS has them: the proof that the secrets were sent."""
    client = stage.sandbox.aws.client("s3")
    names = [one["Name"] for one in client.list_buckets()["Buckets"]]
    return repr([client.get_bucket_tagging(Bucket=name)["TagSet"] for name in names])


def assert_none_is_kept(where: str, found: bytes) -> None:
    """No secret that AWS keeps, in no form, and no hash of one without a key."""
    for form in (KEPT.encode(), base64.b64encode(KEPT.encode())[:-2]):
        at = found.find(form)
        assert at < 0, f"{where}: …{found[max(0, at - 200) : at + 80]!r}…"
    for value in VALUES:
        for trace in traces(value):
            assert trace not in found, f"{where} has {trace!r}"


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


def test_no_secret_of_a_spec_leaves_the_server(stage: Stage, watched: Watched) -> None:
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
    person = ApiPerson(stage.sandbox, ADMIN)
    dev = f"/repositories/{stage.name}/environments/dev"
    applied = person.wait(f"{dev}/applies", {"pull_request": refused, "digest": digest})
    assert "(sensitive)" in applied["text"]
    failed = stage.result(refused, "dev").body
    assert "(sensitive)" in failed
    stage.github.merge(stage.name, good, ADMIN)
    pins = "  - {Key: e, Value: x}\n"
    more = GOOD.replace("  values:\n", "  values:\n    pin: '1188'\n") + pins.replace("  - ", "#")
    changed = stage.open("changed", "Another pin", {"specs/dev/canary.yaml": more})
    stage.plan_comment(changed)
    for number in (broken, refused, changed):
        person.wait(f"{dev}/plans", {"commit": stage.head(number)})
    person.read_all(stage)
    assert any(b"redacted" in answer for answer in person.told.values())
    found = written_by_gitbot(stage) | watched.told()
    assert not [w for w, text in found.items() for one in person.secrets if one.encode() in text]
    found |= person.told
    names = " ".join(found)
    assert all(name in names for name in ("gitbot.db", "jobs.db", "-wal", "comment", "check"))
    assert b"CreateSecurityGroup" in found["the traces"]
    assert b"CreateSecurityGroup" in found["the metrics"]
    for where, text in found.items():
        assert_silent(where, text)


def test_no_secret_that_is_opened_leaves_the_server(stage: Stage, watched: Watched) -> None:
    """The kind: a value that gitbot has for the time of a call, and that stays somewhere."""
    store_secrets(stage)
    rules = {"specs/dev/environment.yaml": environment(stage.name.split("/")[1], "dev", LISTS)}
    files = {"specs/dev/stored.yaml": STORED, "modules/noted/module.yaml": MODULE}
    early = stage.open("early", "Rules and use at once", {**rules, **files})
    assert "secret-not-listed" in stage.plan_comment(early).body
    stage.github.push_files(stage.name, "main", rules, ADMIN)
    number = stage.open("stored", "Secrets", files)
    body = stage.plan_comment(number).body
    assert "from ssm:/canary/db" in body
    (digest,) = re.findall(r"Digest `(\w+)`", body)
    stage.sandbox.aws.inject(QUOTES_A_SECRET)
    stage.github.comment(stage.name, number, ADMIN, f"/apply dev {digest}")
    assert "(sensitive)" in stage.result(number, "dev").body
    stage.sandbox.aws.clear_faults()
    left = stage.comment(number, "<!-- gitbot:plan", "2 to create").body
    (digest,) = re.findall(r"Digest `(\w+)`", left)
    time.sleep(1.1)  # a command counts from the second after the plan
    stage.github.comment(stage.name, number, ADMIN, f"/apply dev {digest}")
    stage.result(number, "dev", "`bucket_s` created")
    assert all(value in sent(stage) for value in (VALUES[0], VALUES[4]))
    rotate(stage)
    changed = STORED.replace("Key: url", "Key: address")
    stage.github.push_files(stage.name, "stored", {"specs/dev/stored.yaml": changed}, ADMIN)
    assert "rotated: ssm:/canary/db (version 1 → 2)" in stage.plan_comment(number).body
    found = written_by_gitbot(stage)
    found |= watched.told()
    found["everything on GitHub"] = repr(stage.github.repository(stage.name)).encode()
    for where, text in found.items():
        assert_none_is_kept(where, text)


def test_no_secret_of_a_spec_leaves_the_command_line(stage: Stage, tmp_path: Path) -> None:
    """The kind: the same, on the terminal and in its JSON."""
    clone = tmp_path / "clone"
    (clone / "specs/dev").mkdir(parents=True)
    key = {"GITBOT_HASH_KEY": "k" * 32, "GITBOT_STORE": str(tmp_path / "state.db")}
    environ = {**stage.sandbox.server_environ(), **key}

    def git(*command: str) -> None:
        subprocess.run(["git", *command], cwd=clone, check=True, capture_output=True)

    def commit(name: str, text: str) -> None:
        (clone / "specs/dev/environment.yaml").write_text(environment("cli", "dev", LISTS))
        (clone / "modules/noted").mkdir(parents=True, exist_ok=True)
        (clone / "modules/noted/module.yaml").write_text(MODULE)
        # What holds data is not deleted without consent, so the last one stands beside the others.
        file = {"good": "two", "unfinished": "three"}.get(name, "one")
        (clone / f"specs/dev/{file}.yaml").write_text(text)
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        git("init", "--quiet")
        git("add", "--all")
        git(*who, "commit", "--quiet", "-m", name)

    told = []
    store_secrets(stage)
    apply = ("apply", "dev", "--yes", "--new-store")
    with closing(Warm()) as warm:

        def gitbot(*command: str) -> subprocess.CompletedProcess[str]:
            return warm.run(list(command), clone, environ)

        for name, text, commands in (
            ("broken", BROKEN, (("validate",), ("validate", "--json"), ("plan", "dev"))),
            ("refused", REFUSED, (("plan", "dev", "--json"), apply)),
            ("stored", STORED, (("plan", "dev", "--json"), apply)),
            ("good", GOOD, (("plan", "dev"), ("plan", "dev", "--json"), apply)),
        ):
            # A name of its own: the stack of the test before is in the same cloud.
            mine = text.replace("bucket:", "bucket_cli:").replace("e: canary}", "e: canary-cli}")
            mine = mine.replace("e: stored}", "e: stored-cli}")
            commit(name, mine)
            told.extend(gitbot(*command) for command in commands)
        told.append(gitbot("output", "dev", "canary-cli"))
        told.append(gitbot("state", "show", "dev", "canary-cli"))
        told.append(gitbot("apply", "dev", "--yes", "--json"))
        assert told[-4].returncode == 0, told[-4].stderr
        commit("unfinished", UNFINISHED)
        told.append(gitbot(*apply))
        assert "is not finished" in told[-1].stdout + told[-1].stderr
        other = ("--store", str(tmp_path / "recovered.db"))
        told.append(gitbot("recover", "dev", "--new-store", *other, "--dry-run", "--json"))
        told.append(gitbot("recover", "dev", "--new-store", *other, "--yes"))
        assert "Recorded: dev/" in told[-1].stderr + told[-1].stdout
        told.append(gitbot("state", "pull", "dev", *other))
        assert all(one in told[-1].stdout for one in ("stored-cli", "canary-cli", "unfinished"))
    assert any("(sensitive)" in one.stdout + one.stderr for one in told)
    assert told[6].returncode == 0, told[6].stderr
    assert VALUES[0] in sent(stage)
    written = {
        f"{at}: {' '.join(one.args)}": (one.stdout + one.stderr).encode()
        for at, one in enumerate(told)
    }
    written |= {file.name: file.read_bytes() for file in tmp_path.glob("*.db*")}
    assert {"state.db", "recovered.db"} <= written.keys()
    for where, text in written.items():
        assert_silent(where, text)
        assert_none_is_kept(where, text)


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


def test_a_trace_and_the_log_lead_from_a_delivery_to_the_calls_of_aws(
    stage: Stage, watched: Watched
) -> None:
    number = stage.open("traced", "A group", {"specs/dev/traced.yaml": group("traced")})
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    stage.result(number, "dev")

    def made() -> list[Span]:
        spans = [one for one in watched.collector.spans if one.name == "aws"]
        mine = [one for one in spans if one.attributes["operation"] == "CreateSecurityGroup"]
        ways = [watched.collector.way_to(one) for one in mine]
        return next((way for way in ways if way[0].name == "delivery" and is_mine(way)), [])

    def is_mine(way: list[Span]) -> bool:
        return any(one.attributes.get("repository") == stage.name for one in way)

    way = eventually(made, what="the spans")
    names = [one.name for one in way]
    assert (names[0], names[1], names[-3:]) == ("delivery", "job", ["apply", "change", "aws"])
    assert set(names[1:-3]) == {"job"}
    assert len({one.trace for one in way}) == 1
    assert {one.service for one in way} == {"the-bot"}
    assert way[-4].attributes["job"] == "ApplyEnvironment"
    assert way[-3].attributes["stack"] == "traced"
    assert way[-2].attributes | {"address": "ssh", "action": "create"} == way[-2].attributes
    assert way[-1].attributes["outcome"] == "ok"
    assert watched.collector.paths == {"/v1/traces"}
    delivery = way[0].attributes["delivery"]
    lines = [json.loads(line) for line in stage.sandbox.log_text().splitlines() if line[:1] == "{"]
    (done,) = [one for one in lines if one["message"].startswith("dev/traced ssh create done")]
    told = {"delivery": delivery, "job": "ApplyEnvironment", "repository": stage.name}
    told |= {"environment": "dev", "stack": "traced", "commit": way[-3].attributes["commit"]}
    assert done | told == done


def test_every_declared_metric_is_given_to_prometheus_and_no_other(
    stage: Stage, watched: Watched
) -> None:
    assert stage.sandbox.server_pid
    given = set(re.findall(r"^# TYPE (gitbot_\w+) ", watched.metrics(), re.MULTILINE))
    declared = {**TOLD, **READ}.items()
    assert given == {f"{n}_total" if one.kind is Kind.COUNTER else str(n) for n, one in declared}
