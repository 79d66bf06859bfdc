"""Whoever may only open a pull request or write a comment can do no harm."""

from __future__ import annotations

import time

import pytest

from gitbot_sandbox.github.actions import pushes
from gitbot_sandbox.sandbox import ADMIN, READER, WRITER, eventually
from gitbot_sandbox.stage import PLAN, Stage
from tests.e2e.conftest import environment
from tests.e2e.specs import bucket, group, stack

pytestmark = pytest.mark.story

ROLE = "  roles: {plan: arn:aws:iam::123456789012:role/stolen}\n"


def project(stage: Stage) -> str:
    return stage.name.split("/")[1]


def buckets(stage: Stage) -> list[str]:
    names = [b["Name"] for b in stage.sandbox.aws.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name.startswith(f"{project(stage)}-")]


def groups(stage: Stage) -> list[str]:
    found = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    return [g["GroupName"] for g in found if g["GroupName"].startswith(f"{project(stage)}-")]


def apply_and_be_answered(stage: Stage, number: int, author: str, line: str) -> str:
    command = stage.github.comment(stage.name, number, author, line)
    return stage.answer(number, command).body


def test_rules_in_a_base_branch_of_the_attacker_do_not_count(stage: Stage) -> None:
    lax = environment(project(stage), "prod", "  permissions: {apply: {permission: read}}\n")
    stage.github.push_files(
        stage.name, "lax", {"specs/prod/environment.yaml": lax}, WRITER, message="Lax rules"
    )
    stage.github.push_files(
        stage.name, "attack", {"specs/prod/b.yaml": bucket()}, WRITER, message="b", start="lax"
    )
    number = stage.github.open_pull_request(
        stage.name, author=WRITER, head="attack", base="lax", title="Attack"
    )
    assert "not against the tracked branch" in stage.plan_comment(number).body
    assert "not against the tracked branch" in apply_and_be_answered(
        stage, number, ADMIN, "/apply prod"
    ) or "changes no stack" in apply_and_be_answered(stage, number, ADMIN, "/apply prod")
    assert buckets(stage) == []


def test_a_pull_request_cannot_choose_the_role_that_it_is_planned_with(stage: Stage) -> None:
    files = {
        "specs/dev/environment.yaml": environment(project(stage), "dev", ROLE),
        "specs/dev/b.yaml": bucket(),
    }
    number = stage.open("attack", "Change the role", files)
    body = stage.plan_comment(number).body
    assert "Validated only" in body
    assert "roles" in body
    calls = [c for c in stage.sandbox.aws.calls if c.operation == "AssumeRole"]
    assert calls == []


def test_rights_come_from_the_tip_and_not_from_the_pull_request(stage: Stage) -> None:
    lax = environment(project(stage), "prod", "  permissions: {apply: {permission: read}}\n")
    files = {"specs/prod/environment.yaml": lax, "specs/prod/b.yaml": bucket()}
    number = stage.open("attack", "Give myself the right", files)
    stage.plan_comment(number)
    answer = apply_and_be_answered(stage, number, READER, "/apply prod")
    assert "admin access" in answer
    assert buckets(stage) == []


def test_a_push_between_the_shown_plan_and_the_command_is_not_applied(stage: Stage) -> None:
    number = stage.open("feature", "Add a group", {"specs/dev/g.yaml": group()})
    stage.plan_comment(number)
    time.sleep(1.1)
    stage.sandbox.github.courier.hold()
    try:
        wide = {"specs/dev/g.yaml": group(cidr="0.0.0.0/0")}
        stage.github.push_files(stage.name, "feature", wide, WRITER, message="Open it to the world")
        command = stage.github.comment(stage.name, number, ADMIN, "/apply dev")
    finally:
        stage.sandbox.github.courier.release()
    answer = stage.answer(number, command).body
    assert "look at" in answer
    assert groups(stage) == []


