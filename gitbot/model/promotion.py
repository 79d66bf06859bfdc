"""What promotion carries from one environment to the next, and what stays as it is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
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
