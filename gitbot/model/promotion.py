"""What promotion carries from one environment to the next, and what stays as it is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.pins import Beside

NEEDS_DECISION: Final = "needs decision"
"""The label of a pull request that a person must look at, where GitHub has no drafts."""

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

    ``deleted`` are the resources, and the instances in regions, that the source has no more; they are not
    deleted by it. ``new``: the target did not have the stack. ``regions`` are those in which the target has
    it then; none where it names none. ``unproven`` are the stacks of the target that change with it by
    modules which no stack of the source uses.
    """

    name: str
    source: str
    target: str
    path: str
    new: bool = False
    regions: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    conflicts: tuple[PlacedConflict, ...] = ()
    bound: tuple[Bound, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    unproven: tuple[Beside, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether a person must look before it can be merged."""
        return bool(self.conflicts or self.bound or self.lacking or self.unproven)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a stack is not promoted until somebody says ``/promote resume``."""

    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """How long the source stack has been well with one desired state.

    ``hash`` is that of the desired state. ``verified_at`` is when its plan was first seen to be empty;
    None before. ``counted`` is the time that counts so far, ``counted_at`` is when the stack was last
    looked at and was well; None while it is not well.
    """

    hash: str = ""
    verified_at: datetime | None = None
    counted: timedelta = timedelta()
    counted_at: datetime | None = None


NO_SOAK: Final = Soak()
"""Nothing is known of it yet."""


class Part(StrEnum):
    """A pull request brings changes, or only deletions."""

    CHANGES = "changes"
    DELETIONS = "deletions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The open pull request of a promotion, and what becomes of the row when it is merged.

    ``base`` will be the base of the next promotion. ``before`` and ``after`` are the texts of the
    target's document, by which it is seen that somebody reverted it; ``before`` is empty for a new
    stack. ``was`` is the base that it started from, ``reasons`` are the hashes of what a person must
    decide; ``drafted``: gitbot made it a draft for them; ``asked``: reviewers were asked. ``head`` is
    the newest commit that was looked at, ``head_since`` is since when. ``base_commit`` is the tip that
    ``base`` was read from, ``was_commit`` the one of ``was``. ``origins`` are the source's pull
    requests, ``authors`` who made them, and ``doubt`` says why somebody else may have made it, too.
    ``pin_before`` and ``pin_after`` are the commits that the target takes modules from, where it moves.
    """

    number: int
    branch: str
    part: Part
    base: str
    before: str
    after: str
    was: str = ""
    base_commit: Sha | None = None
    was_commit: Sha | None = None
    reasons: tuple[str, ...] = ()
    drafted: bool = False
    asked: bool = False
    head: Sha | None = None
    head_since: datetime | None = None
    origins: tuple[int, ...] = ()
    authors: tuple[str, ...] = ()
    doubt: str = ""
    pin_before: str = ""
    pin_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRow:
    """What is known of one stack on its way from one environment to the next.

    ``base`` is the source's text as last promoted, or as it was when its first change was seen;
    ``base_commit`` is a commit of the tracked branch that had it, if one is known. ``moves`` are the renamings since
    then, new key to old. ``merged`` is the last pull request that was merged. ``former`` is the one
    that cannot be reopened. ``waived`` is the desired hash whose soak and verification
    ``waived_by`` has waived with ``/promote approve``. ``makers`` commanded to rebuild its branch; ``rebuild``: that is
    still to be done. ``watched``: the stack is not promoted, and its soak counts for others that use its
    modules. ``version`` is another one with each write, and empty of a row that was never written.
    """

    target: EnvironmentKey
    stack: str
    source: str
    base: str = ""
    base_commit: Sha | None = None
    moves: Mapping[str, str] = field(default_factory=dict)
    soak: Soak = NO_SOAK
    live: Live | None = None
    merged: Live | None = None
    former: int | None = None
    hold: Hold | None = None
    waived: str = ""
    waived_by: str = ""
    makers: tuple[str, ...] = ()
    rebuild: bool = False
    watched: bool = False
    wake_at: datetime | None = None
    why: str = ""
    version: str = ""


class Gate(StrEnum):
    """What must hold before a promotion is merged."""

    APPLIED = "applied"
    VERIFIED = "verified"
    SOAKED = "soaked"
    DRIFT = "no drift"
    DECIDED = "decided"
    HOLD = "not held"
    WINDOW = "window"
    OTHERS = "nobody else at work"
    PLANNED = "planned"
    APPROVED = "approved"
    RULES = "branch rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """Whether a gate is open, why not, and when it opens where that is known.

    ``looks_at`` is when something must be looked at for it before that. ``who`` says that a person must
    do something.
    """

    gate: Gate
    open: bool
    why: str = ""
    opens_at: datetime | None = None
    looks_at: datetime | None = None
    who: bool = False
