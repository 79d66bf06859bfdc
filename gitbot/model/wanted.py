"""The stacks of one environment that are wanted, by the specs and by time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitbot.model.desired import DesiredStack


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFacts:
    """The stacks that were ended by time.

    ``tombstones`` maps (environment, stack) to the time at which the stack was destroyed for good.
    Its file may still exist.
    """

    tombstones: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


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
