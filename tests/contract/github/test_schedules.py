"""The rows of the schedule follow the rules at the tip, and what is due wakes its job once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import open_engine
from gitbot.errors import UserError
from gitbot.jobs.steps.failures import end_failure, report_failure
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.schedules import reschedule, wake_due
from gitbot.model.keys import DetectDrift, KeepHours
from gitbot.model.places import SqlitePlace
from gitbot.model.time import Every, ScheduleRow
from gitbot_sandbox.sandbox import eventually
from tests.contract.github.github_world import REPOSITORY, ForgeWorld

ENVIRONMENT = """
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec:
  region: us-east-1
"""
DEV = "specs/dev/environment.yaml"


@pytest.fixture
def woken() -> list[DetectDrift]:
    return []


@pytest.fixture
def ports(world: ForgeWorld, tmp_path: Path, woken: list[DetectDrift]) -> Iterator[Ports]:
    """The ports of a server whose scans do nothing, with the sandbox's time for schedules."""
    queue = DurableQueue(
        tmp_path / "jobs.db", {DetectDrift: woken.append}, executor_id="one", poll_s=0.05
    )
    with open_engine(
        SqlitePlace(tmp_path / "gitbot.db"), hash_key="k" * 32, calendar=world.hub.clock.file
    ) as opened:
        queue.start()
        yield Ports(
            engine=opened.engine,
            forges=world.forges("app"),
            records=opened.records,
            queue=queue,
            hear=print,
        )
        queue.stop(10)


def test_the_schedule_follows_the_tip_without_a_restart_and_fires_once(
    world: ForgeWorld, ports: Ports, woken: list[DetectDrift]
) -> None:
    repository = ports.forges.open(REPOSITORY).repository().id

    def rows(files: dict[str, str | None]) -> tuple[ScheduleRow, ...]:
        world.hub.push_files(REPOSITORY, "main", files, "ada")
        seen = look(ports, repository)
        world.hub.faults.forget_calls()
        reschedule(ports, seen)
        assert world.hub.faults.calls("*", "*") == ()
        return ports.records.schedules.of_repository(repository)

    def tick(*, moved_on: str) -> int:
        before = len(woken)
        world.hub.clock.advance(moved_on)
        for _ in range(3):
            wake_due(ports, [repository])
        queue = ports.queue
        assert isinstance(queue, DurableQueue)
        eventually(lambda: queue.pending() == 0, what="the scan")
        return len(woken) - before

    (hourly,) = rows({"specs/dev/a.yaml": None, DEV: ENVIRONMENT})
    assert hourly.schedule.when == Every(interval=timedelta(hours=1))
    assert tick(moved_on="1h") == 1
    (fired,) = rows({DEV: f"{ENVIRONMENT}  drift: {{every: 2h}}\n"})
    assert (fired.schedule.when, fired.since) == (Every(interval=timedelta(hours=2)), hourly.since)
    assert fired.last_fired is not None
    # Whatever was missed in a week, one scan makes up for it.
    assert tick(moved_on="7d") == 1
    (standing,) = rows({DEV: f"{ENVIRONMENT}  drift: {{every: often}}\n"})
    assert standing.schedule == fired.schedule
    assert rows({DEV: f"{ENVIRONMENT}  drift: {{every: off}}\n"}) == ()
    assert tick(moved_on="1d") == 0
    assert len(rows({DEV: ENVIRONMENT})) == 1
    assert rows({DEV: None, "specs/README.md": "nothing"}) == ()
    assert tick(moved_on="1d") == 0
    reasons = [key.reason for key in woken]
    assert len(reasons) == len(set(reasons)) == 2
    assert {key.environment for key in woken} == {"dev"}


def test_a_job_of_one_environment_keeps_the_rows_of_that_one(
    world: ForgeWorld, ports: Ports
) -> None:
    prod = ENVIRONMENT.replace("name: dev", "name: prod")
    files = {DEV: ENVIRONMENT, "specs/prod/environment.yaml": prod}
    world.hub.push_files(REPOSITORY, "main", files, "ada")
    repository = ports.forges.open(REPOSITORY).repository().id

    def environments() -> set[str]:
        rows = ports.records.schedules.of_repository(repository)
        return {row.schedule.environment.environment for row in rows}

    reschedule(ports, look(ports, repository), environment="dev")
    assert environments() == {"dev"}
    reschedule(ports, look(ports, repository))
    assert environments() == {"dev", "prod"}
    world.hub.push_files(REPOSITORY, "main", dict.fromkeys(files), "ada")
    reschedule(ports, look(ports, repository), environment="dev")
    assert environments() == {"prod"}


def test_what_is_due_in_a_repository_that_is_not_served_waits(
    world: ForgeWorld, ports: Ports, woken: list[DetectDrift]
) -> None:
    world.hub.push_files(REPOSITORY, "main", {DEV: ENVIRONMENT}, "ada")
    reschedule(ports, look(ports, ports.forges.open(REPOSITORY).repository().id))
    world.hub.clock.advance("2h")
    wake_due(ports, ["another"])
    (row,) = ports.records.schedules.of_repository(ports.forges.open(REPOSITORY).repository().id)
    assert (row.last_fired, woken) == (None, [])


def test_the_check_of_a_job_that_failed_ends_when_it_works_again(
    world: ForgeWorld, ports: Ports
) -> None:
    repository = ports.forges.open(REPOSITORY).repository().id
    tip = look(ports, repository).tip
    key = KeepHours(repository=repository, environment="dev", reason="1")

    def checks() -> list[str | None]:
        found = world.hub.repository(REPOSITORY).check_runs.values()
        return [run.conclusion for run in found if (run.sha, run.name) == (tip, "gitbot/dev/hours")]

    end_failure(ports, key)
    assert checks() == []
    for _ in range(2):
        report_failure(ports, key, UserError("no right to stop machines"), final=True)
    assert checks() == ["failure"]
    end_failure(ports, key)
    assert checks() == ["success"]
    world.hub.faults.forget_calls()
    end_failure(ports, key)
    assert world.hub.faults.calls("*", "*/check-runs*") == ()
