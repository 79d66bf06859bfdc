"""Run ``gitbot`` commands as forks of one process that has imported everything.

Most of what a short command costs are its imports. A fork is a process of its own all the same: with its
arguments, folder, environment, streams and exit status. The program, run as ``python -m tests.warm``,
reads one JSON request a line, and answers each with the exit status (negative: the signal).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitbot.cli import main as cli
from tests.preload import preload

ROOT = Path(__file__).parents[1]
LONGEST_S = 250


class Warm:
    """The process that is forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=ROOT,
            env={name: one for name, one in os.environ.items() if not name.startswith("AWS_")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: list[str], cwd: Path, environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, for 250 s at most."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            request = {"arguments": arguments, "cwd": str(cwd), "environ": dict(environ)}
            request |= {"out": str(out), "err": str(err)}
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            status = int(json.loads(self._process.stdout.readline()))
            return subprocess.CompletedProcess(
                arguments, status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
            )

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def command(request: Mapping[str, Any]) -> None:
    """Run the command in this process; never returns."""
    signal.alarm(LONGEST_S)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    for stream, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        flags = os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(path, flags, 0o600), stream)
    sys.argv = ["gitbot", *request["arguments"]]
    status = 0
    try:
        cli.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main() -> None:
    """Serve requests until standard input ends."""
    preload()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            command(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
