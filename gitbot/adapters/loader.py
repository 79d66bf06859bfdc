"""Loads specs that nobody has reviewed, in warm child processes that can be lost. Shell.

An expression of a few hundred characters can fill any memory, and no thread can stop it. So the
language runs in a child without credentials, under limits of its own; the parent only trusts the
shape of its answers. When a child dies, the load is repeated in smaller parts until the guilty
file is known, and that is a diagnostic like any other.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from cattrs import BaseValidationError

from gitbot.adapters.loader_pipe import (
    CPU_S,
    EXIT_MEMORY,
    EXIT_OVERSIZED,
    MEMORY_BYTES,
    FrameTooLargeError,
    encode_tree,
    read_frame,
    write_frame,
)
from gitbot.errors import InvariantError, UserError
from gitbot.language.codes import SUMMARIES
from gitbot.language.files import environment_of, trimmed
from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import DesiredOutput, LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.model.values import Json, Unknown, Value, reveal

_CHILD = ("-I", "-m", "gitbot.bootstrap.loader_child")
_START_TIMEOUT_S = 60.0
_MOST_REQUESTS = 500
_log = logging.getLogger(__name__)


# --- one child -----------------------------------------------------------------------------------


class _DiedError(Exception):
    """The child is gone. ``code`` is the diagnostic's; ``why`` completes "it …"."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class _Child:
    """One child process; used by one thread at a time."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._is_ready = False
        self.requests = 0
        # An empty environment: no credentials, no proxies, nothing of the server's settings.
        self._process = subprocess.Popen(
            [sys.executable, *_CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,  # an interrupt at the terminal is the parent's to handle
        )

    def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one request; the first one waits until the child has started.

        Raises:
            _DiedError: the child died or was killed; it must not be used again.
            InvariantError: it does not start.
        """
        if not self._is_ready:
            self._wait_until_ready()
        self.requests += 1
        return self._exchange(request, self._timeout_s)

    def _wait_until_ready(self) -> None:
        try:
            self._exchange(None, _START_TIMEOUT_S)
        except _DiedError as error:
            raise InvariantError(
                f"The loader's child process does not start: it {error}."
            ) from None
        self._is_ready = True

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def kill(self) -> None:
        """End it, at once, and reap it. Idempotent."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what was still to be written has no reader any more

    def _exchange(self, request: Mapping[str, Any] | None, timeout_s: float) -> Mapping[str, Any]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(timeout_s, stop)
        timer.daemon = True
        timer.start()
        answer: Any = None
        oversized = False
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            if request is not None:
                write_frame(self._process.stdin, request)
            answer = read_frame(self._process.stdout)
        except (OSError, ValueError):
            answer = None
        except FrameTooLargeError:
            oversized = True
        finally:
            timer.cancel()
        if isinstance(answer, dict) and "failed" not in answer:
            return answer
        self.kill()
        if oversized or self._process.returncode == EXIT_OVERSIZED:
            raise _DiedError("loader-limit", "gave more data than gitbot accepts")
        if isinstance(answer, dict):
            raise _DiedError("loader-failed", f"failed: {str(answer['failed'])[:200]}")
        raise _cause_of_death(self._process.returncode, late.is_set(), timeout_s)


def _cause_of_death(code: int, late: bool, timeout_s: float) -> _DiedError:
    if late:
        return _DiedError("loader-limit", f"took longer than {timeout_s:g} s")
    if code == -signal.SIGXCPU:
        return _DiedError("loader-limit", f"used more than {CPU_S} s of processor time")
    # A failed allocation aborts the expression library, and a full stack is a segmentation fault.
    if code in (EXIT_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL):
        return _DiedError(
            "loader-limit", f"needed more than {MEMORY_BYTES // 1024**2} MB of memory"
        )
    return _DiedError("loader-failed", f"ended with status {code}")


# --- the loader ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """Some files of a tree, and where a diagnostic about them all is put."""

    entries: Mapping[str, TreeEntry]
    file: str
    environment: str | None


class ChildLoader:
    """Fits ``ports.Loader``. Thread-safe: up to ``children`` loads run at once.

    ``timeout_s`` is the wall-clock limit of one request, ``narrowing_s`` that of the search for
    guilty files after a child has died.
    """

    def __init__(
        self, *, children: int = 2, timeout_s: float = 20.0, narrowing_s: float = 60.0
    ) -> None:
        self._timeout_s = timeout_s
        self._narrowing_s = narrowing_s
        self._slots = threading.BoundedSemaphore(children)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._is_closed = False

    def __enter__(self) -> ChildLoader:
        # Its start takes a good part of a second: let it go on beside what the caller does first.
        with self._lock:
            self._idle.append(_Child(self._timeout_s))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle children; busy ones end with their request. Idempotent."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()

    def load(self, tree: SpecTree) -> LoadedTree:
        """The tree's environments, stacks and diagnostics.

        A file that kills the child is a diagnostic, and the rest of the tree is loaded without it.
        """
        tree = trimmed(tree)
        try:
            return self._load(tree)
        except _DiedError as error:
            _log.warning("The loader's child %s.", error)
            deadline = time.monotonic() + self._narrowing_s
            parts = [self._load_environment(tree.id, part, deadline) for part in _parts(tree)]
            return _merged(parts)

    def bind(
        self, requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]]
    ) -> Sequence[Value]:
        """Each unknown evaluated with the attributes of the resources that it references.

        Raises:
            UserError: an expression fails with these values; the message names it.
        """
        if not requests:
            return ()
        pairs = [[to_open_data(unknown), _plain(given)] for unknown, given in requests]
        try:
            answer = self._ask({"do": "bind", "requests": pairs})
        except _DiedError as error:
            shown = ", ".join(unknown.template[:80] for unknown, _ in requests[:3])
            raise UserError(
                f"Evaluating {shown} with the values that the cloud gave did not end well: the "
                f"loader {error.why}. Simplify the expression."
            ) from None
        if "error" in answer:
            raise UserError(str(answer["error"]))
        return tuple(_from_child(one, DesiredOutput).value for one in answer["values"])

    # The tree as a whole, then by environment, then by file.

    def _load(self, tree: SpecTree) -> LoadedTree:
        answer = self._ask({"do": "load", "tree": encode_tree(tree)})
        loaded: LoadedTree = _from_child(answer["tree"], LoadedTree)
        return loaded

    def _load_environment(self, tree_id: str, part: _Part, deadline: float) -> LoadedTree:
        """The part, without the files that kill the child on their own."""
        entries = dict(part.entries)
        found: list[Diagnostic] = []
        for path in sorted(part.entries):
            alone = self._try(tree_id, _with_environment(part, path), deadline)
            if isinstance(alone, _DiedError):
                found.append(_diagnostic(alone, path, part.environment))
                del entries[path]
        rest = self._try(tree_id, entries, deadline)
        if isinstance(rest, _DiedError):
            found.append(_diagnostic(rest, part.file, part.environment))
            return LoadedTree(environments={}, stacks=(), diagnostics=tuple(found))
        return replace(rest, diagnostics=(*found, *rest.diagnostics))

    def _try(
        self, tree_id: str, entries: Mapping[str, TreeEntry], deadline: float
    ) -> LoadedTree | _DiedError:
        if time.monotonic() > deadline:
            return _DiedError("loader-limit", "has died too often already in this load")
        try:
            return self._load(SpecTree(id=tree_id, entries=entries))
        except _DiedError as error:
            return error

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._child() as child:
            return child.ask(request)

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        """A child for one request; a new one where none is idle."""
        with self._slots:
            with self._lock:
                if self._is_closed:
                    raise InvariantError("the loader is closed")
                child = self._idle.pop() if self._idle else None
            child = child or _Child(self._timeout_s)
            try:
                yield child
            except BaseException:
                child.kill()
                raise
            with self._lock:
                keep = not self._is_closed and child.requests < _MOST_REQUESTS
                if keep:
                    self._idle.append(child)
            if not keep:
                child.kill()


def _from_child(data: Any, type_: type[Any]) -> Any:
    try:
        return from_data(data, type_)
    except (BaseValidationError, KeyError, TypeError, ValueError) as error:
        raise InvariantError(f"the loader's child gave no {type_.__name__}: {error}") from error


def _plain(attributes: Mapping[Address, Mapping[str, Json]]) -> dict[str, Any]:
    return {address: reveal(given) for address, given in attributes.items()}


def _parts(tree: SpecTree) -> list[_Part]:
    """The tree cut by environment folder."""
    cut: dict[str | None, dict[str, TreeEntry]] = {}
    for path, entry in tree.entries.items():
        cut.setdefault(environment_of(path), {})[path] = entry
    return [
        _Part(
            entries,
            "specs" if name is None else f"specs/{name}/environment.yaml",
            name,
        )
        for name, entries in sorted(cut.items(), key=lambda item: item[0] or "")
    ]


def _with_environment(part: _Part, path: str) -> dict[str, TreeEntry]:
    """One file and the environment.yaml that its stacks need."""
    return {one: part.entries[one] for one in (path, part.file) if one in part.entries}


def _diagnostic(died: _DiedError, file: str, environment: str | None) -> Diagnostic:
    if died.code == "loader-failed":
        fix = "This is a defect of gitbot: report it with the file. Until then, undo the change."
    else:
        fix = (
            "Look for an expression that builds ever longer strings or lists (map within map), for "
            "a pattern that backtracks, or for very many resources in one file."
        )
    return Diagnostic(
        file=file,
        code=died.code,
        summary=SUMMARIES[died.code],
        detail=f"Specs are loaded in a process of their own under limits, and on this file it "
        f"{died.why}.",
        fix=fix,
        environment=environment,
    )


def _merged(parts: Iterable[LoadedTree]) -> LoadedTree:
    parts = list(parts)
    return LoadedTree(
        environments={name: one for part in parts for name, one in part.environments.items()},
        stacks=tuple(stack for part in parts for stack in part.stacks),
        diagnostics=tuple(sorted({one for part in parts for one in part.diagnostics})),
    )
