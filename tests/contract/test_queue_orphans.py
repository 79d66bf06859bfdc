"""A job whose end could not be written, or whose database was away, does not stay begun for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gitbot.adapters.queue import JOBS_VERSION, DurableQueue, Retries, rows
from gitbot.adapters.queue.orphans import Orphans
from gitbot.model.keys import Sweep
from gitbot_sandbox.sandbox import eventually

NAME = "one"


@pytest.fixture
def ran() -> list[Sweep]:
    return []


@pytest.fixture
def queue(tmp_path: Path, ran: list[Sweep]) -> Iterator[DurableQueue]:
    made = DurableQueue(
        tmp_path / "jobs.db",
        {Sweep: ran.append},
        executor_id=NAME,
        poll_s=0.05,
        retries=Retries(first_s=0.01),
    )
    made.start()
    yield made
    made.stop(10)


@pytest.fixture
def engine(tmp_path: Path, queue: DurableQueue) -> Iterator[sa.Engine]:
    made = rows.open_engine(f"sqlite:///{tmp_path / 'jobs.db'}")
    yield made
    made.dispose()


def statuses(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT status FROM workflow_status")))


@pytest.mark.parametrize("held", [False, True])
def test_a_job_that_no_thread_runs_is_queued_again(
    queue: DurableQueue, engine: sa.Engine, held: bool
) -> None:
    key = Sweep(repository="7", reason="a")
    queue.enqueue(key)
    eventually(lambda: statuses(engine) == ["SUCCESS"], what="the job")
    with engine.begin() as connection:
        # As if its end had not been written.
        connection.execute(
            sa.text("UPDATE workflow_status SET status = 'PENDING', executor_id = :name"),
            {"name": NAME},
        )
    held_ids = frozenset({key.id}) if held else frozenset()
    orphans = Orphans(engine, NAME, JOBS_VERSION, lambda: held_ids, grace_s=0.2, every_s=0.05)
    orphans.start()
    try:
        if held:
            time.sleep(0.6)
            assert statuses(engine) == ["PENDING"]
        else:
            eventually(lambda: statuses(engine) == ["SUCCESS"], what="its end")
    finally:
        orphans.stop()


def test_a_job_during_which_the_database_was_away_is_tried_again(
    queue: DurableQueue, ran: list[Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, away = rows.starts, [True]

    def starts(engine: sa.Engine, id_: str) -> int:
        if away and away.pop():
            raise sa.exc.OperationalError("SELECT", {}, Exception("the database restarts"))
        return ask(engine, id_)

    monkeypatch.setattr(rows, "starts", starts)
    queue.enqueue(Sweep(repository="7", reason="a"))

    eventually(lambda: ran, what="the job")
    eventually(lambda: queue.pending() == 0, what="both rows to end")
    assert len(ran) == 1
