"""Tests for plans, merges, holds, claims and commands, as people see them on GitHub."""

from __future__ import annotations

import re
import time

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.github.entities import CheckRun
from gitbot_sandbox.sandbox import ADMIN, READER, WRITER, eventually
from gitbot_sandbox.stage import PLAN, Stage, result_opening
from tests.e2e.specs import bucket, group
from tests.e2e.test_attacks import apply_and_be_answered, buckets, groups, project

APPLIED = result_opening("dev")
longer = pytest.mark.story
"""What begins as a test without it does, and goes on for longer."""


@pytest.fixture(scope="module")
def more_settings() -> dict[str, str]:
    """A server that encrypts state."""
    return {"GITBOT_STATE_KEY": f"{'k' * 43}="}


def merged(stage: Stage, files: dict[str, str | None], branch: str, method: str = "merge") -> int:
    """A pull request that was planned, merged and applied; its number."""
    number = stage.open(branch, f"Bring {branch}", files)
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN, method=method)
    stage.comment(number, APPLIED)
    return number


def held_digest(body: str) -> str:
    found = re.search(r"/apply dev ([0-9a-f]{16})", body)
    assert found, body
    return found.group(1)


def test_a_merge_applies_what_was_reviewed_and_the_next_plan_is_empty(stage: Stage) -> None:
    merged(stage, {"specs/dev/b.yaml": bucket()}, "bucket", method="squash")
    assert buckets(stage) == [f"{project(stage)}-dev-artifacts"]
    number = stage.open("comment", "Say it nicer", {"specs/dev/b.yaml": "# nicer\n" + bucket()})
    assert stage.check(number, "gitbot").conclusion == "success"
    assert "to update" not in stage.check(number, "gitbot").title
    stage.github.comment(stage.name, number, WRITER, "/help")
    stage.comment(number, "gitbot:answer")
    assert not [c for c in stage.github.comments(stage.name, number) if "to update" in c.body]


@longer
def test_the_stacks_of_a_pull_request_are_read_together(stage: Stage) -> None:
    names = ("red", "green", "blue")
    merged(stage, {f"specs/dev/{name}.yaml": group(name) for name in names}, "three")
    changed = {f"specs/dev/{name}.yaml": group(name, cidr="203.0.113.6/32") for name in names}
    stage.sandbox.aws.forget_calls()
    number = stage.open("other", "Another address", changed)
    body = stage.plan_comment(number).body
    reads = [one for one in stage.sandbox.aws.calls if one.operation == "DescribeSecurityGroups"]
    planned = re.findall(r"#### `dev/(\w+)`.*?In the cloud it is `(sg-\w+)`", body, re.DOTALL)
    found = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    ids = {one["GroupName"]: one["GroupId"] for one in found}
    assert dict(planned) == {name: ids[f"{project(stage)}-dev-{name}"] for name in names}
    assert len(reads) < len(names)


def test_two_pull_requests_on_different_stacks_merged_at_once_are_both_applied(
    stage: Stage,
) -> None:
    one = stage.open("one", "One", {"specs/dev/one.yaml": group("one")})
    two = stage.open("two", "Two", {"specs/dev/two.yaml": group("two")})
    stage.plan_comment(one)
    stage.plan_comment(two)
    stage.github.merge(stage.name, one, ADMIN)
    stage.github.merge(stage.name, two, ADMIN)
    both = {f"{project(stage)}-dev-{name}" for name in ("one", "two")}
    eventually(lambda: {*groups(stage)} == both, what="both groups")
    for number in (one, two):
        said = stage.comment(number, APPLIED).body
        assert "✓ Applied" in said
        assert "⏸ Held" not in said
    # Only the cloud knows these, so they stand where state does, and there they are sealed.
    known = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    files = {path: path.read_bytes() for path in stage.sandbox.data.rglob("*") if path.is_file()}
    assert {"gitbot.db", "gitbot.db-wal", "jobs.db"} <= {path.name for path in files}
    ids = [each["GroupId"].encode() for each in known if each["GroupName"] in groups(stage)]
    assert len(ids) == 2
    assert [path for path, text in files.items() if any(id_ in text for id_ in ids)] == []


