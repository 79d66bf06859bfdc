"""Starts ``git``: with a scrubbed environment and deadlines, without hooks or prompts. Shell."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO

from gitbot.errors import TransientError, UserError

READ_TIMEOUT_S = 60.0

_KEPT = (
    "PATH",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
# Where a person's and a machine's configuration lies (https://git-scm.com/docs/git-config#ENVIRONMENT).
_OWN = (
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)
# A shell sets the limits and becomes git: Python must not run code between fork and exec here,
# because this process has threads.
_LIMITED = (
    "/bin/sh",
    "-c",
    'ulimit -v "$0"; ulimit -t "$1"; shift; exec "$@"',
    str(2 * 1024 * 1024),  # KB
    "20",  # seconds
)
_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "credential.helper=",
    "fetch.fsckObjects=true",
    # Harmless defects of old histories: without these lines whole repositories could not be fetched.
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
    "fetch.fsck.badTimezone=ignore",
    "submodule.recurse=false",
    # When gitbot is killed its fetch goes on and holds the mirror's lock: it must end by itself.
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "merge.renameLimit=2000",
    # Small windows on packs, so that a large repository fits within the limits.
    "core.packedGitWindowSize=64m",
    "core.packedGitLimit=512m",
    "gc.autoDetach=false",
    "protocol.allow=never",
    "protocol.http.allow=always",
    "protocol.https.allow=always",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a git process ended. ``stderr`` is redacted."""

    code: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Runs git in one repository folder.

    ``own_config``: use the configuration of the person and of the machine, as for a person's own
    clone: it says which folders are safe and how files are filtered.
    ``files``: allow the ``file`` protocol, for a remote that is a path on this machine.
    """

    folder: Path
    own_config: bool = False
    files: bool = False
    settings: Sequence[str] = field(default=())

    def run(
        self,
        *args: str,
        limited: bool = False,
        timeout_s: float = READ_TIMEOUT_S,
        env: Mapping[str, str] | None = None,
        secret: str | None = None,
        keep_open: Sequence[int] = (),
    ) -> Answer:
        """Run to the end and return the answer, whatever the exit code.

        ``limited``: git is ended when it takes more than 2 GB of address space or 20 s of CPU.
        ``secret`` is cut out of ``stderr``. ``keep_open`` are descriptors that the child inherits.

        Raises:
            TransientError: it took longer than ``timeout_s``; its whole process group was ended.
        """
        process = self._start(
            args,
            limited=limited,
            env=env,
            keep_open=keep_open,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TransientError(
                f"git {args[0]} took longer than {timeout_s:.0f} s and was stopped",
                retry_after_s=30,
            ) from error
        finally:
            _end(process)
        return Answer(code=process.returncode, stdout=stdout, stderr=_redact(stderr, secret))

    @contextmanager
    def stream(
        self, *args: str, stdin: IO[bytes] | None = None, timeout_s: float = READ_TIMEOUT_S
    ) -> Iterator[IO[bytes]]:
        """The process's standard output while it runs; it is ended when the block is left.

        After ``timeout_s`` the output ends early: callers must check that it is complete.
        """
        source = stdin if stdin is not None else subprocess.DEVNULL
        process = self._start(args, limited=True, stdin=source, stderr=subprocess.DEVNULL)
        timer = Timer(timeout_s, _kill, [process])
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout is not None
            yield process.stdout
        finally:
            timer.cancel()
            _end(process)

    def _start(
        self,
        args: Sequence[str],
        *,
        limited: bool,
        stdin: IO[bytes] | int,
        stderr: int,
        env: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        settings = [*_CONFIG, *self.settings]
        if self.files:
            settings.append("protocol.file.allow=always")
        flags = [part for setting in settings for part in ("-c", setting)]
        try:
            return subprocess.Popen(
                [*(_LIMITED if limited else ()), "git", "--no-pager", *flags, *args],
                cwd=self.folder,
                env={**self._environment(), **(env or {})},
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                pass_fds=tuple(keep_open),
            )
        except FileNotFoundError as error:
            raise UserError(
                f"git could not be started in {self.folder}: install git 2.38 or newer and check "
                "that the folder exists"
            ) from error

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        fixed = {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        if self.own_config:
            own = {name: os.environ[name] for name in _OWN if name in os.environ}
            return {**kept, "HOME": "/", **own, **fixed}
        none = {
            "HOME": "/nonexistent",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return {**kept, **none, **fixed}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children if it still runs, and let go of its pipes."""
    _kill(process)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None and not pipe.closed:
            pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _redact(stderr: bytes, secret: str | None) -> str:
    text = stderr.decode("utf-8", "replace").strip()
    return text.replace(secret, "***") if secret else text
