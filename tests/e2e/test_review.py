"""What one command, one release or one result must not be taken for."""

from __future__ import annotations

import re

from gitbot.sandbox.stage import Stage
from gitbot.sandbox.world import ADMIN, WRITER, eventually
from tests.e2e.specs import bucket, group
from tests.e2e.test_attacks import apply_and_be_answered, buckets, groups, project
from tests.e2e.test_pull_requests import APPLIED, held_digest, merged


def digests(body: str) -> list[str]:
    """The digests beside the plans of a comment, in order."""
    return re.findall(r"[Dd]igest[^0-9a-f]{1,12}([0-9a-f]{8})\b", body)


def test_a_digest_names_one_stack_and_only_that_is_applied(stage: Stage) -> None:
    files: dict[str, str | None] = {
        "specs/dev/one.yaml": group("one"),
        "specs/dev/two.yaml": group("two"),
    }
    number = stage.open("both", "Both", files)
    first, second = digests(stage.plan_comment(number).body)
    stage.github.comment(stage.name, number, WRITER, f"/apply dev {second}")
    body = stage.comment(number, APPLIED).body
    assert "dev/two" in body
    assert "dev/one" not in body
    assert groups(stage) == [f"{project(stage)}-dev-two"]
    assert first != second


def test_results_of_two_environments_asked_for_in_one_comment_are_both_told(stage: Stage) -> None:
    files: dict[str, str | None] = {
        "specs/dev/g.yaml": group("g"),
        "specs/prod/g.yaml": group("g"),
    }
    number = stage.open("both", "Both", files)
    stage.plan_comment(number)
    stage.github.approve(stage.name, number, ADMIN)
    stage.github.comment(stage.name, number, ADMIN, "/apply dev\n/apply prod")
    for environment in ("dev", "prod"):
        body = stage.comment(number, f"<!-- gitbot:apply:{environment}").body
        assert "1 created" in body, body
    assert len(groups(stage)) == 2


def test_what_is_guarded_is_asked_for_by_its_digest_before_the_merge_too(stage: Stage) -> None:
    merged(stage, {"specs/dev/b.yaml": bucket()}, "bucket")
    number = stage.open("gone", "Remove the bucket", {"specs/dev/b.yaml": None})
    stage.plan_comment(number)
    digest = held_digest(apply_and_be_answered(stage, number, WRITER, "/apply dev"))
    assert len(buckets(stage)) == 1
    stage.github.comment(stage.name, number, WRITER, f"/apply dev {digest}")
    eventually(lambda: buckets(stage) == [], what="the bucket's end")