@longer
def test_two_pull_requests_on_one_stack_that_are_merged_within_seconds_are_applied_together(
    stage: Stage,
) -> None:
    """Nobody changed anything else, and it was held: the plan had the digest of neither."""
    merged(stage, {"specs/dev/g.yaml": group("g")}, "base")
    one = stage.open("one", "One", {"specs/dev/g.yaml": group("g", "198.51.100.1/32")})
    other = group("g") + "  # a tail\n"
    tail = other.replace("owner: ml-team", "owner: other-team")
    two = stage.open("two", "Two", {"specs/dev/g.yaml": tail})
    stage.plan_comment(one)
    stage.plan_comment(two)
    stage.sandbox.github.courier.hold()
    try:
        stage.github.merge(stage.name, one, ADMIN)
        stage.github.merge(stage.name, two, ADMIN)
    finally:
        stage.sandbox.github.courier.release()
    for number in (one, two):
        body = stage.comment(number, APPLIED).body
        assert "1 updated" in body
        assert "Held" not in body
    assert "other-team" in str(_tags(stage, "g"))


@longer
def test_what_was_reverted_is_not_applied_when_somebody_pushes_it_again(stage: Stage) -> None:
    """Consent outlived its withdrawal: the failed apply of a merge that was taken back went on."""
    number = stage.open("one", "One", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    refused = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="DescribeSecurityGroups",
        count=None,
        status=403,
        code="UnauthorizedOperation",
    )
    stage.sandbox.aws.inject(refused)
    try:
        stage.github.merge(stage.name, number, ADMIN)
        assert "Nothing was changed there" in stage.comment(number, APPLIED).body
        stage.github.push_files(
            stage.name, "main", {"specs/dev/g.yaml": None}, ADMIN, message="Take it back"
        )
    finally:
        stage.sandbox.aws.clear_faults()
    again: dict[str, str | None] = {"specs/dev/g.yaml": group("g")}
    tip = stage.github.push_files(stage.name, "main", again, ADMIN, message="Again")

    def held() -> str | None:
        runs = list(stage.github.repository(stage.name).check_runs.values())
        asked = [r for r in runs if (r.sha, r.conclusion) == (tip, "action_required")]
        return asked[-1].summary if asked else None

    assert "does not count any more" in eventually(held, what="the held apply")
    assert groups(stage) == []


def _tags(stage: Stage, name: str) -> object:
    found = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    project = stage.name.split("/")[1]
    return [g["Tags"] for g in found if g["GroupName"] == f"{project}-dev-{name}"]


def test_deleting_buckets_is_held_until_one_comment_releases_their_digests(stage: Stage) -> None:
    """Several releases in one comment are carried out and reported together."""
    files: dict[str, str | None] = {"specs/dev/b.yaml": bucket(), "specs/dev/c.yaml": bucket("c")}
    merged(stage, files, "buckets")
    number = stage.open("gone", "Remove the buckets", dict.fromkeys(files))
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    body = stage.comment(number, APPLIED, "⏸ Held").body
    digest, other = dict.fromkeys(re.findall(r"/apply dev ([0-9a-f]{16})", body))
    assert len(buckets(stage)) == 2
    refused = apply_and_be_answered(stage, number, READER, f"/apply dev {digest}")
    assert "write access" in refused
    wrong = apply_and_be_answered(stage, number, ADMIN, f"/apply dev {'0' * 16}")
    assert f"no plan shown on #{number} has the digest" in wrong
    stage.github.comment(stage.name, number, ADMIN, "/apply dev")

    def shown_again() -> bool:
        comments = stage.github.comments(stage.name, number)
        return len([c for c in comments if APPLIED in c.body and digest in c.body]) == 2

    eventually(shown_again, what="an answer that shows what is held")
    assert len(buckets(stage)) == 2
    lines = f"/apply dev {digest}\n/apply dev {other}"
    stage.github.comment(stage.name, number, ADMIN, lines)
    eventually(lambda: buckets(stage) == [], what="the buckets' end")
    stage.result(number, "dev", "`dev/artifacts`", "`dev/c`", "1 deleted")
    told = [c for c in stage.github.comments(stage.name, number) if APPLIED in c.body]
    assert len(told) == 3


