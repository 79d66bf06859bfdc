"""Use the command line as a person does, each command in a process of its own, on the local AWS.

The processes are forks of one that has imported everything (``tests.warm``); those that are sent signals start
from nothing.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import eventually
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell
from tests.e2e.specs import bucket, group, stack

KEY = "k" * 32
longer = pytest.mark.story
"""What goes on from a test without it, or has a shorter one at a boundary of its own."""


def test_what_a_window_denies_is_refused_here_too(shell: Shell) -> None:
    window = "{name: stop, deny: [apply], from: 2020-01-01T00:00, until: 2100-01-01T00:00}"
    rules = environment("cli", "dev", f"  freeze: [{window}]\n")
    shell.write({"specs/dev/environment.yaml": rules, "specs/dev/g.yaml": group("g")})
    done = shell.gitbot("apply", "dev", "--yes", "--new-store")
    assert done.returncode == 1
    assert "dev/g is frozen: the window `stop` (open until Fri 2100-01-01 00:00 UTC)" in done.stderr
    assert shell.groups() == []


def test_apply_output_state_and_an_empty_second_plan(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    first = shell.gitbot("plan", "dev", "--detailed-exitcode")
    assert first.returncode == 2
    assert "everything looks new" in first.stderr
    assert not shell.store.exists(), "a plan made a store"
    assert "group = " in shell.applied()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    name = shell.gitbot("output", "dev", "g", "group").stdout.strip()
    assert name.startswith("sg-")
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert listed["g"]["resources"] == {"ssh": name}
    assert json.loads(shell.gitbot("state", "show", "dev", "g").stdout)["complete"] is True


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("plan", "dev"), "dev has no stacks"),
        (("plan", "dev", "--refresh-only"), "State has no resources"),
        (("apply", "dev", "--yes"), "dev has no stacks"),
        (("refresh", "dev", "--yes"), "State has no resources"),
        (("recover", "dev", "--yes"), "dev has no stacks"),
        (("destroy", "dev", "--yes"), "Nothing to destroy in dev"),
    ],
)
def test_an_environment_without_stacks_is_said_to_have_none(
    shell: Shell, asked: tuple[str, ...], says: str
) -> None:
    """The kind: a command ends well without a word, and has looked at nothing."""
    shell.gitbot("apply", "dev", "--yes", "--new-store")
    done = shell.gitbot(*asked)
    assert done.returncode == 0, done.stderr
    assert says in done.stderr
    assert "Proven" not in done.stdout


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([signal.SIGINT], id="Ctrl-C"),
        pytest.param([signal.SIGTERM], id="kill, docker stop, timeout"),
        pytest.param([signal.SIGHUP], id="a session that ends"),
        pytest.param([signal.SIGINT, signal.SIGTERM], id="a job of CI that is cancelled"),
    ],
)
def test_an_interrupt_names_the_stacks_that_were_not_begun(
    shell: Shell, sent: list[signal.Signals]
) -> None:
    """The kind: what ends a command leaves a change begun and not recorded."""
    shell.write({f"specs/dev/{name}.yaml": group(name) for name in ("a", "b", "c")})
    shell.aws.inject(Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=2.0))
    asked = ("apply", "dev", "--yes", "--new-store", "--parallelism", "1")
    with shell.begun(*asked) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "ssh: create" in line:
                for one in sent:
                    process.send_signal(one)
                    time.sleep(0.3)
                break
        told = process.stderr.read()
    assert process.returncode == 128 + sent[0], told
    assert "stopping" in told
    assert "Not begun: dev/b, dev/c." in told
    assert shell.groups() == ["cli-dev-a"]
    assert json.loads(shell.gitbot("state", "list", "dev", "--json").stdout).keys() == {"a"}


def test_a_second_interrupt_ends_an_apply_at_once(shell: Shell) -> None:
    """The kind: Python waits for the threads of calls that take long, and nobody knows what became of them."""
    shell.write({"specs/dev/g.yaml": stack("g", BEFORE_AND_AFTER.replace("SECOND", "second"))})
    shell.aws.inject(Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=60.0))
    with shell.begun("apply", "dev", "--yes", "--new-store") as process:
        assert process.stderr is not None
        eventually(lambda: not shell.aws.faults, what="the create that is slow")
        process.send_signal(signal.SIGINT)
        while "stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=20)
        told = process.stderr.read()
    assert code == 128 + signal.SIGINT
    assert told == "aborted: the next apply first settles what was begun and is not recorded\n"
    shell.aws.clear_faults()
    [made] = eventually(shell.described, what="the group that is made")
    shell.applied()
    assert sorted(shell.groups()) == ["g-a", "g-b"]
    assert made["GroupId"] in {one["GroupId"] for one in shell.described()}


def test_a_terminal_that_is_closed_lets_what_runs_be_recorded(shell: Shell) -> None:
    """Nobody can be told any more, and every line that is printed is refused."""
    shell.write({f"specs/dev/{name}.yaml": group(name) for name in ("a", "b")})
    shell.aws.inject(Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=2.0))
    ours, theirs = pty.openpty()
    asked = ("apply", "dev", "--yes", "--new-store", "--parallelism", "1")
    with shell.begun(*asked, terminal=theirs) as process:
        os.close(theirs)
        said = b""
        while b"ssh: create" not in said:
            said += os.read(ours, 4096)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        process.wait()
    assert process.returncode == 128 + signal.SIGHUP
    assert json.loads(shell.gitbot("state", "list", "dev", "--json").stdout).keys() == {"a"}


BEFORE_AND_AFTER = """\
a: {type: AWS::EC2::SecurityGroup, properties: {GroupName: g-a, GroupDescription: first}}
b:
  type: AWS::EC2::SecurityGroup
  properties: {GroupName: g-b, GroupDescription: SECOND}
  lifecycle: {dependsOn: [a]}
