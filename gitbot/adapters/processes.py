"""Name processes, tell whether the process of a name has ended, and end those that this one started. Shell."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from gitbot.ports.processes import Processes

_HOLDER = re.compile(r"(?P<host>[^:\s]+):(?P<pid>\d+):(?P<world>[0-9a-f-]*)\.(?P<start>\d*)(?!\S)")
_GONE_STATES = frozenset("ZXx")
_SERVER = "(server)"


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

    def is_here(self, holder: str) -> bool:
        """Whether the name is that of a process of this machine, since it started, and pid namespace."""
        found = _HOLDER.match(holder)
        return found is not None and (found["host"], found["world"]) == (_host(), _world())


class DeclaredDead:
    """``Processes`` in which a person has said of some holders that they are gone."""

    def __init__(self, rest: Processes) -> None:
        """``rest`` judges all others."""
        self._rest = rest
        self._declared: set[str] = set()

    def declare(self, holder: str) -> None:
        """Count this holder as dead from now on."""
        self._declared.add(holder)

    def name(self, purpose: str = "") -> str:
        """The name of this process and its purpose."""
        return self._rest.name(purpose)

    def is_dead(self, holder: str) -> bool:
        """Whether it was declared dead, or has certainly ended."""
        return holder in self._declared or self._rest.is_dead(holder)


class ServerProcesses:
    """``Processes`` of servers that share a database, each of which holds a lock with its name.

    ``is_free`` says whether the lock of a server with this name was free for so long that it is dead.
    """

    def __init__(self, is_free: Callable[[str], bool]) -> None:
        self._local = LocalProcesses()
        self._is_free = is_free

    def name(self, purpose: str = "") -> str:
        """The name of this process, the mark of a server, and its purpose."""
        return self._local.name(f"{_SERVER} {purpose}".strip())

    def is_dead(self, holder: str) -> bool:
        """Whether it has ended on this machine, or is a server whose lock nobody holds.

        Only who has the mark is judged by its lock: a command line holds none. The mark has a bracket,
        as no login has, so that a person's name cannot be taken for it.
        """
        if self._local.is_dead(holder):
            return True
        name, _, purpose = holder.partition(" ")
        return purpose.split(" ")[0] == _SERVER and self._is_free(name)


def end_children() -> None:
    """Kill every process that this one has started, and what those have started.

    For the moment before an exit that cleans nothing up.
    """
    parents = {int(one.name): _parent_of(int(one.name)) for one in Path("/proc").glob("[0-9]*")}
    family, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    for pid in family - {os.getpid()}:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


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
        fields = _fields_of(pid)
    except OSError:
        return None
    return "0" if fields[0] in _GONE_STATES else fields[19]


def _parent_of(pid: int) -> int | None:
    """The process that started it; None if it has ended."""
    try:
        return int(_fields_of(pid)[1])
    except OSError:
        return None


def _fields_of(pid: int) -> list[str]:
    """The fields of its status from the third one on. Raises OSError if it has ended."""
    # The second field is the program's name in brackets and may hold anything, so count from the last
    # bracket: the state is field 3, the parent field 4, the start field 22.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
