"""The repositories that a server serves, and those that it cannot reach yet. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from gitbot.errors import GitbotError, TransientError, UserError

log = logging.getLogger("gitbot")

_AT_ONCE = 8


class Served:
    """The ids of the repositories that are served. One that cannot be reached stops no other.

    ``open_one`` takes a full name and returns the id; it raises UserError or TransientError when the
    repository cannot be reached. It may be called again for the same one.
    """

    def __init__(self, names: Sequence[str], open_one: Callable[[str], str]) -> None:
        self._open_one = open_one
        self._ids: tuple[str, ...] = ()
        self._missing: dict[str, GitbotError] = {}
        self._try(names)
        if self._missing and not self._ids:
            raise next(iter(self._missing.values()))

    def __contains__(self, repository: object) -> bool:
        return repository in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    @property
    def missing(self) -> int:
        """How many repositories cannot be reached. The log says which, and why."""
        return len(self._missing)

    def retry(self) -> tuple[str, ...]:
        """Try those that cannot be reached again. Returns the ids of those that now can."""
        return self._try(tuple(self._missing))

    def _try(self, names: Sequence[str]) -> tuple[str, ...]:
        """Open them side by side: one that answers slowly keeps no other waiting for its turn."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            found = dict(zip(names, threads.map(self._open, names), strict=True))
        for name, one in found.items():
            if isinstance(one, GitbotError):
                if str(one) != str(self._missing.get(name)):
                    log.error("%s is not served: %s", name, one)
                self._missing[name] = one
            else:
                self._missing.pop(name, None)
        opened = tuple(one for one in found.values() if isinstance(one, str))
        self._ids = (*self._ids, *opened)
        return opened

    def _open(self, name: str) -> str | GitbotError:
        try:
            return self._open_one(name)
        except (UserError, TransientError) as error:
            return error
