"""Name processes, and tell whether the process of a name has ended. Shell."""

from __future__ import annotations

import os
import re
import socket
from functools import cache
from pathlib import Path

_HOLDER = re.compile(r"(?P<host>[^:\s]+):(?P<pid>\d+):(?P<world>[0-9a-f-]*)\.(?P<start>\d*)(?!\S)")
_GONE_STATES = frozenset("ZXx")


class LocalProcesses:
    """``Processes`` of this machine, read from ``/proc``."""

    def name(self, purpose: str = "") -> str:
        """``host:pid:nonce`` of this process, then a space and its purpose, if one is given.

        It is the same for as long as the process lives, and no other process ever has it: the
        nonce names the boot, the pid namespace and the instant at which the process started.
        """
        pid = os.getpid()
        name = f"{_host()}:{pid}:{_world()}.{_start_of(pid) or ''}"
        return f"{name} {purpose}" if purpose else name

    def is_dead(self, holder: str) -> bool:
        """Whether the process with this name has ended for certain.

        Only a process of this host, boot and pid namespace can be judged. For any other one the
        answer is False, and its lease must run out. After a crash on this machine ``gitbot apply``
        can go on at once: open intents cover what the dead process had asked of the cloud.
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
            # It runs as another user or cannot be inspected: assume that it lives.
            return False
        start = _start_of(pid)
        # The same pid with another start: the number was given to a new process.
        return start is not None and start != found["start"]


def _host() -> str:
    return socket.gethostname().replace(":", "-") or "localhost"


@cache
def _world() -> str:
    """The boot and the pid namespace, within which a pid is unique; empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}-{Path('/proc/self/ns/pid').stat().st_ino:x}"
    except OSError:
        return ""


def _start_of(pid: int) -> str | None:
    """When the process started, in ticks since boot.

    "0" if it has ended and its parent has not collected it yet; None if that is unknown.

    https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        # The second field is the program's name in brackets and may hold anything, so count
        # from the last bracket: the state is field 3, the start is field 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "0" if fields[0] in _GONE_STATES else fields[19]
