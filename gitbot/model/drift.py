"""The values of drift: rules, differences, and a row for each issue that tells of them. Pure.

A ``DriftRow`` is the truth about one stack and one ``Finding``. Whoever acts on what an issue shows
(``/drift apply`` and the others) reads three of its fields: ``fingerprint`` names exactly what the
issue shows, ``differences`` are its parts by address and path, and ``issue`` is the number on GitHub.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gitbot.model.forge import CloseReason
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.time import Cron, Every
from gitbot.model.values import Value


class Finding(StrEnum):
    """What a scan finds. A stack has one issue at most for each."""

    DRIFT = "drift"
    """The cloud differs from what was last applied."""
    ERROR = "error"
    """The stack cannot be looked at."""
    UNMANAGED = "unmanaged"
    """The cloud has objects with the stack's tags that no state knows."""
    ROLL_UP = "roll-up"
    """More stacks than ``issues.max`` need an issue. It is about the environment as a whole."""


class Differs(StrEnum):
    """How one thing differs from what was last applied."""

    CHANGED = "changed"
    ADDED = "added"
    MISSING = "missing"
    GONE = "gone"
    """The whole object does not exist."""
    STOPPED = "stopped"
    """An apply stopped the machine and did not start it again."""
    UNMANAGED = "unmanaged"
    """The object exists, and no state knows it."""
    ERROR = "error"
    """The cloud or the specs did not let us look."""
    ROLLED_UP = "rolled up"
    """A stack that the roll-up issue lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference of one resource.

    ``path`` is a JSON pointer into its properties, empty for the object as a whole. A list element
    that was added has ``-`` in place of its index. ``recorded`` and ``observed`` are redacted.
    ``since`` is when a scan first saw it. ``detail`` is a sentence for people, and no part of what
    it means.
    """

    address: Address
    how: Differs
    type: str = ""
    path: str = ""
    recorded: Value = None
    observed: Value = None
    remote_id: RemoteId | None = None
    since: datetime | None = None
    detail: str = ""


class How(StrEnum):
    """How a difference ended."""

    APPLIED = "applied"
    PUT_BACK = "put back"
    """Somebody else made the cloud as it was."""
    ADOPTED = "adopted"
    """The specs want now what the cloud has."""
    IGNORED = "ignored"
    HEALED = "healed"
    """gitbot put it back without asking."""
    REMOVED = "removed"
    """The stack itself is gone."""
    SWITCHED_OFF = "switched off"
    """The specs say that this is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A difference that is over, and how it ended."""

    difference: Difference
    how: How


class NewsKind(StrEnum):
    """What a comment on the issue says."""

    CHANGED = "changed"
    ENDED = "ended"
    ACKNOWLEDGED = "acknowledged"
    REOPENED = "reopened"


class Again(StrEnum):
    """Why an issue is opened again."""

    RECURRED = "recurred"
    CHANGED = "changed"
    TIME_IS_UP = "time is up"
    STILL_THERE = "still there"
    """Somebody closed it as completed, or a bot closed it, and nothing has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One comment that the issue is owed.

    ``number`` grows with each comment about the row, so that a comment is written once. ``by`` is
    the login of the person that it is about.
    """

    number: int
    kind: NewsKind
    at: datetime
    appeared: tuple[Difference, ...] = ()
    ended: tuple[Ended, ...] = ()
    again: Again | None = None
    by: str = ""
    until: datetime | None = None


class Phase(StrEnum):
    """Where the story of a row stands."""

    CLEAN = "clean"
    SUSPECT = "suspect"
    """Seen once. An issue is filed when it is seen again after ``confirmAfter``."""
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """A person knows of it: nothing is said until it changes, or the time is up."""
    ARCHIVED = "archived"
    """The stack is gone, or is not looked at any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """What is known of one stack and finding, and what its issue shows.

    ``fingerprint`` is empty while nothing differs. ``since`` is when the present differences were
    first seen, ``seen_at`` when they were last seen, and ``serial`` that of the state then.
    ``until`` ends an acknowledgement. ``ended_at`` is when the last drift ended, and ``closes_as``
    the reason for which its issue is closed. ``issue`` is the number of the issue, the ``nth`` about
    this row; ``former`` is the one before it. ``shown_open``: we have left it open on GitHub.
    ``forgiven``: an issue was deleted, and that has counted as an acknowledgement. ``owed`` are the
    comments that are still to be written, ``written`` is how many there were before.
    """

    stack: StackId
    finding: Finding
    phase: Phase = Phase.CLEAN
    fingerprint: str = ""
    differences: tuple[Difference, ...] = ()
    since: datetime | None = None
    seen_at: datetime | None = None
    serial: int = 0
    until: datetime | None = None
    ended_at: datetime | None = None
    closes_as: CloseReason | None = None
    issue: int | None = None
    nth: int = 1
    former: int | None = None
    shown_open: bool = False
    forgiven: bool = False
    owed: tuple[News, ...] = ()
    written: int = 0

    @property
    def live(self) -> bool:
        """Whether people are to know of it: an issue is open, or somebody has acknowledged it."""
        return self.phase in (Phase.OPEN, Phase.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRules:
    """``drift.issues``: the labels and assignees of issues, and how many there may be at a time."""

    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    most: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HealRule:
    """An entry of ``drift.heal``: these paths of these types are put back without asking."""

    types: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """An entry of ``drift.ignore``: the path is left as it is in the cloud until then."""

    stack: str
    resource: Address
    path: str
    until: datetime
    because: str


HOURLY: Final = Every(interval=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRules:
    """``drift`` of an environment.

    ``scan`` says when drift is looked for; None means never. ``confirm_after`` is how long it must
    last before an issue is filed.
    """

    scan: Every | Cron | None = HOURLY
    confirm_after: timedelta = timedelta(minutes=5)
    issues: IssueRules = IssueRules()
    heal: tuple[HealRule, ...] = ()
    ignore: tuple[IgnoreRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftOff:
    """``drift`` of a stack: nobody looks for drift of it until then."""

    until: datetime
    because: str


DRIFT_DEFAULTS: Final = DriftRules()
