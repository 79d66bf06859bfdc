"""Tests for the names of servers that share a database, and for the end of their children."""

from __future__ import annotations

import subprocess
import sys
import time

from gitbot.adapters.processes import LocalProcesses, ServerProcesses


def test_only_a_server_is_judged_by_its_lock() -> None:
    free = {"far:1:abc-1.5"}
    processes = ServerProcesses(free.__contains__)
    own = processes.name("apply of dev")
    assert own == f"{LocalProcesses().name()} (server) apply of dev"
    assert not processes.is_dead(own)
    assert processes.is_dead("far:1:abc-1.5 (server) apply of dev")
    assert processes.is_dead("far:1:abc-1.5 (server)")
    assert not processes.is_dead("far:2:abc-1.5 (server) apply of dev")
    # A command line holds no lock, so only its lease can run out.
    assert not processes.is_dead("far:1:abc-1.5 ada at a command line")
    assert not processes.is_dead("far:1:abc-1.5 server at a command line")


CHILDREN = """
import subprocess, sys
from gitbot.adapters.processes import end_children

sleeping = [sys.executable, "-c", "import subprocess, sys; subprocess.run(['sleep', '100'])"]
child = subprocess.Popen(sleeping, start_new_session=True)
while True:
    found = subprocess.run(["pgrep", "-P", str(child.pid)], capture_output=True, text=True).stdout
    if found.strip():
        break
print(child.pid, found.strip(), flush=True)
end_children()
print(child.wait(), flush=True)
"""


def test_children_and_theirs_are_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILDREN], capture_output=True, text=True, timeout=100, check=True
    )
    pids, status = done.stdout.splitlines()
    assert status == "-9"
    deadline = time.monotonic() + 10
    for pid in pids.split():
        while subprocess.run(["kill", "-0", pid], capture_output=True).returncode == 0:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    break
            assert time.monotonic() < deadline, f"process {pid} lives"
