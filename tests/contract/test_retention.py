"""Old runs are deleted with their documents, but never the last of anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import retention
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, NOON, OTHER, SECOND, STACK, apply, plan, run

KEPT = 180 * DAY
NOW = NOON + KEPT + SECOND
"""An instant when everything of noon has just become too old."""
RECENT = NOON + 2 * SECOND

PLANNED = {"status": RunStatus.PLANNED, "shown_at": NOON}
TOLD = {"shown_at": NOON}

# What is stored, oldest first, and the ids that are left.
CASES: dict[str, tuple[list[Run], list[str]]] = {
    "of plans that differ in nothing the newest stays": (
        [run("1", **PLANNED), run("2", **PLANNED)],
        ["2"],
    ),
    "a run that is not old enough stays": (
        [run("1", **{**PLANNED, "started_at": RECENT}), run("2", **PLANNED)],
        ["1", "2"],
    ),
    "the newest of each status stays": (
        [
            apply("1", **TOLD),
            apply("2", RunStatus.FAILED, **TOLD),
            apply("3", RunStatus.SUPERSEDED),
            apply("4", RunStatus.RELEASED),
            apply("5", **TOLD),
            apply("6", RunStatus.SUPERSEDED),
        ],
        ["2", "4", "5", "6"],
    ),
    "the newest of each stack and kind stays": (
        [
            run("1", kind=RunKind.APPLY, status=RunStatus.FAILED),
            run("2", status=RunStatus.FAILED),
            run("3", status=RunStatus.FAILED, stack=OTHER),
            run("4", status=RunStatus.FAILED, stack=replace(STACK, region="us-east-1")),
        ],
        ["1", "2", "3", "4"],
    ),
    "the plan shown last on each pull request stays": (
        [
            run("1", **PLANNED),
            run("2", **{**PLANNED, "shown_at": NOON + SECOND}),
            run("3", **PLANNED),
            run("4", **PLANNED, pull_request=6),
            run("5", status=RunStatus.PLANNED),
            run("6", status=RunStatus.PLANNED),
        ],
        ["2", "4", "6"],
    ),
    "of plans shown at once the newest stays": (
        [run("1", **PLANNED), run("2", **PLANNED), run("3", status=RunStatus.PLANNED)],
        ["2", "3"],
    ),
    "a running or held run stays": (
        [
            apply("1", RunStatus.RUNNING),
            apply("2", RunStatus.HELD),
            apply("3", RunStatus.HELD),
            apply("4", RunStatus.RUNNING),
        ],
        ["1", "2", "3", "4"],
    ),
    "an apply of the tip that nobody was told of stays": (
        [apply("1"), apply("2", RunStatus.FAILED), apply("3"), apply("4", RunStatus.FAILED)],
        ["1", "2", "3", "4"],
    ),
    "an apply before the merge is never told as one of the tip": (
        [apply("1", head="c" * 40), apply("2", head="c" * 40)],
        ["2"],
    ),
}


def ids(engine: Engine, query: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text(query)))


@pytest.mark.parametrize(("made", "left"), CASES.values(), ids=CASES)
def test_the_last_of_each_kind_is_never_deleted(
    records: Records, engine: Engine, made: list[Run], left: list[str]
) -> None:
    for each in made:
        records.runs.add(each, plan())

    assert records.runs.prune(KEPT, NOW) == len(made) - len(left)

    assert ids(engine, "SELECT id FROM runs ORDER BY id") == left
    assert ids(engine, "SELECT run FROM run_documents ORDER BY run") == left
    assert records.runs.prune(KEPT, NOW) == 0


def test_the_stacks_of_a_pull_request_are_known_after_its_runs_are_deleted(
    records: Records,
) -> None:
    for each in ("1", "2"):
        records.runs.add(apply(each, head="c" * 40), plan())
    records.runs.add(apply("3", head="c" * 40, pull_request=6), plan())

    assert records.runs.prune(KEPT, NOW) == 2

    assert records.runs.applied_by("7", 5) == (STACK,)
    assert records.runs.environments_of("7", 5) == ("dev",)


def test_many_old_runs_are_deleted_in_batches(
    records: Records, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for number in range(11):
        records.runs.add(run(f"{number:02}", status=RunStatus.SUPERSEDED), plan())
    deletes: list[str] = []
    sa.event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: deletes.append(statement),
    )

    assert records.runs.prune(KEPT, NOW) == 10

    assert ids(engine, "SELECT id FROM runs") == ["10"]
    assert sum("DELETE FROM runs" in statement for statement in deletes) == 4
