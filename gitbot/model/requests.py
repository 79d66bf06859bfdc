"""What is special of types whose API accepts a request, and carries it out later. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from gitbot.model.timeouts import NO_TIMEOUTS, Timeouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """How requests for objects of a type are repeated, and what they must hold.

    ``token_lasts`` is how long a client token that comes again makes no second object; None: for as
    long as it matters. ``traceless``: a new object has no tags, so that without a name only its request
    tells which it is. ``resends`` are the top-level properties that every update sends again, because
    nobody can read what they hold. ``together`` are groups of which a change of one sends all: their call resets what it
    is not given. ``hidden`` are paths of attributes that are secrets: the handler
    never reads them. ``timeouts`` are how long a mutation may take where a spec does not say.
    """

    token_lasts: timedelta | None = None
    traceless: bool = False
    resends: frozenset[str] = frozenset()
    together: tuple[frozenset[str], ...] = ()
    hidden: frozenset[str] = frozenset()
    timeouts: Timeouts = NO_TIMEOUTS

    def with_others(self, changed: Collection[str]) -> frozenset[str]:
        """These top-level properties, and those that the calls which change them send along."""
        touched = (group for group in self.together if not group.isdisjoint(changed))
        return frozenset(changed).union(*touched)


AT_ONCE = Requests()
"""The API answers when a mutation is done."""
