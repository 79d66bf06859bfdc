"""When the server dies in the middle of an apply, the next one finishes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitbot.model.runs import RunStatus
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.github.faults import Fault as GitHubFault
from gitbot_sandbox.sandbox import WRITER, Sandbox, eventually
from gitbot_sandbox.stage import ANSWER, PLAN
from tests.e2e.specs import bucket, group
from tests.fault.server_world import (
    APPLIED,
    LONG_S,
    Bench,
    Stages,
    benches_here,
    called,
    serving,
    slow,
    trainer,
)

pytestmark = pytest.mark.story

TRAINER: dict[str, str | None] = {"specs/dev/t.yaml": trainer()}


@pytest.fixture(scope="module")
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    needed = benches_here(request)
    with serving(tmp_path_factory.mktemp("kills"), "kill", needed, {}) as sandbox:
        yield Stages(sandbox)


@pytest.fixture
def bench(stages: Stages) -> Bench:
    return stages.next()


def restart(sandbox: Sandbox) -> None:
    """The process is gone at once; the next one starts in a world without faults."""
    sandbox.kill_server()
    sandbox.aws.clear_faults()
    sandbox.github.faults.clear()
    sandbox.start_server()


def assert_applied_once(bench: Bench, number: int, *parts: str) -> None:
    """The pull request is told one thing, that it was applied, and its deployment says so too."""
    body = bench.comment(number, APPLIED).body
    bench.quiet()
    comments = bench.said(number, APPLIED)
    assert [each.body for each in comments] == [body]
    assert "✓ Applied" in body, body
    for part in parts:
        assert part in body, body
    for wrong in ("Failed", "Held", "Nothing to do", "could not begin"):
        assert wrong not in body, body
    assert set(bench.deployments().values()) == {1}, bench.deployments()
    assert set(bench.deployments()) == {("dev", "success")}
    assert bench.applies()[-1].status is RunStatus.APPLIED


def test_after_a_kill_right_after_the_launch_the_machine_is_found_and_not_launched_again(
    bench: Bench,
) -> None:
    number = bench.planned("trainer", TRAINER)
    lost = Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None)
    bench.sandbox.aws.inject(lost)
    bench.merge(number)
    eventually(bench.machines, what="the instance whose start nobody heard of")
    restart(bench.sandbox)
    assert_applied_once(bench, number, "2 created")
    bench.assert_whole(2)


@pytest.mark.full
def test_after_a_kill_during_the_wait_for_the_machine_the_wait_goes_on(bench: Bench) -> None:
    number = bench.planned("trainer", TRAINER)
    bench.sandbox.aws.hold_instances(pending=60)
    bench.sandbox.aws.forget_calls()
    bench.merge(number)
    eventually(called(bench.sandbox, "RunInstances"), what="RunInstances")
    eventually(called(bench.sandbox, "DescribeInstances", times=2), what="a waiter's second look")
    bench.sandbox.kill_server()
    while any(each["State"]["Name"] == "pending" for each in bench.machines()):  # type: ignore[index]
        pass
    bench.sandbox.start_server()
    assert_applied_once(bench, number, "2 created")
    bench.assert_whole(2)


@pytest.mark.full
def test_after_a_kill_during_a_request_its_object_is_used(bench: Bench) -> None:
    number = bench.planned("trainer", TRAINER)
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S)
    bench.sandbox.aws.forget_calls()
    bench.merge(number)
    with_intent(bench)
    bench.sandbox.kill_server()
    bench.sandbox.aws.clear_faults()
    eventually(called(bench.sandbox, "CreateSecurityGroup"), what="the call of the dead process")
    bench.sandbox.start_server()
    assert_applied_once(bench, number, "2 created")
    bench.assert_whole(2)


def with_intent(bench: Bench) -> None:
    """Wait until an apply of dev has announced its first mutation."""
    eventually(
        lambda: any(run.status is RunStatus.RUNNING for run in bench.applies()), what="a run"
    )
    eventually(lambda: bench.intents(), what="an intent")


@pytest.mark.full
def test_after_a_kill_before_the_report_the_next_server_reports(bench: Bench) -> None:
    number = bench.planned("bucket", {"specs/dev/b.yaml": bucket()})
    down = GitHubFault(kind="server_error", method="POST", path="*/comments", times=None)
    bench.github.faults.add(down)
    bench.merge(number)
    eventually(
        lambda: any(c.status == 502 for c in bench.github.faults.calls("POST", "*/comments")),
        what="a comment that GitHub did not take",
    )
    restart(bench.sandbox)
    assert_applied_once(bench, number, "1 created")
    bench.assert_whole(1)


def lose_the_next_comment(bench: Bench, number: int | str = "*") -> None:
    """Let the server of now never learn that its next comment was written."""
    path = f"*/issues/{number}/comments"
    bench.github.faults.add(GitHubFault(kind="lost_reply", method="POST", path=path))
    # The look whether it was written is kept waiting for as long as the process lives.
    unseen = GitHubFault(kind="server_error", method="GET", path=path, times=None, skip=1)
    bench.github.faults.add(unseen)


def shown_by_a_dead_server(bench: Bench) -> int:
    """A pull request whose plan a server showed, and then died before it recorded that."""
    lose_the_next_comment(bench)
    number = bench.planned("bucket", {"specs/dev/b.yaml": bucket()})
    bench.sandbox.kill_server()
    return number


@pytest.mark.full
def test_after_a_kill_a_comment_whose_answer_was_lost_is_not_written_again(
    bench: Bench,
) -> None:
    number = bench.planned("bucket", {"specs/dev/b.yaml": bucket()})
    lose_the_next_comment(bench, number)
    bench.merge(number)
    bench.comment(number, APPLIED)
    restart(bench.sandbox)
    assert_applied_once(bench, number, "1 created")


@pytest.mark.full
def test_a_merge_after_a_plan_that_a_dead_server_showed_and_did_not_record_is_applied(
    bench: Bench,
) -> None:
    number = shown_by_a_dead_server(bench)
    bench.merge(number)
    restart(bench.sandbox)
    assert_applied_once(bench, number, "1 created")
    bench.assert_whole(1)


@pytest.mark.full
def test_a_merge_after_a_newer_plan_that_a_dead_server_showed_and_did_not_record_is_applied(
    bench: Bench,
) -> None:
    number = bench.planned("group", {"specs/dev/g.yaml": group("g")})
    path = "*/issues/comments/*"
    for fault in (
        GitHubFault(kind="lost_reply", method="PATCH", path=path),
        GitHubFault(kind="server_error", method="PATCH", path=path, times=None),
    ):
        bench.github.faults.add(fault)
    other: dict[str, str | bytes | None] = {"specs/dev/g.yaml": group("g", "198.51.100.9/32")}
    bench.github.push_files(bench.name, "group", other, WRITER, message="Another address")
    bench.comment(number, bench.head(number)[:7])
    bench.wait_second()
    bench.sandbox.kill_server()
    bench.merge(number)
    restart(bench.sandbox)
    assert_applied_once(bench, number, "1 created")
    bench.assert_whole(1)


@pytest.mark.full
def test_a_command_about_a_plan_that_a_dead_server_did_not_record_is_carried_out(
    bench: Bench,
) -> None:
    number = shown_by_a_dead_server(bench)
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    restart(bench.sandbox)
    assert_applied_once(bench, number, "1 created", "before the merge")
    bench.assert_whole(1)


@pytest.mark.full
def test_after_a_kill_an_enqueued_apply_still_runs(bench: Bench) -> None:
    one = bench.planned("one", {"specs/dev/one.yaml": group("one")})
    two = bench.planned("two", {"specs/dev/two.yaml": group("two")})
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S)
    bench.merge(one)
    with_intent(bench)
    tip = bench.merge(two)
    eventually(lambda: queued(bench.sandbox, f"apply:%:{tip}:%"), what="the second apply")
    restart(bench.sandbox)
    for number in (one, two):
        assert "✓ Applied" in bench.comment(number, APPLIED).body
    bench.quiet()
    assert [len(bench.said(number, APPLIED)) for number in (one, two)] == [1, 1]
    bench.assert_whole(2)


def queued(sandbox: Sandbox, pattern: str) -> bool:
    """Whether a job whose id is like that waits for its turn."""
    connection = sqlite3.connect(f"file:{sandbox.data / 'jobs.db'}?mode=ro", uri=True, timeout=10)
    try:
        rows = connection.execute(
            "SELECT 1 FROM workflow_status WHERE workflow_uuid LIKE ? AND status = 'ENQUEUED'",
            (pattern,),
        )
        return rows.fetchone() is not None
    finally:
        connection.close()


@pytest.mark.full
def test_after_a_kill_between_the_row_of_a_delivery_and_its_job_the_job_is_made_once(
    bench: Bench,
) -> None:
    jobs, kept = bench.sandbox.data / "jobs.db", bench.sandbox.data / "gitbot.db"
    bench.quiet()
    with locked(jobs):  # the row can be written, and its job cannot
        number = bench.open("one", "One", {"specs/dev/one.yaml": group("one")})
        waiting = "SELECT id FROM deliveries WHERE document IS NOT NULL"
        (delivery,) = eventually(lambda: column(kept, waiting), what="the row of the delivery")
        made = f"SELECT status FROM workflow_status WHERE workflow_uuid LIKE '%:{delivery}'"
        assert column(jobs, made) == []
        bench.sandbox.kill_server()
    bench.sandbox.start_server()
    bench.plan_comment(number)
    bench.quiet()
    assert column(jobs, made) == ["SUCCESS"]
    assert len(bench.said(number, PLAN)) == 1


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else can write into the database meanwhile."""
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


