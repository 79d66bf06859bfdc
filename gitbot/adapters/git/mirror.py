"""Keep the bare mirror of one remote repository, from which all commits are read. Shell."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from gitbot.adapters.git.objects import Objects
from gitbot.adapters.git.process import Answer, Git
from gitbot.errors import TransientError, UserError
from gitbot.model.names import Sha

FETCH_TIMEOUT_S = 300.0
LOCK_TIMEOUT_S = 330.0
LAG_PAUSE_S = 0.5

# How many heads of pull requests the mirror keeps, so that git has few refs to look through. A head
# that is wanted again is fetched again.
KEPT_HEADS = 300

_TAGS = "+refs/tags/*:refs/tags/*"
_USER_NAME = "x-access-token"

# Answer two exact prompts only: after a redirect to another host the prompts differ, and no token
# is given.
_ASKPASS = """\
#!/bin/sh
case "$1" in
"Username for '$GITBOT_ASKPASS_ORIGIN': ") printf '%s\\n' "$GITBOT_ASKPASS_USER" ;;
"Password for '$GITBOT_ASKPASS_LOGIN': ") printf '%s\\n' "$GITBOT_ASKPASS_TOKEN" ;;
*) exit 1 ;;
esac
"""

_REFUSED = re.compile(
    r"authentication failed|could not read (username|password)|not found|access denied"
    r"|returned error: 40[134]|does not appear to be a git repository|does not exist"
    r"|transport '[^']*' not allowed|write access to repository not granted",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"object file .* is empty|loose object .* is corrupt|inflate: data stream error"
    r"|packfile .* (is corrupt|cannot be accessed)|index file .* (is too small|is corrupt)"
    r"|not a git repository|unable to read tree|bad config|invalid sha1 pointer",
    re.IGNORECASE,
)
_FSCK = re.compile(r"fsck error|error in (object|pack)|fatal: (fsck|index-pack)", re.IGNORECASE)


class GitMirror(Objects):
    """A bare mirror of the tracked branch, tags and those pull request heads that somebody asked
    for; fits ``ports.SpecRepository``.

    ``url`` is http(s); with ``local`` a path on this machine. ``token`` is called at every fetch,
    and git gets the token through an askpass helper, never in a URL, config file or argument. While
    ``token_is_new``, a refusal may only mean that the remote does not know the token yet.
    ``branch`` is the tracked branch, None: the remote's default one. Many threads and processes may
    share ``path``: fetches take turns, and a caller whose wait covered a whole other fetch does not
    fetch again. The mirror is only a cache: a broken one is deleted and made anew.
    """

    def __init__(
        self,
        path: Path,
        url: str,
        token: Callable[[], str] | None = None,
        branch: str | None = None,
        *,
        local: bool = False,
        token_is_new: Callable[[], bool] = lambda: False,
    ) -> None:
        _check_url(url, local=local)
        super().__init__(Git(folder=path, files=local))
        self._path = path
        self._url = url
        self._token = token
        self._token_is_new = token_is_new
        self._branch = branch
        self._fetch_began: dict[int | str | None, float] = {}

    def follow(self, branch: str) -> None:
        """Track this branch from now on."""
        if branch != self._branch:
            self._branch = branch
            self._fetch_began.clear()

    def fetch(self, pulls: Sequence[int] = (), branches: Sequence[str] = ()) -> None:
        """Bring the tracked branch, the tags and the heads of these pull requests up to date, and
        other ``branches``.

        A head that is gone, or that git finds malformed, is not in the mirror afterwards.

        Raises:
            TransientError: the remote did not answer, or another fetch did not end in time.
            UserError: the remote refused: no such repository, or no right.
        """
        asked = time.monotonic()
        wanted: tuple[int | str | None, ...] = (None, *sorted(set(pulls)), *sorted(set(branches)))
        with self._lock() as lock:
            if all(self._fetch_began.get(one, float("-inf")) >= asked for one in wanted):
                return
            began = time.monotonic()
            self._prepare()
            answer = self._fetch_all(lock, pulls, branches)
            if answer.code != 0 and _BROKEN.search(_own_words(answer)):
                shutil.rmtree(self._path)
                self._prepare()
                answer = self._fetch_all(lock, pulls, branches)
            if answer.code != 0:
                self._raise(answer)
            self._drop_old_heads(keep=frozenset(pulls))
            # Without this every fetch leaves one more pack. If it fails, we only lose disk space.
            self._git.run("gc", "--auto", "--quiet", timeout_s=FETCH_TIMEOUT_S, keep_open=[lock])
            self._fetch_began.update(dict.fromkeys(wanted, began))

    def tip(self) -> Sha:
        """The newest commit of the tracked branch, as of the last fetch.

        Raises:
            UserError: there is no such branch.
        """
        ref = "HEAD" if self._branch is None else f"refs/heads/{self._branch}"
        if self._path.is_dir():
            answer = self._git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            if answer.code == 0:
                return Sha(answer.stdout.decode("ascii").strip())
        name = f"the branch {self._branch!r}" if self._branch else "the default branch"
        raise UserError(
            f"{name} of {self._url} has no commit: push a first commit, or name the branch that "
            "gitbot is to follow in its settings"
        )

    def on_a_branch(self, commit: Sha) -> bool:
        """Whether a branch of the remote contains the commit now. Raises as ``fetch``."""
        with self._lock() as lock:
            self._prepare()
            answer = self._fetch(lock, ("+refs/heads/*:refs/heads/*",))
            if answer.code != 0:
                self._raise(answer)
        # A name is no hash: refuse it before git takes it for an option or for another ref.
        if not self.has(commit):
            return False
        found = self._git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/heads/")
        if found.code != 0:
            raise TransientError(f"git could not look for {commit[:8]}: {found.stderr}")
        return bool(found.stdout.strip())

    def _fetch_all(self, lock: int, pulls: Sequence[int], branches: Sequence[str]) -> Answer:
        """Fetch in one go; when a pull request holds a malformed object, everything else."""
        branch = self._branch or self._default_branch(lock)
        # A pattern, because git fails where a ref that is named exactly is not there.
        names = dict.fromkeys((branch, *sorted(branches)))
        tracked = (*(f"+refs/heads/{name}*:refs/heads/{name}*" for name in names), _TAGS)
        heads = tuple(f"+refs/pull/{n}/hea*:refs/pull/{n}/hea*" for n in sorted(set(pulls)))
        answer = self._fetch(lock, (*tracked, *heads))
        if answer.code == 0 or not _FSCK.search(_own_words(answer)):
            return answer
        answer = self._fetch(lock, tracked)
        if answer.code == 0:
            for head in heads:
                self._fetch(lock, (head,))
        return answer

    def _fetch(self, lock: int, refspecs: Sequence[str]) -> Answer:
        args = ["fetch", "--quiet", "--prune", "--no-tags", "--force", "--no-write-fetch-head"]
        args += ["--no-recurse-submodules", "--no-auto-gc", "--", self._url, *refspecs]
        return self._remote(lock, *args)

    def _drop_old_heads(self, *, keep: frozenset[int]) -> None:
        """Delete the refs of the oldest pull requests when there are too many.

        Their commits stay for two weeks (git's ``gc.pruneExpire``), so no running job loses one.
        """
        listed = self._git.run("for-each-ref", "--format=%(refname)", "refs/pull")
        numbers = {
            int(found) for found in re.findall(rb"^refs/pull/(\d+)/head$", listed.stdout, re.M)
        }
        for number in sorted(numbers - keep)[: max(0, len(numbers) - KEPT_HEADS)]:
            self._git.run("update-ref", "-d", f"refs/pull/{number}/head")

    def _remote(self, lock: int, *args: str) -> Answer:
        """Run a git command that talks to the remote, with a fresh token."""
        token = self._token() if self._token else None
        env: dict[str, str] = {}
        if token:
            parts = urlsplit(self._url)
            env = {
                "GIT_ASKPASS": str(self._askpass()),
                "GITBOT_ASKPASS_ORIGIN": f"{parts.scheme}://{parts.netloc}",
                "GITBOT_ASKPASS_LOGIN": f"{parts.scheme}://{_USER_NAME}@{parts.netloc}",
                "GITBOT_ASKPASS_USER": _USER_NAME,
                "GITBOT_ASKPASS_TOKEN": token,
            }
        while True:
            # The child inherits the lock: if this process is killed, the next one waits for the
            # child that still writes.
            answer = self._git.run(
                *args, timeout_s=FETCH_TIMEOUT_S, env=env, secret=token, keep_open=[lock]
            )
            refused = answer.code != 0 and _REFUSED.search(answer.stderr)
            if not refused or not self._token_is_new():
                return answer
            time.sleep(LAG_PAUSE_S)

    def _default_branch(self, lock: int) -> str:
        """The remote's default branch, which ``HEAD`` of the mirror follows."""
        answer = self._remote(lock, "ls-remote", "--symref", "--", self._url, "HEAD")
        if answer.code != 0:
            self._raise(answer)
        found = re.search(rb"^ref: refs/heads/(\S+)\tHEAD$", answer.stdout, re.MULTILINE)
        if found is None:
            return ""  # an empty repository; `tip` says so
        branch = found.group(1).decode("utf-8")
        self._git.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        return branch

    def _prepare(self) -> None:
        """Make the mirror, or clear what a killed fetch left behind. Only under the lock."""
        if (self._path / "HEAD").exists():
            # We hold our lock, so the processes that left these files are dead. Git would wait for
            # them.
            for pattern in ("*.lock", "refs/**/*.lock", "gc.pid"):
                for stale in self._path.glob(pattern):
                    stale.unlink(missing_ok=True)
            return
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        answer = self._git.run("init", "--bare", "--quiet", "--template=", ".")
        if answer.code != 0:
            raise TransientError(f"git could not make the mirror {self._path}: {answer.stderr}")

    def _askpass(self) -> Path:
        script = self._path / "gitbot-askpass"
        if not script.exists() or script.read_text() != _ASKPASS:
            fresh = script.with_suffix(".new")
            fresh.write_text(_ASKPASS)
            fresh.chmod(0o700)
            fresh.replace(script)
        return script

    @contextmanager
    def _lock(self) -> Iterator[int]:
        """Hold the mirror against all other threads and processes of this machine."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + LOCK_TIMEOUT_S
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise TransientError(
                            f"another fetch of {self._url} has not ended", retry_after_s=60
                        ) from None
                    time.sleep(0.02)
            yield lock
        finally:
            os.close(lock)

    def _raise(self, answer: Answer) -> NoReturn:
        detail = answer.stderr[-600:]
        if _REFUSED.search(answer.stderr):
            raise UserError(
                f"{self._url} cannot be read: check that the repository exists and that gitbot's "
                f"App or token may read its contents ({detail})"
            )
        raise TransientError(f"{self._url} could not be fetched: {detail}", retry_after_s=10)


def _own_words(answer: Answer) -> str:
    """The lines of our own git, without those that it passes on from the remote."""
    lines = answer.stderr.splitlines()
    return "\n".join(line for line in lines if not line.startswith("remote:"))


def _check_url(url: str, *, local: bool) -> None:
    parts = urlsplit(url)
    if local and (parts.scheme == "file" or url.startswith("/")):
        return
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{parts.scheme or 'a path'} cannot be mirrored: use an https:// address")
    if parts.username is not None or parts.password is not None:
        raise UserError(
            f"the address of {parts.hostname}{parts.path} holds credentials: leave them out, "
            "gitbot hands its own token to git"
        )
