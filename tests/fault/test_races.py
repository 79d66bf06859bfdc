"""Applies, commands, merges and jobs may happen at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from gitbot.adapters.queue import DurableQueue
from gitbot.model.keys import PlanPullRequest
from gitbot.model.runs import RunStatus
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox, eventually
from gitbot_sandbox.stage import ANSWER
from tests.e2e.specs import group
from tests.fault.server_world import (
    APPLIED,
    LONG_S,
    Bench,
    Stages,
    benches_here,
    serving,
    slow,
    stores,
)

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    needed = benches_here(request)
    with serving(tmp_path_factory.mktemp("races"), "race", needed, {}) as sandbox:
        yield Stages(sandbox)


@pytest.fixture
def bench(stages: Stages) -> Iterator[Bench]:
    bench = stages.next()
    bench.sandbox.aws.forget_calls()
    yield bench
    bench.sandbox.aws.clear_faults()


def spans(sandbox: Sandbox) -> list[tuple[float, float]]:
    """From when to when each group was being made, in order."""
    return sorted(
        (call.began_s, call.began_s + call.duration_s)
        for call in sandbox.aws.calls
        if call.operation == "CreateSecurityGroup"
    )


@pytest.mark.full
def test_two_applies_of_one_environment_never_overlap(bench: Bench) -> None:
    numbers = [
        bench.planned(name, {f"specs/dev/{name}.yaml": group(name)})
        for name in ("one", "two", "three")
    ]
    bench.quiet()
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S, count=None)
    for number in numbers[:2]:
        bench.github.comment(bench.name, number, WRITER, "/apply dev")
    eventually(lambda: len(bench.applies()) == 2, what="both to have begun")
    bench.merge(numbers[2])
    bench.sandbox.aws.clear_faults()
    slow(bench.sandbox, "CreateSecurityGroup", 1.0, count=None)
    for number in numbers:
        assert "✓ Applied" in bench.comment(number, APPLIED).body
    made = spans(bench.sandbox)
    assert len(made) == 3
    for one, next_one in pairwise(made):
        assert one[1] <= next_one[0]
    bench.quiet()
    bench.assert_whole(3)


def test_a_stack_that_another_pull_request_applied_does_not_look_renamed(
    bench: Bench,
) -> None:
    numbers = [
        bench.planned(name, {f"specs/dev/{name}.yaml": group(name)}) for name in ("one", "two")
    ]
    bench.quiet()
    bench.github.comment(bench.name, numbers[0], WRITER, "/apply dev")
    bench.comment(numbers[0], APPLIED)
    bench.quiet()
    assert "metadata.moved" not in bench.plan_comment(numbers[1]).body
    bench.merge(numbers[1])
    assert "✓ Applied" in bench.comment(numbers[1], APPLIED).body
    bench.quiet()
    bench.assert_whole(2)


def test_applies_of_two_environments_overlap(bench: Bench) -> None:
    number = bench.planned(
        "both", {"specs/dev/g.yaml": group("g"), "specs/prod/g.yaml": group("g")}
    )
    bench.quiet()
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S, count=None)
    bench.merge(number)
    eventually(lambda: bench.intents("dev") and bench.intents("prod"), what="both in the middle")
    bench.sandbox.aws.clear_faults()
    for environment in ("dev", "prod"):
        assert "✓ Applied" in bench.result(number, environment).body


def test_of_two_commands_on_one_stack_at_once_one_is_applied_and_the_other_names_the_holder(
    bench: Bench,
) -> None:
    numbers = [
        bench.planned(name, {"specs/dev/g.yaml": group("g", address)})
        for name, address in (("one", "198.51.100.1/32"), ("two", "198.51.100.2/32"))
    ]
    bench.quiet()
    bench.github.courier.hold()
    for number in numbers:
        bench.github.comment(bench.name, number, WRITER, "/apply dev")
    bench.github.courier.release(shuffle_seed=7, copies=3)
    eventually(lambda: any(bench.said(number, APPLIED) for number in numbers), what="one apply")
    bench.quiet()
    (winner,) = [number for number in numbers if bench.said(number, APPLIED)]
    (loser,) = [number for number in numbers if number != winner]
    (refusal,) = bench.said(loser, ANSWER)
    assert f"#{winner}" in refusal.body, refusal.body
    assert "✓ Applied" in bench.said(winner, APPLIED)[0].body
    bench.assert_whole(1)


def test_a_merge_that_github_sees_late_is_applied_as_reviewed_when_it_is_seen(
    bench: Bench,
) -> None:
    """That no pull request is merged yet is not final: merges by pushing, by bors, by Mergify."""
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.quiet()
    shown = bench.plan_comment(number).body
    bench.github.leave_merges_unseen()
    bench.github.push_merge(bench.name, number, ADMIN)
    with stores(bench.sandbox) as (records, _):
        eventually(lambda: records.runs.held(bench.key()), what="the hold")
    bench.github.comment(bench.name, number, WRITER, "/plan")
    bench.quiet()
    assert bench.live() == []
    assert bench.plan_comment(number).body == shown
    bench.github.see_merge(bench.name, number, ADMIN)
    assert "✓ Applied" in bench.comment(number, APPLIED).body
    bench.quiet()
    assert [run.status for run in bench.applies()] == [RunStatus.SUPERSEDED, RunStatus.APPLIED]
    bench.assert_whole(1)


@pytest.mark.full
def test_a_merge_during_the_apply_before_it_finds_nothing_left_to_do(bench: Bench) -> None:
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.quiet()
    slow(bench.sandbox, "CreateSecurityGroup", LONG_S)
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    eventually(bench.intents, what="the apply to begin")
    tip = bench.merge(number)
    bench.sandbox.aws.clear_faults()
    eventually(lambda: bench.applied_tip() == tip, what="the apply of the merge")
    bench.quiet()
    before, after = (each.body for each in bench.said(number, APPLIED))
    assert "✓ Applied" in before
    assert "before the merge" in before
    assert "othing to do" in after
    assert len(spans(bench.sandbox)) == 1
    bench.assert_whole(1)


def test_when_jobs_supersede_each_other_at_once_one_still_runs(tmp_path: Path) -> None:
    ran: list[PlanPullRequest] = []
    gate = threading.Event()

    def work(key: PlanPullRequest) -> None:
        if key.reason == "first":
            assert gate.wait(30)
        ran.append(key)

    queue = DurableQueue(
        tmp_path / "jobs.db", {PlanPullRequest: work}, executor_id="one", poll_s=0.05
    )
    queue.start()
    try:
        queue.enqueue(PlanPullRequest(repository="7", number=1, reason="first"))
        eventually(lambda: queue.status().running == 1, what="the first to run")
        for turn in range(6):
            together = threading.Barrier(4)
            threads = [
                threading.Thread(target=push, args=(queue, f"{turn}:{each}", together))
                for each in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert queue.status().queued == 1, turn
        gate.set()
        eventually(lambda: queue.pending() == 0, what="the rest")
    finally:
        gate.set()
        queue.stop(10)
    assert [key.reason for key in ran][:1] == ["first"]
    assert [key.reason.split(":")[0] for key in ran[1:]] == ["5"]


def push(queue: DurableQueue, reason: str, together: threading.Barrier) -> None:
    """One more plan of the pull request, at the same moment as the others of its turn."""
    together.wait()
    queue.enqueue(PlanPullRequest(repository="7", number=1, reason=reason))
