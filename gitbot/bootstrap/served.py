"""The repositories that a server serves, and those that it cannot reach yet. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from gitbot.errors import GitbotError, TransientError, UserError

log = logging.getLogger("gitbot")


class Served:
    """The ids of the repositories that are served. One that cannot be reached stops no other.

    ``open_one`` takes a full name and returns the id; it raises UserError or TransientError when the
    repository cannot be reached. It may be called again for the same one.
    """

    def __init__(self, names: Sequence[str], open_one: Callable[[str], str]) -> None:
        self._open_one = open_one
        self._ids: tuple[str, ...] = ()
        self._missing: dict[str, GitbotError] = {}
        for name in names:
            self._try(name)
        if self._missing and not self._ids:
            raise next(iter(self._missing.values()))

    def __contains__(self, repository: object) -> bool:
        return repository in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    @property
    def missing(self) -> str:
        """Which repositories cannot be reached and why, as a sentence; empty when all can."""
        return "; ".join(f"{name}: {error}" for name, error in sorted(self._missing.items()))

    def retry(self) -> tuple[str, ...]:
        """Try those that cannot be reached again. Returns the ids of those that now can."""
        return tuple(filter(None, [self._try(name) for name in tuple(self._missing)]))

    def _try(self, name: str) -> str | None:
        try:
            found = self._open_one(name)
        except (UserError, TransientError) as error:
            if str(error) != str(self._missing.get(name)):
                log.error("%s is not served: %s", name, error)
            self._missing[name] = error
            return None
        self._missing.pop(name, None)
        self._ids = (*self._ids, found)
        return found