"""


def killed_within_a_create(shell: Shell) -> None:
    """Kill an apply between its first create and the record of it."""
    shell.aws.inject(Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=3.0))
    with shell.begun("apply", "dev", "--yes", "--new-store") as process:
        eventually(lambda: not shell.aws.faults, what="the create that is slow")
        process.kill()
    eventually(shell.groups, what="the group that is made")


def test_who_agreed_to_a_plan_of_what_was_cut_off_agreed_to_the_rest_of_it(shell: Shell) -> None:
    """The kind: the plan shows a create of what is there, and what the apply settles has another digest."""
    shell.write({"specs/dev/g.yaml": stack("g", BEFORE_AND_AFTER.replace("SECOND", "second"))})
    killed_within_a_create(shell)
    [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    assert planned["begun"]["changes"] == [{"address": "a", "kind": "create"}]
    assert planned["begun"]["by"].endswith("at a command line")
    told = " ".join(shell.gitbot("plan", "dev").stdout.split())
    assert "at a command line) began on" in told
    assert "what it has not recorded: create of a." in told.replace("`", "")
    assert "The next apply settles that first, and then does what is left: this plan" in told
    done = shell.gitbot("apply", "dev", "--digest", planned["digest"][:16])
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert f"What is left is the rest of {planned['digest'][:16]}, to which you agreed." in said
    assert sorted(shell.groups()) == ["g-a", "g-b"]
    [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    assert planned["begun"] is None
    assert "not finished" not in shell.gitbot("plan", "dev").stdout


def test_another_plan_than_the_rest_of_what_was_cut_off_is_refused_with_its_digest(
    shell: Shell,
) -> None:
    """The kind: the one apply that settles is refused, and says what happened and what to give it."""
    shell.write({"specs/dev/g.yaml": stack("g", BEFORE_AND_AFTER.replace("SECOND", "second"))})
    killed_within_a_create(shell)
    [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    shell.write({"specs/dev/g.yaml": stack("g", BEFORE_AND_AFTER.replace("SECOND", "third"))})
    refused = shell.gitbot("apply", "dev", "--digest", planned["digest"][:16])
    assert refused.returncode == 1
    told = " ".join(refused.stderr.split())
    assert "what an apply had begun is settled now (create of `a`), and what is left is not" in told
    assert shell.groups() == ["g-a"]
    digest = re.search(r"agree to it with --digest ([0-9a-f]{16})", told)[1]  # type: ignore[index]
    assert shell.gitbot("apply", "dev", "--digest", digest).returncode == 0
    assert sorted(shell.groups()) == ["g-a", "g-b"]


def test_a_command_that_is_ended_says_so_and_gives_its_lease_back(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    shell.applied()
    # Each of them: a look before the lease is taken must not be the only one that is slow.
    slow = Fault(operation="DescribeSecurityGroups", kind=FaultKind.DELAY, seconds=4.0, count=None)
    shell.aws.inject(slow)
    with shell.begun("recover", "dev", "--yes") as process:
        assert process.stderr is not None
        until = time.monotonic() + 60
        while not shell.is_leased() and time.monotonic() < until:
            time.sleep(0.05)
        process.terminate()
        told = process.stderr.read()
    shell.aws.clear_faults()
    assert (process.returncode, told) == (128 + signal.SIGTERM, "ended by SIGTERM\n"), told
    assert not shell.is_leased()


def test_a_recovery_does_not_take_what_another_repository_may_have(shell: Shell) -> None:
    """The kind: two repositories of one account have a stack of the same name, and the next apply replaces the other's data."""
    shell.write({"specs/dev/b.yaml": bucket(), "specs/dev/g.yaml": group("g")})
    shell.applied()
    lineage = json.loads(shell.gitbot("state", "pull", "dev", "artifacts").stdout)["stacks"][0][
        "lineage"
    ]
    theirs = bucket().replace("${env.project}-", "theirs-")
    shell.write({"specs/dev/b.yaml": theirs})
    recover = (
        "recover",
        "dev",
        "--yes",
        "--new-store",
        "--store",
        str(shell.clone.parent / "new.db"),
    )
    looked = shell.gitbot(*recover[:2], "--dry-run", *recover[4:])
    assert (looked.returncode, "dev/artifacts is not recorded" in looked.stderr) == (1, True)
    done = shell.gitbot(*recover, "--json")
    assert done.returncode == 1, done.stdout
    doubts = {one["stack"]: bool(one["doubt"]) for one in json.loads(done.stdout)["stacks"]}
    assert doubts == {"dev/artifacts": True, "dev/g": False}
    told = " ".join(done.stderr.split())
    assert (
        f"dev/artifacts is not recorded. Its objects carry lineage {lineage}, and the next plan would"
        in told
    )
    assert f"--stack artifacts --lineage {lineage}" in told
    listed = json.loads(
        shell.gitbot("state", "list", "dev", "--json", GITBOT_STORE=recover[-1]).stdout
    )
    assert listed.keys() == {"g"}
    done = shell.gitbot(*recover, "--stack", "artifacts", "--lineage", lineage)
    assert done.returncode == 2, done.stderr
    assert "Recorded: dev/artifacts" in done.stdout


