"""Whose a merge queue's commit is, and whether it does what was reviewed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.merge_groups import GroupPlan, Queued, is_queue, not_reviewed, queued

BASE = "c" * 40


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        (f"gh-readonly-queue/main/pr-7-{BASE}", Queued(base="main", number=7)),
        (f"gh-readonly-queue/release/1.x/pr-12-{BASE}", Queued(base="release/1.x", number=12)),
        ("main", None),
        (f"feature/gh-readonly-queue/main/pr-7-{BASE}", None),
        ("gh-readonly-queue/main/pr-7-short", None),
        (f"gh-readonly-queue/main/pr-{'9' * 30}-{BASE}", None),
    ],
)
def test_the_branch_of_a_queue_names_its_base_and_pull_request(
    branch: str, found: Queued | None
) -> None:
    assert queued(branch) == found
    assert is_queue(branch) is (found is not None)


WEB = GroupPlan(label="dev/web", digest="d1", agreed={"d1", "d2"})


@pytest.mark.parametrize(
    ("plan", "labels"),
    [
        pytest.param(WEB, (), id="as a pull request shows it"),
        pytest.param(replace(WEB, digest="d3"), ("dev/web",), id="something that nobody was shown"),
        pytest.param(replace(WEB, agreed=()), ("dev/web",), id="nothing was ever shown"),
        pytest.param(replace(WEB, digest="d3", empty=True), (), id="nothing to do"),
        pytest.param(replace(WEB, digest=None), (), id="no plan: its check says why"),
        pytest.param(replace(WEB, digest="d3", any_plan=True), (), id="any plan is applied there"),
    ],
)
def test_a_group_is_compared_with_what_was_reviewed(
    plan: GroupPlan, labels: tuple[str, ...]
) -> None:
    assert not_reviewed([plan]) == labels
