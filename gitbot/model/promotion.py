"""What promotion carries from one environment to the next, and what stays as it is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeAlias

SpecPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top of a document. An item of a list with names is named by its name."""


class Why(StrEnum):
    """Why the target differs from the source after a promotion."""

    KEEP = "keep"
    """``keep`` of the target's environment names it."""
    OWN = "own"
    """Every environment has its own: lifetime, hours of work, an imported identifier."""
    VALUES = "values"
    """A value that the target had set to something else before."""
    TARGET = "target"
    """Only the target has changed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A path on which the target stays different. None stands for nothing there."""

    path: SpecPath
    source: Any
    target: Any
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A path that both sides changed since the last promotion; the target's value is left."""

    path: SpecPath
    source: Any
    target: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A promoted value that may hold in the source only. ``what`` says to what it is bound."""

    path: SpecPath
    value: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Something that a promoted document needs and that the target lacks: where to add it."""

    file: str
    path: SpecPath
    of: SpecPath
    """The path of the promoted document that needs it."""


class How(StrEnum):
    """What becomes of a change that was verified in the source environment."""

    OFF = "off"
    PR = "pr"
    """A pull request is opened, and a person merges it."""
    MERGE = "merge"
    """A pull request is opened, and merged when every gate is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRules:
    """``promotesFrom`` of an environment, the target: from where, how, and what stays its own.

    ``soak`` is how long a stack must have been healthy in the source. ``keep`` are JSON pointers into
    a Stack document, split into their steps. ``reviewers`` are logins and ``org/team``.
    """

    source: str
    how: How = How.PR
    soak: timedelta = timedelta()
    keep: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assign_authors: bool = False
    title_prefix: str = ""
    commit_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedConflict:
    """A conflict with the places of both values: ``file:line``."""

    conflict: Conflict
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedStack:
    """What people are told of the promotion of one stack. ``path`` is the file of the target.

    ``deleted`` are the resources that the source has no more; they are not deleted by it. ``new``:
    the target did not have the stack.
    """

    name: str
    source: str
    target: str
    path: str
    new: bool = False
    deleted: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    conflicts: tuple[PlacedConflict, ...] = ()
    bound: tuple[Bound, ...] = ()
    lacking: tuple[Lacking, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether a person must look before it can be merged."""
        return bool(self.conflicts or self.bound or self.lacking)