def test_a_mistyped_store_path_does_not_make_a_new_store(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    done = shell.gitbot("apply", "dev", "--yes", "--store", str(shell.clone.parent / "typo.db"))
    assert done.returncode == 1
    assert "--new-store" in done.stderr
    assert shell.groups() == []
    assert "GITBOT_STORE" in shell.gitbot("plan", "dev", GITBOT_STORE="").stderr


def test_only_a_commit_is_applied(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")}, commit=False)
    assert shell.gitbot("plan", "dev").returncode == 0
    done = shell.gitbot("apply", "dev", "--yes", "--new-store")
    assert done.returncode == 1
    assert "specs/dev/g.yaml" in done.stderr
    assert shell.groups() == []


def test_a_guarded_apply_needs_its_digest_and_not_yes(shell: Shell) -> None:
    shell.write({"specs/dev/b.yaml": bucket()})
    shell.applied()
    preview = shell.gitbot("plan", "dev", "--destroy", "--json")
    digest = json.loads(preview.stdout)["plans"][0]["digest"]
    refused = shell.gitbot("destroy", "dev", "--yes")
    assert refused.returncode == 1
    assert digest[:16] in refused.stderr
    assert shell.gitbot("destroy", "dev", "--digest", "0" * 16).returncode == 1
    assert shell.aws.client("s3").list_buckets()["Buckets"]
    assert shell.gitbot("destroy", "dev", "--digest", digest[:16]).returncode == 0
    assert not shell.aws.client("s3").list_buckets()["Buckets"]
    assert "Nothing to destroy" in shell.gitbot("destroy", "dev", "--yes").stderr


MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}'


def test_a_plan_foretells_what_waits_for_its_deletion_and_what_is_not_empty(shell: Shell) -> None:
    """The kind: made, destroyed and made again under the same name, which AWS keeps for a while."""
    made = (
        "key: {type: AWS::SecretsManager::Secret, properties: {Name: team-key, GenerateSecretString: {PasswordLength: 20}}}\n"
        "images: {type: AWS::ECR::Repository, properties: {RepositoryName: team}}\n"
    )
    shell.write({"specs/dev/s.yaml": stack("s", made)})
    shell.applied()
    manifest = {"repositoryName": "team", "imageManifest": MANIFEST, "imageTag": "v1"}
    ecr = shell.aws.client("ecr")
    image = ecr.put_image(**manifest)["image"]["imageId"]
    told = " ".join(shell.gitbot("plan", "dev", "--destroy").stdout.split())
    assert "repository `team` has images, and ECR deletes empty repositories only" in told
    ecr.batch_delete_image(repositoryName="team", imageIds=[image])
    [planned] = json.loads(shell.gitbot("plan", "dev", "--destroy", "--json").stdout)["plans"]
    assert planned["foretold"] == []
    done = shell.gitbot("destroy", "dev", "--digest", planned["digest"][:16])
    assert done.returncode == 0, done.stderr
    [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    assert "a deleted secret has the name `team-key` until some time after" in str(
        planned["foretold"]
    )
    shell.aws.client("secretsmanager").restore_secret(SecretId="team-key")
    [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    assert planned["foretold"] == []


def test_a_volume_stays_while_nothing_can_be_attached_to_the_new_one(shell: Shell) -> None:
    """The kind: the old object of a replacement goes though who uses it never came to be on the new one."""

    def disk(encrypted: str, zone: str) -> str:
        return stack(
            "disk",
            f"""\
data:
  type: AWS::EC2::Volume
  properties: {{AvailabilityZone: {zone}, Size: 10, VolumeType: gp3, Encrypted: {encrypted}}}
machine:
  type: AWS::EC2::Instance
  properties: {{ImageId: ami-12c6146b, InstanceType: t3.micro, AvailabilityZone: us-east-1a}}
attached:
  type: AWS::EC2::VolumeAttachment
  properties: {{VolumeId: "${{data.VolumeId}}", InstanceId: "${{machine.InstanceId}}", Device: /dev/sdf}}
""",
        )

    def volumes() -> dict[str, str]:
        found = shell.aws.client("ec2").describe_volumes(
            Filters=[{"Name": "size", "Values": ["10"]}]
        )["Volumes"]
        return {one["VolumeId"]: one["AvailabilityZone"] for one in found}

    shell.write({"specs/dev/disk.yaml": disk("false", "us-east-1a")})
    shell.applied()
    [old] = volumes()
    told = []
    shell.write({"specs/dev/disk.yaml": disk("true", "us-east-1b")})
    for _ in range(2):
        [planned] = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
        failed = shell.gitbot("apply", "dev", "--digest", planned["digest"][:16])
        assert failed.returncode == 1
        assert "attached failed" in failed.stdout.replace("`", ""), failed.stdout + failed.stderr
        assert old in volumes()
        assert len(volumes()) == 2
        told.append(failed.stdout)
    first, second = told
    assert "data has its new object, and the old one was not deleted" in first
    assert "data was not tried" in second


@longer
def test_a_plan_foretells_what_the_cloud_then_refuses(shell: Shell) -> None:
    shell.write({"specs/dev/b.yaml": bucket()})
    shell.applied()
    s3 = shell.aws.client("s3")
    [name] = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket=name, Key="model", Body=b"weights")
    shell.aws.forget_calls()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    assert "ListObjectVersions" not in {call.operation for call in shell.aws.calls}
    words = f"`bucket` (AWS::S3::Bucket): bucket `{name}` is not empty, and S3 deletes empty buckets only."
    [planned] = json.loads(shell.gitbot("plan", "dev", "--destroy", "--json").stdout)["plans"]
    [foretold] = planned["foretold"]
    assert foretold.startswith(words)
    told = " ".join(shell.gitbot("plan", "dev", "--destroy").stdout.split())
    assert f"The cloud will object: {words}".replace("`", "") in told.replace("`", "")
    refused = shell.gitbot("destroy", "dev", "--digest", planned["digest"][:16])
    assert refused.returncode != 0
    assert f"bucket {name} is not empty and was left as it is" in refused.stdout + refused.stderr
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 1


def test_without_a_terminal_and_consent_nothing_is_done(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    done = shell.gitbot("apply", "dev", "--new-store")
    assert done.returncode == 1
    assert "no terminal to ask you" in done.stderr
    assert shell.groups() == []


def test_a_renamed_clone_and_a_new_remote_are_still_the_same_stacks(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    shell.applied()
    shell.git("remote", "add", "origin", "https://github.com/acme/infra.git")
    moved = replace(shell, clone=shell.clone.rename(shell.clone.parent / "renamed"))
    assert moved.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


@longer
def test_a_changed_region_is_refused_and_can_be_changed_back(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    shell.applied()
    here = environment("cli", "dev")
    shell.write({"specs/dev/environment.yaml": here.replace("us-east-1", "us-west-2")})
    for command in ("plan", "apply", "destroy"):
        done = shell.gitbot(command, "dev", *([] if command == "plan" else ["--yes"]))
        assert done.returncode == 1, command
        assert "us-east-1" in done.stderr
    assert len(shell.groups()) == 1
    shell.write({"specs/dev/environment.yaml": here})
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_an_error_in_one_stack_does_not_stop_another_that_is_named(shell: Shell) -> None:
    broken = group("broken").replace("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGrup")
    shell.write({"specs/dev/g.yaml": group("g"), "specs/dev/broken.yaml": broken})
    assert shell.gitbot("plan", "dev").returncode == 1
    assert shell.gitbot("plan", "dev", "--stack", "g").returncode == 0


def test_a_sensitive_value_needs_a_hash_key_and_is_never_stored(shell: Shell) -> None:
    text = stack(
        "secretive",
        "ssh:\n  type: AWS::EC2::SecurityGroup\n  properties:\n"
        "    GroupDescription: '${vars.hush}'\n",
    ).replace(
        "spec:\n",
        "spec:\n  variables: {hush: {type: string, sensitive: true}}\n"
        "  values: {hush: whispered}\n",
        1,
    )
    shell.write({"specs/dev/s.yaml": text})
    refused = shell.gitbot("apply", "dev", "--yes", "--new-store")
    assert refused.returncode == 1
    assert "GITBOT_HASH_KEY" in refused.stderr
    done = shell.gitbot("apply", "dev", "--yes", GITBOT_HASH_KEY=KEY)
    assert done.returncode == 0, done.stderr
    assert "whispered" not in done.stdout + done.stderr
    assert b"whispered" not in b"".join(
        file.read_bytes() for file in shell.store.parent.glob("state.db*")
    )
    assert shell.gitbot("plan", "dev", "--detailed-exitcode", GITBOT_HASH_KEY=KEY).returncode == 0
    # Somebody repeats the value by hand, where the spec has something else.
    ec2 = shell.aws.client("ec2")
    (made,) = (one for one in ec2.describe_security_groups()["SecurityGroups"] if one.get("Tags"))
    tag = {"Key": "gitbot:stack", "Value": "dev/whispered"}
    ec2.create_tags(Resources=[made["GroupId"]], Tags=[tag])
    for more in ((), ("--json",)):
        repeated = shell.gitbot("plan", "dev", *more, GITBOT_HASH_KEY=KEY)
        assert "dev/(sensitive)" in repeated.stdout
        assert "whispered" not in repeated.stdout + repeated.stderr
    mended = shell.gitbot("apply", "dev", "--yes", "--json", GITBOT_HASH_KEY=KEY)
    assert mended.returncode == 0, mended.stderr
    assert "whispered" not in mended.stdout + mended.stderr


@longer
def test_a_bucket_that_is_replaced_while_it_holds_data_says_so_and_can_be_gone_on_with(
    shell: Shell,
) -> None:
    shell.write({"specs/dev/b.yaml": bucket("one")})
    shell.applied()
    s3 = shell.aws.client("s3")
    s3.put_object(Bucket="cli-dev-one", Key="model", Body=b"weights")
    renamed = bucket("one").replace("-one", "-two")
    shell.write({"specs/dev/b.yaml": renamed})
    plan = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"][0]
    failed = shell.gitbot("apply", "dev", "--digest", plan["digest"])
    assert failed.returncode == 1
    assert "emptyOnDelete" in failed.stdout + failed.stderr
    lifecycle = renamed.replace(
        "  type: AWS::S3::Bucket\n",
        "  type: AWS::S3::Bucket\n      lifecycle: {emptyOnDelete: true}\n",
    )
    shell.write({"specs/dev/b.yaml": lifecycle})
    assert shell.gitbot("apply", "dev", "--yes").returncode == 0
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["cli-dev-two"]


PROMOTES = environment("cli", "staging") + "  promotesFrom: dev\n"


def promoting(shell: Shell) -> None:
    """Write a stack of two environments, and a change of the first one."""
    web = group("web")
    shell.write({"specs/staging/environment.yaml": PROMOTES, "specs/dev/web.yaml": web})
    shell.write({"specs/staging/web.yaml": "# ours\n" + web})
    shell.write({"specs/dev/web.yaml": web.replace("203.0.113.5", "203.0.113.9")}, commit=False)


def test_a_promotion_is_shown_without_a_server_or_a_cloud(shell: Shell) -> None:
    promoting(shell)
    done = shell.gitbot("promote", "dev", "web", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "dev/web -> staging: clean" in done.stdout
    lines = [line[1:] for line in done.stdout.splitlines() if line[:1] in ("+", "-")][2:]
    assert [line.replace("113.9", "113.5") for line in lines[1:]] == lines[:1]
    shown = json.loads(shell.gitbot("promote", "dev", "web", "--dry-run", "--json").stdout)
    assert shown["promotions"][0]["promotion"]["target"] == "staging"
    assert "add --dry-run" in shell.gitbot("promote", "dev", "web").stderr


@longer
def test_a_promotion_that_is_not_possible_says_why(shell: Shell) -> None:
    promoting(shell)
    assert "no stack 'x'" in shell.gitbot("promote", "dev", "x", "--dry-run").stderr
    assert "no environment 'nope'" in shell.gitbot("promote", "nope", "x", "--dry-run").stderr
    unknown = shell.gitbot("promote", "dev", "web", "--dry-run", "--base", "zzz").stderr
    assert "has no commit 'zzz'" in unknown
    assert "promoted from staging" in shell.gitbot("promote", "staging", "web", "--dry-run").stderr
    base = shell.gitbot("promote", "dev", "web", "--dry-run", "--base", "HEAD~2").stderr
    assert "has no stack 'web'" in base
    frozen = "  freeze: [{name: f, deny: [promote], from: 2020-01-01T00:00:00, until: 2120-01-01T00:00:00}]\n"
    shell.write({"specs/staging/environment.yaml": PROMOTES + frozen}, commit=False)
    waits = shell.gitbot("promote", "dev", "web", "--dry-run")
    assert "waits: the window `f` (open until Mon 2120-01-01 00:00 UTC)" in waits.stdout
    off = PROMOTES.replace("promotesFrom: dev", 'promotesFrom: {environment: dev, how: "off"}')
    shell.write({"specs/staging/environment.yaml": off}, commit=False)
    told = shell.gitbot("promote", "dev", "web", "--dry-run", "--json")
    assert told.returncode == 1
    assert "promotion from dev to staging is off" in json.loads(told.stdout)["error"]
    shell.write({"specs/staging/environment.yaml": PROMOTES}, commit=False)
    shell.git("commit", "--all", "--quiet", "--message", "two")
    assert (
        "nothing to promote"
        in shell.gitbot("promote", "dev", "web", "--dry-run", "--base", "HEAD").stdout
    )


def test_json_and_no_color_are_for_programs(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")})
    valid = json.loads(shell.gitbot("validate", "--json").stdout)
    assert valid["valid"] is True
    applied = json.loads(shell.applied("--json"))
    assert applied["results"][0]["ok"] is True
    plain = shell.gitbot("plan", "dev", NO_COLOR="1", FORCE_COLOR="1").stdout
    assert "\x1b" not in plain
    assert json.loads(shell.gitbot("schema", "AWS::S3::Bucket").stdout)["properties"]


def test_what_the_command_line_does_leaves_runs_and_audit_rows(shell: Shell) -> None:
    """The kind: a change that no record names. The words are those of the server."""
    shell.write({"specs/dev/g.yaml": group("g")})
    shell.applied()
    assert shell.gitbot("destroy", "dev", "--yes").returncode == 0
    with sqlite3.connect(shell.store) as store:
        runs = store.execute(
            "SELECT kind, status, actor, shown_at IS NOT NULL FROM runs"
        ).fetchall()
        rows = store.execute("SELECT action, actor, subject FROM audit ORDER BY rowid").fetchall()
    assert [run[:2] for run in runs] == [("apply", "applied")] * 2
    assert all(run[2].endswith("at a command line") and run[3] for run in runs)
    assert [row[0] for row in rows] == ["apply running", "apply applied"] * 2
    assert all("dev/g@us-east-1" in row[2] for row in rows)
    assert json.loads(shell.gitbot("state", "list", "dev", "--json").stdout) == {}
    assert "g" in json.loads(shell.gitbot("state", "list", "dev", "--all", "--json").stdout)
    unknown = shell.gitbot("state", "list", "prod", "--json")
    assert unknown.returncode == 1
    assert "it has: dev" in json.loads(unknown.stdout)["error"]


def test_commands_work_in_any_folder_of_the_clone_and_errors_are_json_too(shell: Shell) -> None:
    shell.write({"specs/dev/g.yaml": group("g")}, commit=False)
    below = ("--repo", "specs/dev")
    assert "1 stack" in shell.gitbot("validate", "specs/dev").stdout
    assert shell.gitbot("plan", "dev", *below).returncode == 0
    shell.write({"specs/dev/g.yaml": group("g", more="    Nme: x\n")}, commit=False)
    failed = shell.gitbot("plan", "dev", "--json", *below)
    assert failed.returncode == 1
    [found] = json.loads(failed.stdout)["diagnostics"]
    assert (found["code"], found["file"]) == ("unknown-property", "specs/dev/g.yaml")
    assert "Did you mean 'apply'" in shell.gitbot("aply", "dev").stderr


def parts(shell: Shell) -> None:
    """Write a stack of three groups, the second of which uses the first one, and another stack."""

    def named(key: str, other: str = "") -> str:
        uses = f", Tags: [{{Key: uses, Value: '${{{other}.GroupId}}'}}]" if other else ""
        return (
            f"{key}:\n  type: AWS::EC2::SecurityGroup\n"
            f"  properties: {{GroupName: {key}-group, GroupDescription: of {key}{uses}}}\n"
        )

    text = stack("web", named("a") + named("b", "a") + named("c"), "id: ${c.GroupId}\n")
    shell.write({"specs/dev/web.yaml": text, "specs/dev/g.yaml": group("g")})


def test_a_part_of_a_stack_is_planned_and_applied_alone(shell: Shell) -> None:
    parts(shell)
    shown = shell.gitbot("plan", "dev", "--target", "b", "--json")
    (plan,) = json.loads(shown.stdout)["plans"]
    assert [change["address"] for change in plan["changes"]] == ["a", "b"]
    assert (plan["partial"], plan["outputs"]) == (["--target b"], [])
    done = shell.applied("--target", "b")
    assert "A part of the stack only (--target b)" in done
    assert "The rest of the stack was left out: gitbot apply dev does it." in done
    assert sorted(shell.groups()) == ["a-group", "b-group"]
    # The rest is still to be done, and an apply without flags does it.
    (state,) = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout).values()
    assert state["complete"] is False
    shell.applied("--exclude", "c")
    assert sorted(shell.groups()) == ["a-group", "b-group", "cli-dev-g"]
    shell.applied()
    assert sorted(shell.groups()) == ["a-group", "b-group", "c-group", "cli-dev-g"]


@longer
def test_a_part_of_a_stack_is_replaced_and_destroyed_alone(shell: Shell) -> None:
    parts(shell)
    shell.applied()
    remade = shell.gitbot("plan", "dev", "--replace", "c", "--detailed-exitcode")
    assert remade.returncode == 2
    assert "Somebody asked for its replacement (`--replace`)." in remade.stdout
    before = {g["GroupName"]: g["GroupId"] for g in shell.described()}
    shell.applied("--replace", "c")
    after = {g["GroupName"]: g["GroupId"] for g in shell.described()}
    assert {name for name in before if before[name] != after[name]} == {"c-group"}

    refused = shell.gitbot("plan", "dev", "--destroy", "--replace", "a")
    assert "destroy it with --destroy --target a" in refused.stderr
    shown = shell.gitbot("plan", "dev", "--destroy", "--target", "a").stdout
    assert "2 to delete. This destroys a part of the stack." in shown
    gone = shell.gitbot("destroy", "dev", "--target", "a", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert sorted(shell.groups()) == ["c-group", "cli-dev-g"]
    assert "2 to create" in shell.gitbot("plan", "dev", "--stack", "web").stdout


def noted(key: str) -> str:
    """A group with a tag."""
    return (
        f"{key}:\n  type: AWS::EC2::SecurityGroup\n"
        f"  properties: {{GroupName: {key}-group, GroupDescription: of it,"
        " Tags: [{Key: note, Value: ours}]}\n"
    )


def audited(shell: Shell) -> list[str]:
    """What was done to state itself."""
    with sqlite3.connect(shell.store) as rows:
        actions = [action for (action,) in rows.execute("select action from audit order by rowid")]
    return [one for one in actions if one.startswith("state")]


@longer
def test_state_is_brought_up_to_the_cloud(shell: Shell) -> None:
    shell.write({"specs/dev/web.yaml": stack("web", noted("a") + noted("b"))})
    shell.applied()
    ids = {one["GroupName"]: one["GroupId"] for one in shell.described()}
    ec2 = shell.aws.client("ec2")
    ec2.create_tags(Resources=[ids["a-group"]], Tags=[{"Key": "note", "Value": "theirs"}])
    ec2.delete_security_group(GroupId=ids["b-group"])

    shown = shell.gitbot("plan", "dev", "--refresh-only", "--detailed-exitcode")
    assert shown.returncode == 2
    assert 'a/Tags/note: "ours" → "theirs"' in shown.stdout
    assert "b was deleted outside gitbot: it leaves state" in shown.stdout
    refused = shell.gitbot("refresh", "dev")
    digest = re.search(r"Digest ([0-9a-f]{16}) names exactly this", shown.stdout)[1]  # type: ignore[index]
    assert f"agree with --digest {digest} or --yes" in refused.stderr
    stale = shell.gitbot("apply", "dev", "--refresh-only", "--digest", "0" * 16)
    assert f"dev/web is {digest}. Nothing was changed" in stale.stderr
    done = shell.gitbot("apply", "dev", "--refresh-only", "--digest", digest)
    assert done.returncode == 0, done.stderr
    data = json.loads(shell.gitbot("refresh", "dev", "--yes", "--json").stdout)
    assert data == {"refresh": {"dev/web": {"left": [], "recorded": [], "digest": None}}}
    assert shell.described()[0]["GroupId"] == ids["a-group"]
    assert audited(shell) == ["state refresh"]


def test_state_is_changed_by_hand(shell: Shell) -> None:
    shell.write({"specs/dev/web.yaml": stack("web", noted("a"))})
    shell.applied()
    [made] = shell.described()
    theirs = [{"Key": "note", "Value": "theirs"}]
    shell.aws.client("ec2").create_tags(Resources=[made["GroupId"]], Tags=theirs)
    shell.write({"specs/dev/web.yaml": stack("web", noted("a").replace("a:", "c:", 1))})
    moved = shell.gitbot("state", "mv", "dev", "web", "a", "c", "--yes")
    assert moved.returncode == 0, moved.stderr
    assert f"a → c  {made['GroupId']}" in moved.stdout
    assert "(changed by hand since its last apply)" in shell.gitbot("state", "list", "dev").stdout
    assert "What the next plan would say then:\ndev/web in us-east-1\n1 to update" in moved.stdout
    assert "another stack's" not in moved.stdout, "the tag that this very command puts right"
    (tagged,) = shell.described()
    assert {"Key": "gitbot:resource", "Value": "c"} in tagged["Tags"]  # type: ignore[comparison-overlap]
    shell.applied()
    removed = json.loads(shell.gitbot("state", "rm", "dev", "web", "c", "--yes", "--json").stdout)
    assert removed["removed"] == {"c": made["GroupId"]}
    assert [change["action"] for change in removed["plan"]["changes"]] == ["adopt"]
    assert shell.groups() == ["a-group"]
    unknown = shell.gitbot("state", "rm", "dev", "web", "c", "--yes")
    assert "dev/web has nothing at 'c' in state; it has: nothing" in unknown.stderr
    assert audited(shell) == ["state mv", "state rm"]


NEWEST = stack(
    "m",
    "machine:\n"
    "  type: AWS::EC2::Instance\n"
    "  properties: {ImageId: '${lookups.base.ImageId}', InstanceType: t3.micro}\n",
).replace(
    "spec:\n",
    "spec:\n  lookups:\n    base:\n      type: AWS::EC2::Image\n"
    "      filter: {Owner: self, Name: base-*}\n      pick: newest\n",
)


def image(shell: Shell, name: str) -> str:
    """A new image of this name, newer than all others by EC2's clock of seconds; its identifier."""
    ec2 = shell.aws.client("ec2")
    dates = [one["CreationDate"] for one in ec2.describe_images(Owners=["self"])["Images"]]
    while f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}" <= max(dates, default="")[:19]:
        time.sleep(0.05)
    maker = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]
    return str(ec2.create_image(InstanceId=maker["InstanceId"], Name=name)["ImageId"])


def with_an_image(shell: Shell) -> str:
    """Write a machine with the newest image, and make one."""
    listed = '  lookups: [{type: "AWS::EC2::Image", identifiers: ["*"], attributes: [ImageId]}]\n'
    rules = environment("cli", "dev", listed)
    shell.write({"specs/dev/environment.yaml": rules, "specs/dev/m.yaml": NEWEST})
    return image(shell, "base-1")


def test_a_newer_image_is_remarked(shell: Shell) -> None:
    first = with_an_image(shell)
    assert f'+ ImageId: "{first}"' in shell.gitbot("plan", "dev").stdout
    shell.applied()
    newer = image(shell, "base-2")
    kept = shell.gitbot("plan", "dev", "--detailed-exitcode")
    assert kept.returncode == 0, "a newer image is no change"
    assert f"{newer} would be found now" in kept.stdout
    (plan,) = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    (lookup,) = plan["lookups"]
    assert lookup["found"]["identifiers"] == [first]
    assert newer in lookup["remark"]


@longer
def test_a_newer_image_is_taken_when_somebody_looks_again(shell: Shell) -> None:
    first = with_an_image(shell)
    shell.applied()
    newer = image(shell, "base-2")
    again = shell.gitbot("plan", "dev", "--refresh-lookups", "--detailed-exitcode")
    assert again.returncode == 2
    assert f'~ ImageId: "{first}" → "{newer}"' in again.stdout
    assert "1 to replace" in again.stdout
    digest = again.stdout.partition("Digest ")[2][:16]
    done = shell.gitbot("apply", "dev", "--digest", digest)
    assert "nothing to do" in done.stdout, "a plan records nothing"
    done = shell.gitbot("apply", "dev", "--refresh-lookups", "--digest", digest)
    assert done.returncode == 0, done.stderr
    state = json.loads(shell.gitbot("state", "show", "dev", "m").stdout)
    assert state["lookups"]["lookups.base"]["identifiers"] == [newer]
    newest = image(shell, "base-3")
    for refresh in ("always", "2026-11-29"):
        shell.write(
            {"specs/dev/m.yaml": NEWEST.replace("newest\n", f"newest\n      refresh: {refresh}\n")}
        )
        anew = shell.gitbot("plan", "dev")
        assert f'~ ImageId: "{newer}" → "{newest}"' in anew.stdout, refresh
