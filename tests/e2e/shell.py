"""A person's clone on the local AWS, and the commands that they type in it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitbot_sandbox.aws import LocalAws
from tests.warm import Warm

_HEARING = (
    "import os, signal, sys\n"
    "for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(one, signal.SIG_DFL)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'gitbot', *sys.argv[1:]])\n"
)
"""Runs gitbot as a terminal does, also where these tests run under ``nohup`` or in the background: what is ignored there is
inherited."""


@contextmanager
def person(folder: Path, files: Mapping[str, str]) -> Iterator[Shell]:
    """A person with a clone of these files, on a local AWS of their own."""
    with closing(Warm()) as warm, LocalAws() as aws:
        made = Shell(aws, warm, folder / "infra", folder / "state.db")
        made.clone.mkdir()
        made.git("init", "--quiet", "--initial-branch", "main")
        made.write({**files})
        yield made


@dataclass(frozen=True, slots=True)
class Shell:
    """A person's clone, and the commands that they type in it."""

    aws: LocalAws
    warm: Warm
    clone: Path
    store: Path

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        command = ["git", *who, *arguments]
        return subprocess.run(
            command, cwd=self.clone, check=True, capture_output=True, text=True
        ).stdout

    def write(self, files: dict[str, str | None], *, commit: bool = True) -> None:
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        if commit:
            self.git("add", "--all")
            self.git("commit", "--quiet", "--allow-empty", "--message", "change")

    def environ(self, **more: str) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **self.aws.environment,
            "GITBOT_STORE": str(self.store),
            # Whoever runs the tests may be signed in to a server.
            "XDG_CONFIG_HOME": str(self.clone.parent / "config"),
            **more,
        }

    def gitbot(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.warm.run(list(arguments), self.clone, self.environ(**more))

    def begun(self, *arguments: str, terminal: int | None = None) -> subprocess.Popen[str]:
        """The command in a process of its own, which may be sent signals; its errors are in a pipe or at a terminal."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _HEARING, *arguments],
            cwd=self.clone,
            env=self.environ(),
            stdout=subprocess.DEVNULL if terminal is None else terminal,
            stderr=subprocess.PIPE if terminal is None else terminal,
            text=True,
        )

    def is_leased(self) -> bool:
        """Whether a command holds an environment."""
        with closing(sqlite3.connect(self.store)) as store:
            return bool(
                store.execute("SELECT count(*) FROM leases WHERE holder IS NOT NULL").fetchone()[0]
            )

    def applied(self, *more: str) -> str:
        done = self.gitbot("apply", "dev", "--yes", "--new-store", *more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def groups(self) -> list[str]:
        return [found["GroupName"] for found in self.described()]

    def described(self) -> list[dict[str, str]]:
        """The security groups, but for the default ones."""
        found = self.aws.client("ec2").describe_security_groups()["SecurityGroups"]
        return [one for one in found if one["GroupName"] != "default"]
