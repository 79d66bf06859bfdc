"""Run a program and measure it: wall time, and the memory of its whole process tree. Shell."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SAMPLE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one tool needed for one scenario; None: not measured, or without meaning.

    ``cpu_s`` is the processor time of the tool's processes. Other work on the machine hardly
    changes it. ``calls`` are calls to an API, ``queries`` statements to a database.
    """

    wall_s: float
    cpu_s: float | None = None
    calls: int | None = None
    queries: int | None = None
    peak_rss_mb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A program that has ended."""

    wall_s: float
    cpu_s: float
    peak_rss_mb: float | None
    status: int
    stdout: str
    stderr: str


class FailedError(Exception):
    """A program ended with the wrong status; the message is the end of its output."""


def measured(
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    ok: Collection[int] = (0,),
) -> Finished:
    """Run the command to its end.

    Raises:
        FailedError: its exit status is none of ``ok``.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before_s = _children_cpu_s()
        started = time.perf_counter()
        status, peak = _run(command, cwd, environ, out, err)
        wall_s = time.perf_counter() - started
        cpu_s = _children_cpu_s() - before_s
        out.seek(0)
        err.seek(0)
        done = Finished(
            wall_s=wall_s,
            cpu_s=cpu_s,
            peak_rss_mb=peak / 1024**2 if peak else None,
            status=status,
            stdout=out.read().decode(errors="replace"),
            stderr=err.read().decode(errors="replace"),
        )
    if done.status not in ok:
        said = (done.stdout + done.stderr)[-3000:]
        raise FailedError(f"{' '.join(command)} ended with status {done.status}:\n{said}")
    return done


def _run(
    command: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str],
    out: IO[bytes],
    err: IO[bytes],
) -> tuple[int, int]:
    """Run the command; returns its exit status and the most memory that its tree had, in bytes."""
    process = subprocess.Popen(
        list(command), cwd=cwd, env=dict(environ), stdin=subprocess.DEVNULL, stdout=out, stderr=err
    )
    memory = _Memory(process.pid)
    memory.start()
    status = process.wait()
    return status, memory.end()


def _children_cpu_s() -> float:
    """Processor time of all child processes that have ended, and of their children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_s_of(pids: Collection[int]) -> float:
    """Processor time that these living processes have used so far (Linux: read from ``/proc``)."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class _Memory(threading.Thread):
    """Reads the memory of a process tree again and again; a short-lived process may be missed."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._ended = threading.Event()
        self._peak = 0

    def run(self) -> None:
        while not self._ended.is_set():
            self._peak = max(self._peak, tree_rss_bytes(self._root) or 0)
            self._ended.wait(SAMPLE_S)

    def end(self) -> int:
        """Stop reading and return the highest total, in bytes."""
        self._ended.set()
        self.join()
        return self._peak


def tree_rss_bytes(root: int) -> int | None:
    """Resident memory of a process and all its descendants; shared pages count in each of them.

    None where the system has no ``/proc``.
    """
    parents = _parents()
    if parents is None:
        return None
    return sum(_rss_bytes(pid) for pid in _family(root, parents))


def children_peak_bytes(root: int) -> int | None:
    """The sum of the highest resident memory that each living descendant has had."""
    parents = _parents()
    if parents is None:
        return None
    return sum(_most_rss_bytes(pid) for pid in _family(root, parents) - {root})


def _family(root: int, parents: Mapping[int, int]) -> set[int]:
    """A process and all its descendants."""
    family = {root}
    # A parent's id may be larger than its child's once ids have wrapped around.
    while children := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= children
    return family


def _parents() -> dict[int, int] | None:
    """The parent of each process of the system."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return None
    found: dict[int, int] = {}
    for name in names:
        try:
            stat = Path(f"/proc/{name}/stat").read_text()
        except OSError:
            continue  # it ended meanwhile
        # The second field is the command in parentheses, and may hold anything.
        found[int(name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def _rss_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def own_peak_bytes() -> int:
    """The highest resident memory that this process has had.

    ``getrusage`` would include the memory of the process that started this one.
    """
    own = _most_rss_bytes(os.getpid())
    return own or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _most_rss_bytes(pid: int) -> int:
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
