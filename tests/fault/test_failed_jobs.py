"""When a job ends with an unexpected error, people are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from gitbot_sandbox.sandbox import WRITER
from tests.e2e.specs import group
from tests.fault.server_world import Bench, Stages, serving

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with serving(tmp_path_factory.mktemp("failed"), "failed", 2, {}) as sandbox:
        yield Stages(sandbox)


@pytest.fixture
def bench(stages: Stages) -> Bench:
    return stages.next()


def test_a_job_that_fails_for_a_damaged_database_is_reported_where_people_look(
    bench: Bench,
) -> None:
    damage = "INSERT INTO claims VALUES (?, 'dev', 'x', 'r', 1, 'ada', 'no instant', 'h', 0)"
    repair = "DELETE FROM claims WHERE repository = ?"
    change(bench, damage)
    number = bench.open("g", "Bring a group", {"specs/dev/g.yaml": group("g")})
    check = bench.check(number, "gitbot")
    assert check.conclusion == "failure"
    assert "gitbot failed: The database of gitbot itself is damaged" in check.title
    told = f"{check.title}{check.summary}"
    assert "no instant" not in told
    assert str(bench.sandbox.data) not in told, "where it lies on the machine is nobody's business"
    comment = bench.github.comment(bench.name, number, WRITER, "/apply dev")
    answer = bench.answer(number, comment)
    assert "was not done" in answer.body
    assert "The database of gitbot itself is damaged" in answer.body
    assert str(bench.sandbox.data) not in answer.body
    assert str(bench.sandbox.data) in bench.sandbox.log_text()
    change(bench, repair)
    bench.github.comment(bench.name, number, WRITER, "/plan")
    bench.plan_comment(number)
    bench.quiet()
    assert bench.check(number, "gitbot").conclusion == "success"


def test_a_plan_that_fails_for_good_is_made_again_only_when_something_changes(
    bench: Bench,
) -> None:
    """A job that fails is repeated for ever, at every sweep, though nothing has changed."""
    damage = (
        "INSERT INTO said_comments (repository, number, kind, subject, comment, body_hash, restored_at)"
        " VALUES (?, 1, 'plan', '', 1, 'h', 'no instant')"
    )
    change(bench, damage)
    number = bench.open("g", "Bring a group", {"specs/dev/g.yaml": group("g")})
    assert "The database of gitbot itself" in (bench.check(number, "gitbot").title or "")
    bench.quiet()
    plans = f"job PlanPullRequest plan:{bench.key().repository}:"
    failed = bench.sandbox.log_text().count(plans)
    bench.sandbox.stop_server()
    bench.sandbox.start_server()
    bench.quiet()
    assert bench.sandbox.log_text().count(plans) == failed
    change(bench, "DELETE FROM said_comments WHERE repository = ?")
    bench.github.push_files(bench.name, "g", {"specs/dev/g.yaml": group("g2")}, WRITER)
    bench.plan_comment(number)


def change(bench: Bench, statement: str) -> None:
    """Change the server's records of the repository by hand."""
    connection = sqlite3.connect(bench.sandbox.data / "gitbot.db", timeout=10)
    try:
        with connection:
            connection.execute(statement, (bench.key().repository,))
    finally:
        connection.close()
