"""Schedules are rows: what is due fires once, whatever dies and however many servers look."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.tables.schedules import schedules as table
from gitbot.decisions.time.schedules import due
from gitbot.errors import InvariantError
from gitbot.jobs.steps.schedules import Part, wake_due
from gitbot.model.keys import FollowTip, JobKey
from gitbot.model.time import At, Every, Firing, Missed, Schedule, ScheduleRow, Work
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, DEV, NOON, SECOND

HOUR = timedelta(hours=1)
PROD = replace(DEV, environment="prod")
SCAN = Schedule(
    name="scan",
    environment=DEV,
    work=Work.DRIFT,
    when=Every(interval=HOUR),
    why="look for drift",
    missed=Missed.ONCE,
)
CONFIRM = replace(SCAN, name="confirm:trainer", when=At(instant=NOON))


def rows(records: Records) -> dict[str, ScheduleRow]:
    return {row.schedule.name: row for row in records.schedules.of_repository("7")}


def test_a_schedule_keeps_when_it_fired_and_since_when_it_stands(records: Records) -> None:
    schedules = records.schedules
    schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON)
    schedules.fired(Firing(schedule=SCAN, instant=NOON + HOUR), now=NOON + HOUR)
    often = replace(SCAN, when=Every(interval=HOUR / 2))
    for _ in range(2):
        schedules.replace(DEV, Work.DRIFT, [CONFIRM, often], at=NOON + DAY)
    assert rows(records) == {
        "scan": ScheduleRow(schedule=often, since=NOON, last_fired=NOON + HOUR),
        "confirm:trainer": ScheduleRow(schedule=CONFIRM, since=NOON + DAY),
    }


def test_each_work_of_each_environment_owns_its_rows(records: Records) -> None:
    schedules = records.schedules
    prod = replace(SCAN, environment=PROD)
    expiry = replace(SCAN, work=Work.EXPIRY)
    other = replace(SCAN, environment=replace(DEV, repository="8"))
    for schedule in (SCAN, prod, expiry, other):
        schedules.replace(schedule.environment, schedule.work, [schedule], at=NOON)
    schedules.replace(DEV, Work.DRIFT, [], at=NOON)
    found = [row.schedule for row in schedules.of_repository("7")]
    assert found == [expiry, prod]
    for wrong in ([prod], [expiry], [SCAN, replace(SCAN, why="again")]):
        with pytest.raises(InvariantError):
            schedules.replace(DEV, Work.DRIFT, wrong, at=NOON)
    assert [row.schedule for row in schedules.of_repository("7")] == [expiry, prod]


def test_only_what_is_due_in_these_repositories_is_read(records: Records) -> None:
    schedules = records.schedules
    schedules.replace(DEV, Work.DRIFT, [SCAN, CONFIRM], at=NOON)

    def names(now: datetime, *repositories: str) -> list[str]:
        return [row.schedule.name for row in schedules.due(repositories, now)]

    assert names(NOON - SECOND, "7") == []
    assert names(NOON, "7", "8") == ["confirm:trainer"]
    assert names(NOON + HOUR, "7") == ["confirm:trainer", "scan"]
    assert names(NOON + HOUR, "8") == []
    assert names(NOON + HOUR) == []


def test_a_firing_is_recorded_once_and_never_back(records: Records) -> None:
    schedules = records.schedules
    schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON)
    for instant in (NOON + HOUR, NOON):
        schedules.fired(Firing(schedule=SCAN, instant=instant), now=NOON + HOUR)
    schedules.fired(Firing(schedule=CONFIRM, instant=NOON), now=NOON + HOUR)
    assert {name: row.last_fired for name, row in rows(records).items()} == {"scan": NOON + HOUR}
    assert schedules.due(["7"], NOON + HOUR) == ()


@pytest.mark.parametrize("heals", ["a tick", "a sweep"])
def test_a_clock_that_jumped_ahead_for_one_tick_silences_nothing(
    records: Records, heals: str
) -> None:
    schedules, ahead = records.schedules, NOON + 300 * DAY
    schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON)
    schedules.fired(Firing(schedule=SCAN, instant=ahead), now=ahead)
    now = NOON + HOUR
    if heals == "a sweep":
        schedules.replace(DEV, Work.DRIFT, [SCAN, CONFIRM], at=ahead)
        schedules.replace(DEV, Work.DRIFT, [SCAN, CONFIRM], at=now)
        assert rows(records)["confirm:trainer"].since == now
    (firing,) = (each for each in due(schedules.due(["7"], now), now) if each.schedule == SCAN)
    assert NOON < firing.instant <= now
    schedules.fired(firing, now=now)
    assert rows(records)["scan"] == ScheduleRow(
        schedule=SCAN, since=NOON, last_fired=firing.instant
    )


def test_rows_that_another_version_wrote_are_written_anew(engine: Engine) -> None:
    """A firing that is recorded stays so, whatever the rest of the row says."""
    schedules = sql_records(engine).schedules
    schedules.replace(DEV, Work.DRIFT, [SCAN, CONFIRM], at=NOON)
    schedules.fired(Firing(schedule=SCAN, instant=NOON + HOUR), now=NOON + HOUR)
    with engine.begin() as connection:
        connection.execute(sa.update(table).values(document='{"of": "tomorrow"}'))
    assert schedules.owners("7") == {(DEV, Work.DRIFT)}
    schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON + DAY)
    found = schedules.of_repository("7")
    assert found == (ScheduleRow(schedule=SCAN, since=NOON, last_fired=NOON + HOUR),)


class Killed(BaseException):
    """The process died."""


@dataclass
class Queue:
    """A queue that knows each job that it was ever given, as the real one does."""

    jobs: list[str] = field(default_factory=list)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    dies: str = ""

    def enqueue(self, key: JobKey) -> bool:
        with self.lock:
            self.asked += 1
            if self.dies == "before":
                raise Killed
            new = key.id not in self.jobs
            if new:
                self.jobs.append(key.id)
            if self.dies == "after":
                raise Killed
            return new


def tick(records: Records, queue: Queue, now: datetime) -> None:
    ports: Any = SimpleNamespace(
        records=records,
        queue=queue,
        engine=SimpleNamespace(calendar=SimpleNamespace(now=lambda: now)),
    )
    wake_due(ports, ["7"], {Work.DRIFT: Part(wants=_nothing, wakes=_key)})


def _nothing(*_: object) -> Iterable[Schedule]:
    return ()


def _key(*, repository: str, environment: str, reason: str) -> JobKey:
    return FollowTip(repository=repository, reason=f"{environment}:{reason}")


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_server_that_dies_at_a_firing_leaves_it_to_the_next_once(
    records: Records, dies: str
) -> None:
    records.schedules.replace(DEV, Work.DRIFT, [SCAN, CONFIRM], at=NOON)
    queue = Queue(dies=dies)
    with pytest.raises(Killed):
        tick(records, queue, NOON + HOUR)
    queue.dies = ""
    for _ in range(2):
        tick(records, queue, NOON + HOUR + SECOND)
    assert len(queue.jobs) == len(set(queue.jobs)) == 2
    assert {row.last_fired for row in rows(records).values()} >= {NOON}


def test_many_servers_fire_once_and_a_restart_repeats_and_forgets_nothing(
    records: Records,
) -> None:
    records.schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON)
    queue = Queue()
    # After a night without a server, the newest of the missed firings is made up for.
    for now in (NOON + HOUR, NOON + 9 * HOUR, NOON + 9 * HOUR + SECOND, NOON + 10 * HOUR):
        servers = [threading.Thread(target=tick, args=(records, queue, now)) for _ in range(4)]
        for server in servers:
            server.start()
        for server in servers:
            server.join()
    hours = [job.split(":dev:")[1][:13] for job in queue.jobs]
    assert hours == ["2026-05-01T13", "2026-05-01T21", "2026-05-01T22"]


def test_a_part_that_is_switched_off_costs_nothing(records: Records) -> None:
    queue = Queue()
    tick(records, queue, NOON + DAY)
    assert queue.asked == 0
