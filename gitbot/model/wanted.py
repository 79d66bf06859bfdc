"""The stacks of one environment that are wanted, by the specs and by time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitbot.model.desired import DesiredStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A stack that expiry has ended ``at`` this time, or that it is ending.

    ``mark`` is the desired hash that its file had then; empty when the file was seen to be gone
    since. A file that says something else is a new wish: it revives the stack.
    """

    at: datetime
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFacts:
    """What time has done to stacks.

    ``tombstones`` maps (environment, stack) to the tombstone of a stack that expiry has ended. Its
    file may still exist.
    """

    tombstones: Mapping[tuple[str, str], Tombstone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The stacks of one environment that are wanted, by name, and those that time has ended.

    An ``entombed`` stack is not wanted, but does not count as deleted either: it is not planned at
    all. ``present``: the tree has the environment. ``errors``: its specs have errors, so a stack
    that is missing may be in a broken file.
    """

    environment: str
    stacks: Mapping[str, DesiredStack] = field(default_factory=dict)
    entombed: frozenset[str] = frozenset()
    present: bool = True
    errors: bool = False

    @property
    def complete(self) -> bool:
        """Whether a stack that is missing here is certainly not wanted."""
        return self.present and not self.errors
