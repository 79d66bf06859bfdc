"""The move of the commit that an environment takes its modules from, and whom it changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMove:
    """The line ``modules:`` of a target that is behind its source.

    ``before`` is None where the target has no such line. ``changed`` are the modules and calendars
    that differ and that stacks of the source use, ``stacks`` are these. ``commits`` of the tracked
    branch changed them, the newest first; ``whole``: all are known.
    """

    before: str | None
    after: Sha
    changed: tuple[str, ...]
    stacks: frozenset[str]
    commits: tuple[Sha, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A stack of the target that changes by the move alone: nothing of its own is promoted.

    ``proofs`` are the stacks of the source that run with the same changes already. ``unproven`` are the
    changed modules and calendars that it uses and no stack of the source does.
    """

    stack: str
    proofs: frozenset[str] = frozenset()
    unproven: tuple[str, ...] = ()