def column(path: Path, query: str) -> list[str]:
    """The first column of what the query finds."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    try:
        return [str(row[0]) for row in connection.execute(query)]
    finally:
        connection.close()


@pytest.mark.full
def test_after_a_kill_during_an_apply_before_the_merge_the_same_command_goes_on(
    bench: Bench,
) -> None:
    number = bench.planned("trainer", TRAINER)
    bench.sandbox.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None))
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    eventually(bench.machines, what="the instance whose start nobody heard of")
    restart(bench.sandbox)
    assert_applied_once(bench, number, "2 created", "before the merge")
    assert bench.said(number, ANSWER) == []
    bench.assert_whole(2)


@pytest.mark.full
def test_after_a_kill_and_a_close_the_report_says_what_the_apply_left(
    bench: Bench,
) -> None:
    number = bench.planned("trainer", TRAINER)
    bench.sandbox.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None))
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    eventually(bench.machines, what="the instance whose start nobody heard of")
    bench.sandbox.kill_server()
    bench.github.close(bench.name, number, WRITER)
    bench.sandbox.aws.clear_faults()
    bench.sandbox.start_server()
    body = bench.comment(number, "closed before its apply began").body
    assert "✗ Failed" in body, body
    assert "the process that applied it died" in body, body
    # Until the machine is recorded, a plan of the same names elsewhere takes it for a stranger's.
    bench.quiet()
    assert bench.intents() == 0


def stop_in_the_middle(sandbox: Sandbox) -> None:
    """Ask the server to stop; AWS answers its call once it knows."""
    so_far = sandbox.log_text().count("stopping: ")
    with ThreadPoolExecutor(1) as beside:
        stopped = beside.submit(sandbox.stop_server)
        eventually(lambda: sandbox.log_text().count("stopping: ") > so_far, what="the signal")
        sandbox.aws.clear_faults()
        stopped.result()


@pytest.mark.full
def test_a_stopping_server_finishes_its_steps_and_the_next_one_does_the_rest(
    bench: Bench,
) -> None:
    number = bench.planned("trainer", TRAINER)
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S)
    bench.merge(number)
    with_intent(bench)
    stop_in_the_middle(bench.sandbox)
    assert bench.machines() == []
    assert bench.said(number, APPLIED) == []
    assert len(bench.live()) == 1, "the group that was being made when it was asked to stop"
    bench.sandbox.start_server()
    assert_applied_once(bench, number, "2 created")
    bench.assert_whole(2)


@pytest.mark.full
def test_a_server_that_stops_during_an_apply_before_the_merge_goes_on_with_it(
    bench: Bench,
) -> None:
    number = bench.planned("trainer", TRAINER)
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S)
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    with_intent(bench)
    stop_in_the_middle(bench.sandbox)
    assert bench.said(number, APPLIED) == []
    bench.sandbox.start_server()
    assert_applied_once(bench, number, "2 created", "before the merge")
    bench.assert_whole(2)
