"""Which plan stood on a pull request when it was merged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitbot.adapters.run_store import SqlRunStore
from gitbot.adapters.stores.database import open_database
from gitbot.jobs.shown import shown_at_merge
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.run import Run, RunKind, RunStatus

STACK = StackId(repository="7", environment="dev", name="x", region="eu-west-1")
HEAD, OTHER = Sha("a" * 40), Sha("b" * 40)
MERGED_AT = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[SqlRunStore]:
    engine = open_database(tmp_path / "gitbot.db")
    yield SqlRunStore(engine)
    engine.dispose()


def show(runs: SqlRunStore, name: str, seconds: float, head: Sha = HEAD) -> None:
    """A plan that was shown so many seconds after the merge."""
    at = MERGED_AT + timedelta(seconds=seconds)
    runs.add_run(
        Run(
            id=name,
            kind=RunKind.PLAN,
            stack=STACK,
            commit=HEAD,
            head=head,
            tip=OTHER,
            pull_request=3,
            status=RunStatus.PLANNED,
            digest=name,
            reviewed_digest=None,
            actor="ada",
            plan=None,
            result=None,
            error=None,
            started_at=at,
            finished_at=at,
        )
    )
    runs.mark_shown([name], at)


def reviewed(runs: SqlRunStore) -> str | None:
    pull_request = PullRequest(
        number=3,
        title="t",
        author="ada",
        head=HEAD,
        head_ref="f",
        base_ref="main",
        open=False,
        merged=True,
        draft=False,
        from_fork=False,
        mergeable=None,
        merge_commit=OTHER,
        url="http://github/o/r/pull/3",
        merged_at=MERGED_AT,
    )
    run = shown_at_merge(runs, STACK, pull_request)
    return run.id if run else None


def test_the_last_plan_before_the_merge_was_reviewed(runs: SqlRunStore) -> None:
    show(runs, "first", -60)
    show(runs, "second", -2)
    assert reviewed(runs) == "second"


def test_a_plan_that_was_shown_after_the_merge_was_reviewed_by_nobody(runs: SqlRunStore) -> None:
    show(runs, "seen", -60)
    show(runs, "late", 0.5)
    assert reviewed(runs) == "seen"


def test_github_tells_the_merge_in_whole_seconds(runs: SqlRunStore) -> None:
    show(runs, "old head", -60, OTHER)
    show(runs, "seen", 0.5)
    assert reviewed(runs) == "seen"


def test_a_plan_that_came_too_late_for_the_merge_does_not_count(runs: SqlRunStore) -> None:
    show(runs, "late", 5)
    assert reviewed(runs) is None


def test_a_plan_of_another_head_does_not_count(runs: SqlRunStore) -> None:
    show(runs, "old head", -60, OTHER)
    assert reviewed(runs) is None
