"""What people cannot read on a pull request is not agreed to by merging it."""

from __future__ import annotations

import pytest

from gitbot.jobs.steps.publish import ENDED
from gitbot_sandbox.sandbox import WRITER, eventually
from gitbot_sandbox.stage import PLAN, Stage
from tests.conftest import scenes
from tests.e2e.test_pull_requests import APPLIED, held_digest

pytestmark = pytest.mark.story

HIDDEN = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: hidden, labels: {owner: ml-team}}
spec:
  variables: {who: {type: string, sensitive: true, default: 203.0.113.0/24}}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: SSH from somewhere
        SecurityGroupIngress:
          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: "${vars.who}"}
"""


def machines(number: int) -> str:
    """A stack of machines that run long scripts."""
    script = "\n".join(f"            echo step {line} {'x' * 80}" for line in range(120))
    resources = "".join(
        f"    m{each}:\n      type: AWS::EC2::Instance\n      properties:\n"
        "        ImageId: ami-0a1b2c3d4e5f60718\n        InstanceType: t3.micro\n"
        f"        UserData: |-\n          ${{base64('''#!/bin/bash\n{script}\n          ''')}}\n"
        for each in range(number)
    )
    return (
        "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: long, labels: {owner: ml-team}}\n"
        f"spec:\n  resources:\n{resources}"
    )


def test_a_plan_that_hides_who_may_connect_waits_for_its_digest(stage: Stage) -> None:
    number = stage.open("hidden", "Let somebody in", {"specs/dev/hidden.yaml": HIDDEN})
    body = stage.plan_comment(number).body
    assert "**⚠ Cannot be reviewed**" in body
    assert stage.check(number, "gitbot/dev").conclusion == "action_required"
    stage.github.merge(stage.name, number, WRITER)
    held = stage.comment(number, APPLIED, "⏸ Held").body
    assert f"#{number} could not show this plan whole" in held
    stage.github.comment(stage.name, number, WRITER, f"/apply dev {held_digest(held)}")
    assert "1 created" in stage.comment(number, APPLIED, "✓ Applied").body


def test_a_long_plan_goes_on_in_a_second_comment_that_ends_with_it(stage: Stage) -> None:
    number = stage.open("long", "Many machines", {"specs/dev/long.yaml": machines(8)})
    first = stage.plan_comment(number).body
    assert "This is comment 1 of 2" in first
    second = stage.comment(number, "_The plan, comment 2 of 2")
    assert "echo step 119" in second.body
    files: dict[str, str | None] = {"specs/dev/long.yaml": machines(1)}
    stage.github.push_files(stage.name, "long", files, WRITER, message="One machine")
    assert "1 to create" in stage.plan_comment(number).body
    comments = eventually(
        lambda: [c for c in stage.github.comments(stage.name, number) if ENDED in c.body],
        what="the end of the second comment",
    )
    assert [each.id for each in comments] == [second.id]


def test_a_failure_tells_what_was_there(stage: Stage) -> None:
    number = stage.open("broken", "Mistyped", {"specs/dev/hidden.yaml": "apiVersion: gitbot/v2\n"})
    plan = stage.plan_comment(number)
    check = stage.check(number, "gitbot/dev")
    stage.patience_s = 0.1
    with pytest.raises(TimeoutError, match="a comment on #1"):
        stage.comment(number, "what gitbot never says")
    (told,) = scenes({"stage": stage, "sandbox": stage.sandbox, "number": number})
    assert f"{stage.name} pull request #1 'Mistyped' at {stage.head(number)[:7]}: open" in told
    assert f"  {plan.id} by gitbot[bot] (" in told
    assert f"): {PLAN}\n" in told
    assert f"check gitbot/dev on {stage.head(number)[:7]}: failure, {check.title!r}\n" in told
    assert "pull_request opened: 202" in told
    assert f" plan:{stage.github.repository(stage.name).id}:1:" in told
    assert "gitbot listening at" in told
    assert len(told) < 30_000