@longer
def test_a_bucket_is_emptied_in_turns_and_the_pull_request_says_how_far_it_is(
    stage: Stage,
) -> None:
    """The kind: work that takes longer than one apply may goes on by itself, and is told."""
    text = bucket(more="  lifecycle: {emptyOnDelete: true}\n")
    merged(stage, {"specs/dev/b.yaml": text}, "bucket")
    [name] = buckets(stage)
    for key in ("one", "two"):
        stage.sandbox.aws.client("s3").put_object(Bucket=name, Key=key, Body=b"x")
    slow = Fault(kind=FaultKind.DELAY, service="s3", operation="DeleteObjects", seconds=1.2)
    stage.sandbox.aws.inject(slow)  # longer than GITBOT_TURN_S
    number = stage.open("gone", "Remove the bucket", {"specs/dev/b.yaml": None})
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    digest = held_digest(stage.comment(number, APPLIED, "⏸ Held").body)
    stage.github.comment(stage.name, number, ADMIN, f"/apply dev {digest}")
    told = stage.comment(number, "goes on in turns").body
    assert f"2 objects and versions of bucket {name} are deleted so far" in told
    eventually(lambda: buckets(stage) == [], what="the bucket's end")
    assert stage.comment(number, APPLIED, "1 deleted")
    assert stage.comment(number, "The apply of `dev` is over")
    again = apply_and_be_answered(stage, number, ADMIN, f"/apply dev {digest}")
    assert "was applied at" in again
    assert "nothing was done again" in again


