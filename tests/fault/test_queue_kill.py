"""Jobs survive a process that is killed in the middle of one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = """
import logging, os, signal, sys, time
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.queue import DurableQueue
from gitbot.model.keys import ApplyEnvironment

path, does = sys.argv[1:3]
logging.basicConfig(stream=sys.stderr)

def work(key):
    print(key.why, flush=True)
    if does == "hang":
        time.sleep(60)
    if does == "die":
        os.kill(os.getpid(), signal.SIGKILL)

def failed(key, error, *, final):
    print(f"{key.why}: {error} {final}", flush=True)

queue = DurableQueue(
    path,
    {ApplyEnvironment: work},
    executor_id=LocalProcesses().name(),
    failed=failed,
    poll_s=0.05,
    recoveries=2,
)
queue.start()
for name in sys.argv[3:]:
    queue.enqueue(
        ApplyEnvironment(
            repository="7", environment="dev", tip="abc", why=name, pull_request=1
        )
    )
limit = time.monotonic() + 100
while queue.pending() and time.monotonic() < limit:
    time.sleep(0.02)
print("idle" if not queue.pending() else "stuck", flush=True)
queue.stop(5)
"""


def server(path: Path, does: str, *names: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, str(path), does, *names], stdout=subprocess.PIPE, text=True
    )


def test_a_job_whose_process_died_runs_again_before_the_next_one(
    tmp_path: Path,
) -> None:
    first = server(tmp_path / "jobs.db", "hang", "one", "two")
    assert first.stdout is not None
    assert first.stdout.readline() == "one\n"
    first.send_signal(signal.SIGKILL)
    first.wait(100)
    first.stdout.close()

    began = time.monotonic()
    output, _ = server(tmp_path / "jobs.db", "work").communicate(timeout=100)

    assert output.split() == ["one", "two", "idle"]
    assert time.monotonic() - began < 100


@pytest.mark.full
def test_a_job_that_always_kills_its_process_is_given_up_and_reported_and_blocks_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "jobs.db"
    outputs = [server(path, "die", "bad").communicate(timeout=100)[0] for _ in range(3)]
    assert outputs == ["bad\n"] * 3

    output, _ = server(path, "work", "good").communicate(timeout=100)

    given_up, *rest = output.splitlines()
    assert given_up == (
        "bad: The process ended 3 times while this job ran, so it is not started again. True"
    )
    assert rest == ["good", "idle"]
