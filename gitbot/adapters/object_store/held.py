"""What a process knows of an environment whose lease it holds. Pure."""

from __future__ import annotations

import threading
from datetime import datetime

from gitbot.adapters.object_store.folding import View
from gitbot.adapters.object_store.wishes import Wishes
from gitbot.model.recorded import Lease


class Held:
    """An environment whose lease this process holds: nobody else changes it, or its journal tells.

    ``opened`` is the lease as it was taken. ``etag`` is the tag of its object; None before the first
    renewal, because the journal has its first end. ``unsure``: nobody knows whether the last entry was made.
    """

    def __init__(self, lease: Lease, etag: str | None, view: View) -> None:
        self.lease = self.opened = lease
        self.etag = etag
        self.view = view
        self.unsure = False
        self.ending = False
        self.lock = threading.Lock()
        self.wishes = Wishes()


def is_taken(asked: Lease, view: View, holder: str, now: datetime) -> bool:
    """Whether the holder has the lease that it asked for without an answer."""
    return asked == view.opened and asked.holder == holder and asked.expires_at > now
