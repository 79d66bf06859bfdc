"""The queue that jobs are asked of, and how a walk is stopped and watched. Pure."""

from __future__ import annotations

from typing import Protocol

from gitbot.model.keys import JobKey
from gitbot.model.names import Address


class JobQueue(Protocol):
    """Keeps jobs by their keys until they have run. A job is its key: it rereads the world."""

    def enqueue(self, key: JobKey) -> bool:
        """Enqueue once: the same id again does nothing and returns False.

        A new job cancels the queued jobs that its key supersedes.
        """


class Stop(Protocol):
    """Whether the process was asked to finish: the walk then starts nothing new."""

    def __call__(self) -> bool:
        """True once a stop was asked for."""


class Progress(Protocol):
    """Is told what a walk does, while it does it."""

    def __call__(self, address: Address, action: str, phase: str, detail: str) -> None:
        """``phase`` is ``start``, ``done``, ``failed`` or ``skipped``."""
