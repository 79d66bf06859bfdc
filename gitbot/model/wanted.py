"""What is wanted of one environment's stacks, once tree and time have been asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitbot.model.desired import DesiredStack


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFacts:
    """What time has decided about stacks already.

    ``tombstones`` maps (environment, stack) to the instant at which the stack was destroyed for
    good, although its file may still be there.
    """

    tombstones: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The stacks of one environment that are wanted, by name, and those that time took away.

    An entombed stack is neither wanted nor gone: nobody plans it, and nobody takes it for one whose
    file was deleted. ``present``: the tree has the environment. ``errors``: its specs have errors,
    so that a stack which seems to be missing may be in the broken file.
    """

    environment: str
    stacks: Mapping[str, DesiredStack] = field(default_factory=dict)
    entombed: frozenset[str] = frozenset()
    present: bool = True
    errors: bool = False

    @property
    def complete(self) -> bool:
        """Whether a stack that is not here is really not wanted."""
        return self.present and not self.errors