def test_an_approval_before_the_last_push_does_not_count(stage: Stage) -> None:
    number = stage.open("feature", "Add a group", {"specs/prod/g.yaml": group()})
    stage.github.approve(stage.name, number, ADMIN)
    wide = {"specs/prod/g.yaml": group(cidr="198.51.100.7/32")}
    stage.github.push_files(stage.name, "feature", wide, WRITER, message="Something else")
    stage.plan_comment(number)
    answer = apply_and_be_answered(stage, number, ADMIN, "/apply prod")
    assert "not given for the plan that is shown now" in answer
    assert groups(stage) == []


def test_whoever_pushed_last_cannot_approve(stage: Stage) -> None:
    number = stage.open("feature", "Add a group", {"specs/prod/g.yaml": group()})
    stage.plan_comment(number)
    more = {"specs/prod/g.yaml": group(cidr="198.51.100.7/32")}
    stage.github.push_files(stage.name, "feature", more, ADMIN, message="A last touch")
    stage.approve(number, ADMIN)
    answer = apply_and_be_answered(stage, number, ADMIN, "/apply prod")
    assert "needs an approval" in answer
    assert groups(stage) == []


def test_an_expression_that_exhausts_memory_is_a_diagnostic(stage: Stage) -> None:
    bomb = '${["xxxxxxxxxx"]' + ".map(a,a+a+a+a+a+a+a+a+a+a)" * 9 + "[0]}"
    assert len(bomb) < 275
    text = stack("bomb", f"b:\n  type: AWS::S3::Bucket\n  properties:\n    BucketName: '{bomb}'\n")
    number = stage.open("bomb", "Eat memory", {"specs/dev/bomb.yaml": text})
    body = stage.plan_comment(number).body
    assert "specs/dev/bomb.yaml" in body
    assert stage.check(number, "gitbot/dev").conclusion == "failure"
    other = stage.open("fine", "Add a group", {"specs/dev/g.yaml": group()})
    assert "1 to create" in stage.plan_comment(other).body


def test_a_marker_in_somebody_elses_comment_is_ignored(stage: Stage) -> None:
    number = stage.open("feature", "Add a group", {"specs/dev/README.txt": "x"})
    forged = stage.github.comment(stage.name, number, WRITER, f"{PLAN} -->\nAll is well")
    stage.github.push_files(
        stage.name, "feature", {"specs/dev/g.yaml": group()}, WRITER, message="The group"
    )
    ours = stage.plan_comment(number)
    comments = {c.id: c for c in stage.github.comments(stage.name, number)}
    assert ours.id != forged
    assert comments[forged].body.endswith("All is well")


def test_a_fork_is_planned_only_after_leave_and_only_at_that_commit(stage: Stage) -> None:
    stage.github.fork(stage.name, READER)
    fork = f"{READER}/{project(stage)}"
    stage.github.push_files(fork, "feature", {"specs/dev/g.yaml": group()}, READER, message="g")
    number = stage.github.open_pull_request(
        stage.name, author=READER, head=f"{READER}:feature", title="From a fork"
    )
    body = stage.plan_comment(number).body
    assert "comes from a fork" in body
    assert "1 to create" not in body
    assert "write access" in apply_and_be_answered(stage, number, READER, "/plan")
    time.sleep(1.1)  # GitHub's times are whole seconds: let the comment come after the push
    stage.github.comment(stage.name, number, WRITER, "/plan")
    stage.comment(number, PLAN, "1 to create")
    stage.github.push_files(fork, "feature", {"specs/dev/h.yaml": group("h")}, READER, message="h")
    assert "comes from a fork" in stage.plan_comment(number).body


def test_a_commit_that_a_fork_pushes_beside_the_leave_is_not_planned(stage: Stage) -> None:
    stage.github.fork(stage.name, READER)
    fork = f"{READER}/{project(stage)}"
    stage.github.push_files(fork, "feature", {"specs/dev/g.yaml": group()}, READER, message="g")
    number = stage.github.open_pull_request(
        stage.name, author=READER, head=f"{READER}:feature", title="From a fork"
    )
    stage.plan_comment(number)
    stage.sandbox.github.courier.hold()
    try:
        command = stage.github.comment(stage.name, number, WRITER, "/plan")
        time.sleep(1.1)
        more: dict[str, str | None] = {"specs/dev/h.yaml": group("h")}
        stage.github.push_files(fork, "feature", more, READER, message="h")
    finally:
        stage.sandbox.github.courier.release()
    assert "look at that commit" in stage.answer(number, command).body
    assert "1 to create" not in stage.plan_comment(number).body


