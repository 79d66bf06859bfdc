"""A firing has one job, wherever the server is killed between what is due and its record."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = """
import os, signal, sys, time
from dataclasses import replace
from datetime import timedelta
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import open_engine
from gitbot.model.places import SqlitePlace
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.schedules import wake_due
from gitbot.model.keys import DetectDrift
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import At, Missed, Schedule, Work
from pathlib import Path

folder, dies = Path(sys.argv[1]), sys.argv[2]
DEV = EnvironmentKey(repository="7", environment="dev")

class Around:
    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        call = getattr(self._inner, name)
        def around(*arguments, **named):
            for moment in ("before", "after"):
                if moment == "after":
                    result = call(*arguments, **named)
                if dies == f"{moment} {name}":
                    os.kill(os.getpid(), signal.SIGKILL)
            return result
        return around

def scan(key):
    print(key.reason, flush=True)

queue = DurableQueue(
    folder / "jobs.db", {DetectDrift: scan}, executor_id=LocalProcesses().name(), poll_s=0.05
)
with open_engine(SqlitePlace(folder / "gitbot.db"), hash_key=None) as opened:
    now = opened.engine.calendar.now()
    if dies != "nowhere":
        schedule = Schedule(
            name="scan", environment=DEV, work=Work.DRIFT, why="look",
            when=At(instant=now - timedelta(minutes=1)), missed=Missed.ONCE,
        )
        opened.records.schedules.replace(DEV, Work.DRIFT, [schedule], at=now)
    queue.start()
    records = replace(opened.records, schedules=Around(opened.records.schedules))
    ports = Ports(
        engine=opened.engine, forges=None, records=records, queue=Around(queue), hear=print
    )
    for _ in range(2):
        wake_due(ports, ["7"])
    limit = time.monotonic() + 100
    while queue.pending() and time.monotonic() < limit:
        time.sleep(0.02)
    queue.stop(5)
"""


def served(folder: Path, dies: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SERVER, str(folder), dies],
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.full
@pytest.mark.parametrize(
    "dies", ["after due", "before enqueue", "after enqueue", "before fired", "after fired"]
)
def test_a_server_that_is_killed_at_a_firing_leaves_one_job(tmp_path: Path, dies: str) -> None:
    killed = served(tmp_path, dies)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    following = served(tmp_path, "nowhere")
    assert following.returncode == 0, following.stderr
    # The first server may have begun the job before it died: that one is run again, as any job is.
    reasons = (killed.stdout + following.stdout).split()
    assert len(following.stdout.split()) <= 1
    assert len(set(reasons)) == 1, reasons