def test_apply_before_the_merge_takes_a_claim_that_the_merge_ends(stage: Stage) -> None:
    one = stage.open("one", "One", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(one)
    stage.github.comment(stage.name, one, WRITER, "/apply dev")
    stage.comment(one, APPLIED, "ssh")
    eventually(lambda: groups(stage), what="the group")
    two = stage.open("two", "Two", {"specs/dev/g.yaml": group("g", "198.51.100.1/32")})
    stage.comment(two, PLAN, f"#{one}")
    time.sleep(1.1)
    assert f"#{one}" in apply_and_be_answered(stage, two, WRITER, "/apply dev")
    stage.github.merge(stage.name, one, ADMIN)
    stage.comment(one, APPLIED, "othing to do")
    stage.github.push_files(
        stage.name, "two", {"specs/dev/g.yaml": group("g", "198.51.100.2/32")}, WRITER
    )
    eventually(
        lambda: f"#{one} has applied" not in stage.plan_comment(two).body, what="the claim's end"
    )


@longer
def test_closing_a_pull_request_with_a_claim_holds_the_apply_that_undoes_it(stage: Stage) -> None:
    number = stage.open("one", "One", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    stage.github.comment(stage.name, number, WRITER, "/apply dev")
    eventually(lambda: groups(stage), what="the group")
    stage.comment(number, APPLIED)
    stage.github.close(stage.name, number, WRITER)
    digest = held_digest(stage.comment(number, APPLIED, "closed unmerged").body)
    assert groups(stage)
    stage.github.comment(stage.name, number, ADMIN, f"/apply dev {digest}")
    eventually(lambda: groups(stage) == [], what="the way back")


def test_unlock_releases_a_claim_without_touching_the_cloud(stage: Stage) -> None:
    number = stage.open("one", "One", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    # In one comment the stack was given back before its apply began, which went on unclaimed.
    stage.github.comment(stage.name, number, WRITER, "/apply dev\n/unlock dev")
    stage.comment(number, "was accepted here and has not ended")
    eventually(lambda: groups(stage), what="the group")
    stage.comment(number, APPLIED)
    assert "may not" in apply_and_be_answered(stage, number, READER, "/unlock")
    assert "eleased" in apply_and_be_answered(stage, number, WRITER, "/unlock")
    assert "holds no stack" in apply_and_be_answered(stage, number, WRITER, "/unlock")
    assert groups(stage)


def test_a_failed_apply_says_what_was_done_and_the_next_apply_continues(stage: Stage) -> None:
    files: dict[str, str | None] = {"specs/dev/b.yaml": bucket(), "specs/dev/g.yaml": group("g")}
    number = stage.open("both", "Both", files)
    stage.plan_comment(number)
    fault = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="CreateSecurityGroup",
        count=None,
        status=403,
        code="UnauthorizedOperation",
    )
    stage.sandbox.aws.inject(fault)
    try:
        stage.github.merge(stage.name, number, ADMIN)
        body = stage.comment(number, APPLIED).body
    finally:
        stage.sandbox.aws.clear_faults()
    assert "/apply dev" in body
    assert len(buckets(stage)) == 1
    assert groups(stage) == []
    stage.github.comment(stage.name, number, ADMIN, "/apply dev")
    eventually(lambda: groups(stage), what="the group")


def test_bad_specs_are_reported_at_their_lines_and_change_nothing(stage: Stage) -> None:
    cycle = group("c").replace("SSH from one address only", "${ssh.GroupId}")
    files: dict[str, str | None] = {
        "specs/dev/broken.yaml": "apiVersion: [\n",
        "specs/dev/type.yaml": group("t").replace("SecurityGroup\n", "SecurityGrup\n"),
        "specs/dev/cycle.yaml": cycle,
        "specs/dev/big.yaml": "# " + "x" * 1_200_000,
    }
    number = stage.open("bad", "Bad specs", files)
    body = stage.plan_comment(number).body
    for file in files:
        assert file in body, file
    assert "AWS::EC2::SecurityGroup" in body
    check = stage.check(number, "gitbot/dev")
    assert check.conclusion == "failure"
    assert {a["path"] for a in check.annotations} == set(files)
    assert groups(stage) == []


@longer
def test_a_hold_is_told_once_and_who_was_never_planned_is_told_too(stage: Stage) -> None:
    """News told again at every merge, and merged pull requests that are told nothing."""
    merged(stage, {"specs/dev/b.yaml": bucket()}, "bucket")
    gone = stage.open("gone", "Remove the bucket", {"specs/dev/b.yaml": None})
    stage.plan_comment(gone)
    stage.github.merge(stage.name, gone, ADMIN)
    digest = held_digest(stage.comment(gone, APPLIED, "eld").body)
    assert stage.check(gone, "gitbot").conclusion == "neutral"
    # Merged within seconds, and nobody planned it: no delivery came in time.
    stage.github.courier.hold()
    other = stage.open("quick", "Add a group", {"specs/dev/g.yaml": group("g")})
    stage.github.merge(stage.name, other, ADMIN)
    stage.github.courier.release()
    body = stage.comment(other, APPLIED).body
    own = held_digest(body)
    assert own != digest
    assert "dev-artifacts" not in body
    held = f"`dev/artifacts` (`/apply dev {digest}` on #{gone})"
    assert f"**⏸ Still held until somebody says so**: {held}." in body
    stage.github.comment(stage.name, other, ADMIN, f"/apply dev {own}")
    assert "Still held" not in stage.comment(other, APPLIED, "✓ Applied").body
    stage.github.comment(stage.name, gone, ADMIN, f"/apply dev {digest}")
    eventually(lambda: buckets(stage) == [], what="the bucket's end")


@longer
def test_a_pull_request_that_is_open_again_has_its_claim_again(stage: Stage) -> None:
    number = stage.open("one", "One", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    stage.github.comment(stage.name, number, WRITER, "/apply dev")
    stage.comment(number, APPLIED)
    stage.github.close(stage.name, number, WRITER)
    stage.comment(number, APPLIED, "closed unmerged")
    stage.github.reopen(stage.name, number, WRITER)
    stage.check(number, "gitbot")
    two = stage.open("two", "Two", {"specs/dev/g.yaml": group("g", "198.51.100.1/32")})
    assert f"#{number} has applied" in stage.comment(two, PLAN, f"#{number}").body
    stage.github.merge(stage.name, number, ADMIN)
    stage.comment(number, APPLIED, "othing to do")


@longer
def test_re_run_plans_forks_and_tries_a_failed_apply_again(stage: Stage) -> None:
    """A request to run again that leaves the suite queued for ever, or that does nothing."""
    stage.github.fork(stage.name, WRITER)
    fork = f"{WRITER}/{stage.name.split('/')[1]}"
    stage.github.push_files(fork, "mine", {"specs/dev/f.yaml": group("f")}, WRITER)
    number = stage.github.open_pull_request(
        stage.name, author=WRITER, head=f"{WRITER}:mine", title="From a fork"
    )
    stage.plan_comment(number)
    run = stage.check(number, "gitbot")
    stage.github.rerequest_check(stage.name, run.id, ADMIN)
    suite = stage.github.repository(stage.name).check_suites[run.suite_id]
    eventually(lambda: not suite.queued, what="the answer to the re-run of the fork's check")
    both = stage.open("g", "Add a group", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(both)
    fault = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="CreateSecurityGroup",
        count=None,
        status=403,
        code="UnauthorizedOperation",
    )
    stage.sandbox.aws.inject(fault)
    try:
        tip = stage.github.merge(stage.name, both, ADMIN)
        stage.comment(both, APPLIED, "✗")
    finally:
        stage.sandbox.aws.clear_faults()
    found = stage.github.repository(stage.name).check_runs.values()

    def failed() -> list[CheckRun]:
        return [r for r in found if r.sha == tip and r.conclusion == "failure"]

    (apply,) = eventually(failed, what="the failed check")
    stage.github.rerequest_check(stage.name, apply.id, ADMIN)
    eventually(lambda: groups(stage), what="the group")
    eventually(lambda: not failed(), what="the check's end")


def test_the_check_to_require_stands_on_every_head_also_where_nothing_is_said(
    stage: Stage,
) -> None:
    """A required check that never comes, and noise where nothing of ours changed."""
    app = {"app.py": "print(1)\n"}
    here = stage.open("app", "Change the application", dict(app))
    # On main the application changes too, and a spec breaks: neither concerns the pull requests.
    stage.github.push_files(stage.name, "release", {"app.py": "print(0)\n"}, ADMIN)
    broken = {"app.py": "print(2)\n", "specs/prod/broken.yaml": "apiVersion: [\n"}
    stage.github.push_files(stage.name, "main", broken, ADMIN)
    stage.github.push_files(stage.name, "fix", {"app.py": "print(3)\n"}, WRITER, start="release")
    there = stage.github.open_pull_request(
        stage.name, author=WRITER, head="fix", base="release", title="Fix the release"
    )
    spec = stage.open("spec", "Add a group", {"specs/dev/g.yaml": group("g")})
    for number, title in (
        (here, "nothing changes here"),
        (there, "nothing changes here"),
        (spec, "dev: 1 to create"),
    ):
        check = stage.check(number, "gitbot")
        assert (check.conclusion, check.title) == ("success", title)
    quiet = [c for n in (here, there) for c in stage.github.comments(stage.name, n)]
    assert quiet == []
    assert "broken.yaml" not in stage.plan_comment(spec).body


def test_an_unknown_command_and_a_missing_right_are_answered(stage: Stage) -> None:
    number = stage.open("feature", "Add", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    assert "/apply" in apply_and_be_answered(stage, number, ADMIN, "/aply dev")
    assert "the tracked branch has no environment `mars`" in apply_and_be_answered(
        stage, number, ADMIN, "/apply mars"
    )
    assert "permission" in apply_and_be_answered(stage, number, READER, "/apply dev")
