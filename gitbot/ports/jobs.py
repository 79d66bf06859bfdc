"""The queue that jobs are asked of, and how a walk is stopped and watched. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitbot.model.jobs import JobRequest
from gitbot.model.names import Address


class Clock(Protocol):
    """The time that decisions are made by."""

    def now(self) -> datetime:
        """The aware UTC instant."""


class JobQueue(Protocol):
    """Enqueues jobs by name and key. Keys are plain JSON and the job rereads the world."""

    def enqueue(self, request: JobRequest) -> bool:
        """Enqueue once: the same ``id`` again does nothing and returns False."""


class Stop(Protocol):
    """Whether the process was asked to finish: the walk then starts nothing new."""

    def __call__(self) -> bool:
        """True once a stop was asked for."""


class Progress(Protocol):
    """Told what a walk does, as it does it."""

    def __call__(self, address: Address, action: str, phase: str, detail: str) -> None:
        """``phase`` is ``start``, ``done``, ``failed`` or ``skipped``."""
