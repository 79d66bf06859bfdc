"""Remember when gitbot last changed something of IAM's. Pure."""

from __future__ import annotations

from datetime import datetime


class IamChanges:
    """The last change of each account by this process. Safe to use from many threads."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def note(self, account: str, now: datetime) -> None:
        """Something of IAM's in this account has just changed."""
        self._last[account] = now

    def since(self, account: str, then: datetime) -> bool:
        """Whether something has changed there since then."""
        last = self._last.get(account)
        return last is not None and last >= then
