"""What earlier applies have left: runs of a process that died, and held runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.leftovers import (
    changed_by,
    completed_by,
    cut_off,
    finished,
    interrupted,
    no_longer_held,
    resumes,
)
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan, ResourceFailure, WalkResult
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Run, RunStatus
from tests.unit.decisions.facts_by_hand import (
    EARLIER_TIP,
    HEAD,
    NOW,
    OTHER_HEAD,
    a_header,
    a_plan,
    a_run,
    stack_id,
)

APPLIED, FAILED, RUNNING = RunStatus.APPLIED, RunStatus.FAILED, RunStatus.RUNNING
DB = stack_id("db")


@pytest.mark.parametrize(
    ("runs", "done", "left"),
    [
        pytest.param([], set(), [], id="the command has begun nothing"),
        pytest.param([a_run("a", head=HEAD)], {"web"}, [], id="applied"),
        pytest.param([a_run("a", RUNNING, head=HEAD)], set(), ["a"], id="its process died"),
        pytest.param([a_run("a", FAILED, head=HEAD)], set(), ["a"], id="failed, not reported"),
        pytest.param(
            [a_run("a", FAILED, head=HEAD, shown_at=NOW)],
            set(),
            [],
            id="failed and reported: that takes a new command",
        ),
        pytest.param([a_run("a", head=HEAD, shown_at=NOW)], set(), [], id="applied and reported"),
        pytest.param(
            [a_run("a", FAILED, head=HEAD), a_run("b", head=HEAD)],
            {"web"},
            [],
            id="died and finished",
        ),
        pytest.param(
            [a_run("a", FAILED, head=HEAD), a_run("b", FAILED, head=HEAD)],
            set(),
            ["b"],
            id="died twice: the newest is continued",
        ),
        pytest.param(
            [a_run("a", head=HEAD), a_run("b", RUNNING, head=HEAD, stack=DB)],
            {"web"},
            ["b"],
            id="one stack is done, the next had begun",
        ),
        pytest.param(
            [a_run("a", RUNNING, head=OTHER_HEAD)], set(), [], id="begun at another commit"
        ),
    ],
)
def test_what_a_command_has_done_and_goes_on_with(
    runs: list[Run], done: set[str], left: list[str]
) -> None:
    assert finished(runs, HEAD) == done
    assert [run.id for run in interrupted(runs, HEAD)] == left


@pytest.mark.parametrize(
    ("run", "plan", "recorded", "expected"),
    [
        pytest.param(a_run(), a_plan(), a_header(), True, id="its plan, its commit, after it"),
        pytest.param(
            a_run(), a_plan(), a_header(complete=False), False, id="the walk had not ended"
        ),
        pytest.param(a_run(), a_plan(), a_header(serial=3), False, id="nothing was written since"),
        pytest.param(a_run(), a_plan(), a_header(lineage="m"), False, id="another state by now"),
        pytest.param(
            a_run(), a_plan(), a_header(desired_hash="h2"), False, id="something else was applied"
        ),
        pytest.param(
            a_run(), a_plan(), a_header(commit=EARLIER_TIP), False, id="another commit was applied"
        ),
        pytest.param(
            a_run(),
            replace(a_plan(), desired_hash=None),
            a_header(desired_hash=None, left=0),
            True,
            id="it destroyed the stack",
        ),
    ],
)
def test_whether_a_run_whose_process_died_had_come_to_its_end(
    run: Run, plan: Plan, recorded: StackHeader, expected: bool
) -> None:
    assert completed_by(run, plan, recorded) is expected


def test_held_runs_stay_where_they_were_found_again_or_could_not_be_looked_at() -> None:
    held = [a_run("kept"), a_run("blocked", stack=DB), a_run("old", stack=stack_id("cache"))]
    assert no_longer_held(held, kept={"kept"}, blocked={"db"}) == (held[2],)


FAILURE = ResourceFailure(address=Address("bucket"), action=Action.CREATE, message="denied")


@pytest.mark.parametrize(
    ("run", "result", "expected"),
    [
        (None, None, False),
        (a_run(), WalkResult(), False),
        (a_run(status=RunStatus.HELD), None, False),
        (a_run(status=RUNNING), None, True),
        (a_run(status=FAILED), None, True),
        (a_run(status=FAILED), WalkResult(interrupted=True), True),
        (a_run(status=FAILED), WalkResult(goes_on="3 of 9"), True),
        (a_run(status=FAILED), WalkResult(failures=(FAILURE,)), False),
        (a_run(status=FAILED), WalkResult(failures=(FAILURE,), interrupted=True), False),
    ],
)
def test_an_apply_was_cut_off_when_it_did_not_fail_by_itself(
    run: Run | None, result: WalkResult | None, expected: bool
) -> None:
    assert cut_off(run, result) == expected


@pytest.mark.parametrize(
    ("run", "plan", "wanted", "expected"),
    [
        pytest.param(None, None, "new", False, id="no apply"),
        pytest.param(
            a_run(status=RUNNING), replace(a_plan(), desired_hash="old"), "old", True, id="its rest"
        ),
        pytest.param(
            a_run(status=RUNNING), replace(a_plan(), desired_hash="old"), "new", False, id="newer"
        ),
        pytest.param(
            a_run(status=RUNNING), replace(a_plan(), desired_hash="old"), None, False, id="removal"
        ),
        pytest.param(
            a_run(status=RUNNING),
            replace(a_plan(), desired_hash=None),
            None,
            True,
            id="its removal",
        ),
        pytest.param(
            a_run(), replace(a_plan(), desired_hash="old"), "old", False, id="not cut off"
        ),
    ],
)
def test_only_the_rest_of_an_apply_that_was_cut_off_resumes_it(
    run: Run | None, plan: Plan | None, wanted: str | None, expected: bool
) -> None:
    assert resumes(run, None, plan, wanted) is expected


def test_an_apply_that_failed_has_changed_only_what_it_came_to() -> None:
    failed = a_run(status=FAILED)
    done = ((Address("bucket"), Action.UPDATE), (Address("role"), Action.NOOP))
    result = WalkResult(done=done, failures=(FAILURE,))
    assert changed_by(a_plan(), failed, result) == {"bucket"}
    assert changed_by(a_plan(), failed, None) == frozenset()
    assert changed_by(a_plan(), a_run(), None) == frozenset()
