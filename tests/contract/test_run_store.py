"""Tests for every store of runs, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.errors import InvariantError
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, PathChange, ResourceFailure, WalkResult
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.model.values import Sensitive
from gitbot.ports.records import Records, Runs
from tests.contract.records_world import (
    DAY,
    DEV,
    DIGEST,
    NOON,
    OTHER,
    PROD,
    SECOND,
    STACK,
    apply,
    plan,
    ref,
    run,
)

FINAL = (RunStatus.APPLIED, RunStatus.FAILED, RunStatus.SUPERSEDED, RunStatus.RELEASED)


@pytest.fixture
def runs(records: Records) -> Runs:
    return records.runs


def add(runs: Runs, *made: Run) -> None:
    for each in made:
        runs.add(each, plan(stack=each.stack))


def ids(found: tuple[Run, ...]) -> list[str]:
    return [each.id for each in found]


# --- one run ---------------------------------------------------------------------------------------


def test_every_field_of_a_run_is_kept(runs: Runs) -> None:
    full = run(
        kind=RunKind.APPLY,
        status=RunStatus.APPLIED,
        reviewed_digest="r",
        command=ref(),
        error="it broke",
        finished_at=NOON + SECOND,
        epoch=4,
        shown_at=NOON,
    )
    assert all(getattr(full, item.name) is not None for item in fields(full))

    runs.add(full, plan())

    assert runs.get("run-1") == full
    assert runs.plan("run-1") == plan()


def test_a_run_may_lack_fields_that_are_not_known_yet(runs: Runs) -> None:
    bare = run(pull_request=None, head=None, does=False)
    add(runs, bare)

    assert runs.get("run-1") == bare
    assert runs.result("run-1") is None


def test_reading_the_plan_of_an_unknown_run_is_a_bug(runs: Runs) -> None:
    assert runs.get("run-9") is None
    assert runs.result("run-9") is None
    with pytest.raises(InvariantError, match="run-9"):
        runs.plan("run-9")


def test_adding_a_run_again_leaves_it_and_its_plan_as_they_are(runs: Runs) -> None:
    add(runs, run())
    runs.move("run-1", RunStatus.PLANNED, at=NOON)
    planned = runs.get("run-1")

    runs.add(run(actor="bob"), plan(serial=4))

    assert runs.get("run-1") == planned
    assert runs.plan("run-1").serial == 3


def test_moving_a_run_keeps_the_fields_that_are_not_given(runs: Runs) -> None:
    before = apply("run-1", RunStatus.RUNNING, epoch=3, error="held once")
    add(runs, before)
    runs.move("run-1", RunStatus.RUNNING, at=NOON)
    assert runs.get("run-1") == before
    result = WalkResult(
        done=((Address("bucket"), Action.CREATE),),
        failures=(ResourceFailure(address=Address("x"), action=Action.UPDATE, message="no"),),
        outputs={"name": "b"},
        interrupted=True,
    )

    runs.move("run-1", RunStatus.FAILED, at=NOON + SECOND, result=result, error="denied")

    after = replace(before, status=RunStatus.FAILED, error="denied", finished_at=NOON + SECOND)
    assert runs.get("run-1") == after
    assert runs.result("run-1") == result


@pytest.mark.parametrize("final", FINAL)
def test_a_final_run_is_left_alone(runs: Runs, final: RunStatus) -> None:
    before = run(status=final, finished_at=NOON)
    add(runs, before)

    runs.move("run-1", RunStatus.RUNNING, at=NOON + SECOND, error="late", result=WalkResult())

    assert runs.get("run-1") == before
    assert runs.result("run-1") is None


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.PLANNED, RunStatus.HELD])
def test_a_run_that_is_not_final_can_be_superseded(runs: Runs, status: RunStatus) -> None:
    add(runs, run(status=status, finished_at=NOON))

    runs.move("run-1", RunStatus.SUPERSEDED, at=NOON + SECOND)

    assert runs.get("run-1") == run(status=RunStatus.SUPERSEDED, finished_at=NOON + SECOND)


def test_moving_an_unknown_run_is_a_bug(runs: Runs) -> None:
    with pytest.raises(InvariantError, match="run-9"):
        runs.move("run-9", RunStatus.FAILED, at=NOON)


def test_a_held_run_is_released_once_and_by_a_named_person(runs: Runs) -> None:
    add(runs, apply("1", RunStatus.HELD), apply("2", RunStatus.FAILED))
    runs.release("1", "ada", NOON)
    runs.release("1", "eve", NOON + SECOND)
    runs.release("2", "ada", NOON)

    assert runs.get("1") == apply("1", RunStatus.RELEASED, actor="ada", finished_at=NOON)
    assert runs.get("2") == apply("2", RunStatus.FAILED)


def test_a_held_run_takes_the_place_of_another_in_one_step(runs: Runs) -> None:
    """Else a reader finds that nothing waits, between the end of the one and the other."""
    add(runs, apply("1", RunStatus.HELD), apply("done", RunStatus.APPLIED))
    newer = apply("2", RunStatus.HELD, started_at=NOON + SECOND)
    runs.add(newer, plan(stack=STACK), instead_of="1")

    assert ids(runs.held(DEV)) == ["2"]
    assert runs.get("1") == apply("1", RunStatus.SUPERSEDED, finished_at=NOON + SECOND)
    # An end is final, and who adds a known run again ends nothing.
    runs.add(apply("3", RunStatus.HELD), plan(stack=STACK), instead_of="done")
    runs.add(apply("3", RunStatus.HELD), plan(stack=STACK), instead_of="2")
    assert runs.get("done") == apply("done", RunStatus.APPLIED)
    assert ids(runs.held(DEV)) == ["2", "3"]


def test_a_large_plan_is_compressed_and_read_back_whole(runs: Runs, engine: Engine) -> None:
    changes = tuple(
        Change(
            address=Address(f"bucket_{number}"),
            type="AWS::S3::Bucket",
            action=Action.CREATE,
            paths=(PathChange(path="/BucketName", after="b" * 100, added=True),),
        )
        for number in range(400)
    )
    large = plan(changes=changes)
    runs.add(run("large"), large)
    add(runs, run("small"))

    assert runs.plan("large") == large
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT run, plan FROM run_documents")).all()
    raw = {row.run: bytes(row.plan) for row in rows}
    assert len(raw["large"]) < 32 * 1024
    assert json.loads(raw["small"])["digest"] == DIGEST


def test_a_document_with_a_sensitive_value_is_not_written(runs: Runs) -> None:
    path = PathChange(path="/Password", after=Sensitive("hunter2"), added=True)
    change = Change(
        address=Address("db"), type="AWS::RDS::DBInstance", action=Action.CREATE, paths=(path,)
    )
    with pytest.raises(TypeError):
        runs.add(run(), plan(changes=(change,)))
    assert runs.get("run-1") is None

    add(runs, run())
    with pytest.raises(TypeError):
        runs.move(
            "run-1",
            RunStatus.FAILED,
            at=NOON,
            result=WalkResult(outputs={"password": Sensitive("hunter2")}),
        )
    assert runs.get("run-1") == run()


def test_times_are_read_back_in_utc_whatever_their_zone_was(runs: Runs) -> None:
    add(runs, run(started_at=NOON.astimezone(timezone(timedelta(hours=2)))))

    found = runs.get("run-1")
    assert found is not None
    assert (found.started_at, found.started_at.utcoffset()) == (NOON, timedelta(0))


def test_a_naive_time_is_refused(runs: Runs) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"):
        add(runs, run(started_at=NOON.replace(tzinfo=None)))


# --- many runs -------------------------------------------------------------------------------------


def test_the_runs_of_a_stack_are_of_one_kind_newest_first(runs: Runs) -> None:
    add(
        runs,
        run("1", status=RunStatus.PLANNED),
        run("other stack", stack=OTHER),
        run("other region", stack=replace(STACK, region="us-east-1")),
        run("other repository", stack=replace(STACK, repository="8")),
        apply("apply"),
        run("2", status=RunStatus.SUPERSEDED, pull_request=6),
        run("3", status=RunStatus.PLANNED),
    )

    def found(*statuses: RunStatus, limit: int = 50) -> list[str]:
        return ids(runs.of_stack(STACK, RunKind.PLAN, statuses, limit=limit))

    assert found() == ["3", "2", "1"]
    assert found(limit=2) == ["3", "2"]
    assert found(RunStatus.PLANNED) == ["3", "1"]
    assert found(RunStatus.PLANNED, limit=1) == ["3"]
    assert found(RunStatus.SUPERSEDED, RunStatus.PLANNED, limit=2) == ["3", "2"]
    assert found(RunStatus.FAILED) == []
    assert ids(runs.of_stack(STACK, RunKind.APPLY)) == ["apply"]


def test_the_applies_of_a_command_are_listed_oldest_first(runs: Runs) -> None:
    later = ref(text_at=ref().text_at + SECOND)
    add(
        runs,
        apply("1", command=ref()),
        apply("edited", command=later),
        apply("other line", command=ref(line=1)),
        apply("nobody asked"),
        apply("2", command=ref(), stack=PROD),
    )

    assert ids(runs.of_command(ref())) == ["1", "2"]
    assert ids(runs.of_command(later)) == ["edited"]
    assert runs.of_command(ref(101)) == ()


def test_held_lists_the_environments_held_applies_oldest_first(runs: Runs) -> None:
    add(
        runs,
        apply("1", RunStatus.HELD, shown_at=NOON),
        apply("2", RunStatus.HELD, stack=OTHER, head="c" * 40),
        apply("applied"),
        apply("other environment", RunStatus.HELD, stack=PROD),
        run("plan", status=RunStatus.HELD),
    )

    assert ids(runs.held(DEV)) == ["1", "2"]
    runs.move("1", RunStatus.SUPERSEDED, at=NOON)
    assert ids(runs.held(DEV)) == ["2"]


def test_untold_lists_the_ended_or_held_applies_of_the_tip_that_are_not_reported(
    runs: Runs,
) -> None:
    add(
        runs,
        apply("held", RunStatus.HELD),
        apply("told", shown_at=NOON),
        apply("applied", stack=OTHER),
        apply("running", RunStatus.RUNNING),
        apply("superseded", RunStatus.SUPERSEDED),
        apply("released", RunStatus.RELEASED),
        apply("before the merge", head="c" * 40),
        apply("other environment", stack=PROD),
        run("plan", head=None, status=RunStatus.FAILED),
        apply("failed", RunStatus.FAILED),
    )

    assert ids(runs.running(DEV)) == ["running"]
    assert ids(runs.untold(DEV)) == ["held", "applied", "failed"]
    runs.mark_shown(["held", "failed"], NOON)
    assert ids(runs.untold(DEV)) == ["applied"]


# --- pull requests ---------------------------------------------------------------------------------


def test_applied_by_lists_the_stacks_of_applies_before_the_merge(runs: Runs) -> None:
    before = {"head": "c" * 40}
    add(
        runs,
        run("plan", stack=PROD),
        run("planned first"),
        apply("1", RunStatus.RUNNING, **before),
        run("planned again"),
        apply("2", RunStatus.FAILED, stack=OTHER, **before),
        apply("3", stack=OTHER, **before),
        apply("after the merge", stack=replace(STACK, name="late")),
        apply("other request", stack=replace(STACK, name="x"), pull_request=6, **before),
        apply("no request", stack=replace(STACK, name="y"), pull_request=None, **before),
    )

    assert runs.applied_by("7", 5) == (OTHER, STACK)
    assert runs.applied_by("7", 7) == ()
    assert runs.applied_by("8", 5) == ()


def test_environments_of_lists_those_of_every_run_of_the_pull_request(runs: Runs) -> None:
    staging = replace(STACK, environment="staging")
    add(
        runs,
        run("1", stack=PROD),
        apply("2"),
        run("3", stack=OTHER),
        run("other request", stack=staging, pull_request=6),
        run("other repository", stack=replace(staging, repository="8")),
    )

    assert runs.environments_of("7", 5) == ("dev", "prod")
    assert runs.environments_of("7", 7) == ()


def test_no_plan_is_shown_until_it_is_marked(runs: Runs) -> None:
    add(runs, run())

    assert runs.shown_plan(STACK, 5) is None
    runs.mark_shown(["run-1"], NOON)
    assert runs.shown_plan(STACK, 5) == run(shown_at=NOON, shown_whole=True)


def test_the_shown_plan_is_the_one_shown_last_of_that_stack_on_that_pull_request(
    runs: Runs,
) -> None:
    add(
        runs,
        run("1", shown_at=NOON),
        run("2", shown_at=NOON),
        run("other stack", stack=OTHER, shown_at=NOON + SECOND),
        run("other request", pull_request=6, shown_at=NOON + SECOND),
        apply("apply", shown_at=NOON + SECOND),
        run("unshown"),
    )

    def shown(*key: object) -> str | None:
        found = runs.shown_plan(*key)  # type: ignore[arg-type]
        return None if found is None else found.id

    assert shown(STACK, 5) == "2"
    assert shown(OTHER, 5) == "other stack"
    assert shown(STACK, 6) == "other request"
    assert shown(STACK, 7) is None


def test_of_two_plans_made_at_once_the_one_posted_last_is_shown(runs: Runs) -> None:
    add(runs, run("first"), run("second"))
    runs.mark_shown(["second"], NOON)
    runs.mark_shown(["first"], NOON + SECOND)

    found = runs.shown_plan(STACK, 5)
    assert found is not None
    assert found.id == "first"


def test_the_plan_shown_at_an_instant_is_found_later(runs: Runs) -> None:
    for number, id_ in enumerate(("1", "2", "3")):
        add(runs, run(id_, shown_at=NOON + number * SECOND))

    def shown(at: datetime) -> str | None:
        found = runs.shown_plan(STACK, 5, at)
        return None if found is None else found.id

    moment = timedelta(microseconds=1)
    assert shown(NOON - moment) is None
    assert shown(NOON) == "1"
    assert shown(NOON + SECOND - moment) == "1"
    assert shown(NOON + SECOND) == "2"
    assert shown(NOON + DAY) == "3"


def test_a_shown_plan_is_found_by_its_digest(runs: Runs) -> None:
    add(
        runs,
        run("1", shown_at=NOON),
        run("2", shown_at=NOON + SECOND),
        run("differs", digest="e" * 64, shown_at=NOON + 2 * SECOND),
        run("unshown"),
        run("other request", pull_request=6, shown_at=NOON + DAY),
        apply("apply", shown_at=NOON + DAY),
    )

    def found(digest: str) -> str | None:
        shown = runs.shown_with_digest(STACK, 5, digest)
        return None if shown is None else shown.id

    assert found(DIGEST) == "2"
    assert found("e" * 64) == "differs"
    assert found("f" * 64) is None


def test_marking_again_keeps_the_time_of_the_first_showing(runs: Runs) -> None:
    add(runs, run())
    runs.mark_shown(["run-1"], NOON)
    runs.mark_shown(["run-1", "no such run"], NOON + SECOND)
    runs.mark_shown([], NOON)

    assert runs.get("run-1") == run(shown_at=NOON, shown_whole=True)


def test_what_was_shown_in_part_stays_so_until_it_is_shown_again_as_another_run(runs: Runs) -> None:
    add(runs, run("part"), run("whole"))
    runs.mark_shown(["part", "whole"], NOON, partly=["part"])
    runs.mark_shown(["part"], NOON + SECOND)

    assert runs.get("part") == run("part", shown_at=NOON)
    assert runs.get("whole") == run("whole", shown_at=NOON, shown_whole=True)
