"""The ports to the job queue, and to stop and watch a walk. Pure."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from gitbot.model.keys import JobKey
from gitbot.model.names import Address, StackId
from gitbot.model.secrets import Secrets


class JobQueue(Protocol):
    """Stores jobs until they have run. A job is only its key: it reads everything else again."""

    def enqueue(self, key: JobKey) -> bool:
        """Enqueue a job. Returns False if its id was enqueued before; then does nothing.

        A new job cancels the queued jobs that its key supersedes.
        """


class Stop(Protocol):
    """Tells a walk to stop: it then starts no new change."""

    def __call__(self) -> bool:
        """Whether the process was asked to stop."""


class Hiding(Protocol):
    """Hides secrets for the time of a call."""

    def __call__(self, secrets: Secrets) -> AbstractContextManager[None]:
        """Hide them in errors and logs of the whole process while the block lasts."""


class StackProgress(Protocol):
    """Receives the progress of the walks of all stacks."""

    def __call__(
        self, stack: StackId, address: Address, action: str, phase: str, detail: str
    ) -> None:
        """Receive one step of the stack's walk; the rest is that of ``Progress``."""


class Progress(Protocol):
    """Receives the progress of a walk."""

    def __call__(self, address: Address, action: str, phase: str, detail: str) -> None:
        """Receive one step. ``phase`` is ``start``, ``waiting``, ``done``, ``failed`` or
        ``skipped``; ``waiting`` may come often, with what the step waits for. Called from any
        thread."""
