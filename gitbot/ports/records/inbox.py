"""The port to the deliveries that wait until their jobs are queued. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from gitbot.model.events import Delivery


class Inbox(Protocol):
    """The deliveries of GitHub's webhooks. One that is put is kept until it is settled."""

    def put(self, deliveries: Collection[Delivery], at: datetime) -> None:
        """Keep these deliveries, all or none. Those that are known stay as they are, settled or not."""

    def waiting(self, most: int) -> tuple[Delivery, ...]:
        """Deliveries that are not settled, oldest first, but none that a newer gitbot wrote."""

    def backlog(self) -> tuple[int, datetime | None]:
        """How many deliveries are not settled, and when the oldest of them came."""

    def woke_since(self, at: datetime) -> int:
        """How many deliveries were settled with a ``woke_at`` after ``at``."""

    def settle(self, ids: Collection[str], *, woke_at: datetime | None) -> None:
        """Record that nothing is left to do for these deliveries, and forget what they say.

        ``woke_at`` is when the jobs were queued that newer deliveries could have replaced; None:
        newer ones stand for them, or they have no such job.
        """

    def prune(self, before: datetime) -> None:
        """Delete the deliveries that came before that time."""
