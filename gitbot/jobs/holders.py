"""Who holds a lease: names of processes, and whether such a process is surely gone. Shell."""

from __future__ import annotations

import os
import re
import socket
from functools import cache
from pathlib import Path

_HOLDER = re.compile(r"(?P<host>[^:\s]+):(?P<pid>\d+):(?P<world>[0-9a-f-]*)\.(?P<start>\d*)(?!\S)")
_GONE_STATES = frozenset("ZXx")


def this_process(purpose: str = "") -> str:
    """The holder name of this process: ``host:pid:nonce``, then what it is doing.

    The nonce is the same throughout the process's life and no other process ever has it together
    with this host and pid: it names the boot, the pid namespace and the instant of the start.
    """
    pid = os.getpid()
    name = f"{_host()}:{pid}:{_world()}.{_start_of(pid) or ''}"
    return f"{name} {purpose}" if purpose else name


def holder_is_dead(holder: str) -> bool:
    """Whether the process that calls itself ``holder`` has surely ended.

    Only a process of this host, this boot and this pid namespace can be judged; for any other the
    answer is False and its lease must run out. This is what lets ``gitbot apply`` go on at once
    after a crash. What the dead process had asked of the cloud is covered by its open intents.
    """
    found = _HOLDER.match(holder)
    if found is None or not _world():
        return False
    if (found["host"], found["world"]) != (_host(), _world()):
        return False
    pid = int(found["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        # It exists under another user, or cannot be asked about: assume that it lives.
        return False
    start = _start_of(pid)
    # Same pid, but started at another instant: the number was given to a new process.
    return start is not None and start != found["start"]


def _host() -> str:
    return socket.gethostname().replace(":", "-") or "localhost"


@cache
def _world() -> str:
    """What a pid means here: the boot and the pid namespace; empty where that cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}-{Path('/proc/self/ns/pid').stat().st_ino:x}"
    except OSError:
        return ""


def _start_of(pid: int) -> str | None:
    """The instant the process started, in ticks since boot; "0" for one that has ended and was
    not collected yet, None where it cannot be told.

    https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        # The second field is the program's name in brackets and may hold anything, so count
        # from the last bracket: state is field 3, starttime field 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "0" if fields[0] in _GONE_STATES else fields[19]
