"""Tests for the jobs that an earlier version has queued."""

from __future__ import annotations

import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.queue import DurableQueue
from gitbot.model.keys import ApplyEnvironment, FollowTip, JobKey, Lane, PlanPullRequest

# Queues, workflow and rows exactly as version "jobs-1" made them: keys were dicts, plans were in
# the queue "pulls", and "plans" was a queue without partitions.
JOBS_1 = """
import sys, time
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

url = "sqlite:///" + sys.argv[1]
DBOS.migrate(url)
client = DBOSClient(
    system_database_url=url,
    serializer=DBOSPortableJSONSerializer(),
    application_name="gitbot",
    retry_connection_errors=False,
)
for name in ("applies", "answers", "pulls"):
    client.register_queue(
        name, partition_concurrency=1, worker_concurrency=4, polling_interval_sec=0.05
    )
client.register_queue("plans", worker_concurrency=4, polling_interval_sec=0.05)
DBOS(
    config={
        "name": "gitbot",
        "system_database_url": url,
        "application_version": "jobs-1",
        "executor_id": "local",
        "serializer": DBOSPortableJSONSerializer(),
        "enable_otlp": False,
        "log_level": "ERROR",
    }
)

@DBOS.workflow(name="gitbot_job", max_recovery_attempts=5)
def job(id_: str, name: str, key: dict, partition: str | None, attempt: int) -> str:
    DBOS.run_step({"name": "run"}, time.sleep, 60)
    return "done"

DBOS.launch()

def enqueue(queue, id_, name, key, partition, **more):
    options = {
        "workflow_name": "gitbot_job",
        "queue_name": queue,
        "workflow_id": id_,
        "workflow_id_reuse_policy": "reject",
        "app_version": "jobs-1",
        **more,
    }
    if partition is not None:
        options["queue_partition_key"] = partition
    client.enqueue(options, id_, name, key, partition, 1)

dev = {"repository": "7", "environment": "dev", "actor": "", "pull_request": None, "why": None}
enqueue("applies", "apply:7:dev:abc:running", "apply_environment", dev, "7:dev")
while client.list_workflows(status="PENDING") == []:
    time.sleep(0.02)
enqueue("applies", "apply:7:dev:abc:waiting", "apply_environment", dev, "7:dev")
enqueue("applies", "apply:7:dev:abc:late", "apply_environment", dev, "7:dev", delay_seconds=600)
pull = {"repository": "7", "number": 1}
enqueue("pulls", "plan:7:1:d0", "plan_pull_request", pull, "plan:7:1:", delay_seconds=600)
enqueue("plans", "tip:7:d0", "follow_tip", {"repository": "7"}, None, delay_seconds=600)
print("ready", flush=True)
time.sleep(60)
"""
OLD = {
    "apply:7:dev:abc:running",
    "apply:7:dev:abc:waiting",
    "apply:7:dev:abc:late",
    "plan:7:1:d0",
    "tip:7:d0",
}


def until(holds: Callable[[], object], timeout_s: float = 100.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)


def statuses(path: Path) -> dict[str, str]:
    return dict(rows(path, "SELECT workflow_uuid, status FROM workflow_status"))


def rows(path: Path, query: str) -> list[Any]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


@pytest.fixture
def left_behind(tmp_path: Path) -> Path:
    """The file of a server of version "jobs-1" that was killed while it worked."""
    path = tmp_path / "jobs.db"
    command = [sys.executable, "-c", JOBS_1, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        server.send_signal(signal.SIGKILL)
    assert statuses(path)["apply:7:dev:abc:running"] == "PENDING"
    assert statuses(path).keys() == OLD
    return path


def test_jobs_of_an_earlier_version_are_cancelled_and_named_and_block_nobody(
    left_behind: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[JobKey] = []
    types = (ApplyEnvironment, PlanPullRequest, FollowTip)
    queue = DurableQueue(
        left_behind, dict.fromkeys(types, ran.append), executor_id="new", poll_s=0.05
    )
    keys: list[JobKey] = [
        ApplyEnvironment(repository="7", environment="dev", tip="abc", why="sweep"),
        PlanPullRequest(repository="7", number=1, reason="d1"),
        FollowTip(repository="7", reason="d1"),
    ]
    queue.start()
    try:
        for key in keys:
            assert queue.enqueue(key)
        until(lambda: len(ran) == 3 and queue.pending() == 0)
    finally:
        queue.stop(5)

    assert {key.id for key in ran} == {key.id for key in keys}
    found = statuses(left_behind)
    assert {id_ for id_ in OLD if found[id_] == "CANCELLED"} == OLD
    (warning,) = [
        each
        for each in caplog.records
        if each.levelno == logging.WARNING and "another version" in each.getMessage()
    ]
    assert all(id_ in warning.getMessage() for id_ in OLD)
    queues = {name for (name,) in rows(left_behind, "SELECT name FROM queues")}
    assert queues == {lane.value for lane in Lane}


def test_a_second_start_has_nothing_more_to_cancel(
    left_behind: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for executor in ("one", "two"):
        queue = DurableQueue(left_behind, {}, executor_id=executor)
        queue.start()
        queue.stop(5)

    assert caplog.text.count("another version") == 1