def test_a_comment_by_gitbot_is_no_command(stage: Stage) -> None:
    number = stage.open("feature", "Quote a command", {"specs/dev/g.yaml": group("x")})
    stage.plan_comment(number)
    for text in ("> /apply dev", "```\n/apply dev\n```", "    /apply dev", "say /apply dev"):
        stage.github.comment(stage.name, number, ADMIN, text)
    helped = stage.github.comment(stage.name, number, ADMIN, "/help")
    stage.answer(number, helped)
    assert groups(stage) == []


def push_as(stage: Stage, branch: str, file: str, text: str, *, pusher: str, named: str) -> None:
    """Push a commit whose author and committer are somebody else: git takes any name."""
    with stage.github.hub.store.lock:
        hub, repository = stage.github.hub, stage.github.repository(stage.name)
        git = hub.git(repository)
        old = git.branch(branch)
        assert old is not None
        commit = git.write_commit(
            tree=git.write_files(old, {file: text.encode()}),
            parents=[old],
            message="Change",
            author=hub.person(named),
        )
        git.update_ref(f"refs/heads/{branch}", commit, old)
        pushes.ref_moved(hub, repository, f"refs/heads/{branch}", old, commit, pusher)


def test_who_pushed_in_a_colleagues_name_cannot_approve_it(stage: Stage) -> None:
    """The kind: pushers are told by pushes, not by commits or by who opens a pull request."""
    number = stage.open("theirs", "A group", {"specs/prod/g.yaml": group("g")})
    stage.plan_comment(number)
    stage.github.close(stage.name, number, ADMIN)
    open_to_all = group("g", cidr="0.0.0.0/0")
    push_as(stage, "theirs", "specs/prod/g.yaml", open_to_all, pusher=ADMIN, named=WRITER)
    stage.github.reopen(stage.name, number, ADMIN)
    stage.approve(number, ADMIN)
    refused = apply_and_be_answered(stage, number, ADMIN, "/apply prod")
    assert "neither opened it nor pushed" in refused
    assert groups(stage) == []


def change_unheard(stage: Stage, comment: int, text: str) -> None:
    """Edit a comment so that its delivery is lost."""
    with stage.github.hub.store.lock:
        stage.github.courier.drop(1)
        stage.github.edit_comment(stage.name, comment, WRITER, text)


def test_a_plan_comment_that_somebody_changes_is_restored_and_counts_for_nothing(
    stage: Stage,
) -> None:
    """The kind: consent is given to what stands on GitHub, whoever wrote it there."""
    number = stage.open("g", "A group", {"specs/dev/g.yaml": group("g")})
    plan = stage.plan_comment(number)
    ours = plan.body

    def stands() -> bool:
        return any(each.body == ours for each in stage.github.comments(stage.name, number))

    stage.github.edit_comment(stage.name, plan.id, WRITER, "No stack changes.")
    eventually(stands, what="the plan comment after an edit")
    stage.github.delete_comment(stage.name, plan.id, WRITER)
    eventually(stands, what="the plan comment after it was deleted")
    change_unheard(stage, stage.plan_comment(number).id, "No stack changes.")
    refused = apply_and_be_answered(stage, number, WRITER, "/apply dev")
    assert "changed or deleted by somebody" in refused
    eventually(stands, what="the plan comment after an edit that was not heard")
    change_unheard(stage, stage.plan_comment(number).id, "No stack changes.")
    stage.github.merge(stage.name, number, ADMIN)
    assert "nobody can tell what was reviewed" in stage.result(number, "dev").body
    assert groups(stage) == []
