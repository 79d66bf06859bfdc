"""The expiry of a stack: what its spec says, the environment's rules, and what is recorded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gitbot.model.names import Address, StackId

LONGEST_LIFE = timedelta(days=3650)
"""How long after its first apply a stack may expire, whatever a spec, a rule or a command says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """What a stack's spec says about its end.

    ``text`` is the field as it is written: ``ttl: 72h``, ``expires: 2026-12-01T18:00:00+01:00`` or
    ``expires: never``. ``ttl`` counts from the first successful apply; ``at`` is an instant. Both
    are None for *never*.
    """

    text: str
    ttl: timedelta | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a completed apply records about a stack's life: its spec's words, and when it ended.

    ``at`` is by the calendar. The first apply of a life is its birth. ``module_tags`` are the commits
    of the tags that the spec took modules at, and ``uses`` the outputs of other stacks that it used.
    """

    at: datetime
    lifetime: Lifetime | None = None
    module_tags: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRules:
    """``ttl`` of an environment.

    ``default`` is for stacks that say nothing. ``longest`` is how long after its first apply a
    stack may live, whatever its spec or a command says. ``extensions`` is how often people may
    extend one life. ``warn`` is how long before the expiry each warning comes, longest first.
    ``grace`` is how long a stopped stack stays before it is destroyed. Stacks named in ``exempt``
    expire only when their own spec says so.
    """

    default: timedelta | None = None
    longest: timedelta | None = None
    extensions: int = 3
    warn: tuple[timedelta, ...] = (timedelta(hours=48), timedelta(hours=24), timedelta(hours=2))
    grace: timedelta = timedelta(hours=24)
    exempt: frozenset[str] = frozenset()

    @property
    def notice(self) -> timedelta:
        """What always lies between a delivered warning and the destruction: the smallest ``warn``."""
        return self.warn[-1]

    @property
    def ahead(self) -> timedelta:
        """The longest ``warn``: no change of the specs makes an expiry nearer than this."""
        return self.warn[0]


class Stage(StrEnum):
    """The stages of a stack that expires. In ``EXPIRED`` its machines are stopped."""

    ACTIVE = "active"
    WARNED = "warned"
    EXPIRED = "expired"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


ENDED = frozenset({Stage.DESTROYING, Stage.DESTROYED})
"""The stages of a stack that has a tombstone: nobody but expiry plans it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """The recorded expiry of one stack.

    ``born_at`` is the first successful apply. ``nominal`` is the instant that specs and rules gave
    when they were last read; ``expires_at`` differs from it by what people extended, and by what a
    change of the specs had to leave for warnings. ``source`` says in words where it comes from.
    ``lineage`` is that of its state, by which a renamed
    stack is known again. ``extensions`` counts those of this life. ``stage_at`` is when the stage began.

    ``pull_request`` brought the stack; ``issue`` is where its warnings stand when that conversation
    takes none. ``requested_by`` asked for the destruction now, with the digest ``requested``.
    ``mark`` is the desired hash of the stack when its tombstone was written; it is empty when its
    file was seen to be gone since. ``stopped`` are the addresses of the machines that expiry
    stopped, and ``asleep`` says that all of them are as the stage asks. Grace counts from ``grace_from``:
    when all were stopped, or when people were told that one cannot be.
    ``busy_until`` is until when machines that work put the stop and the destruction off,
    ``put_off_at`` is when they first put off a destruction that was about to begin, and ``noticed``
    since when people know of a machine, by its address, that it does not go on although it works.
    ``pre_stop`` says which commands before a stop failed and why, until people were told.
    ``lifted``: it expires no more, and the row stays until machines and tags say so. The objects
    ``tags_on`` carry the tag that says ``tagged``; ``tagged_serial`` is the serial of the state then.
    ``untagged`` says which objects do not carry it and why, ``tag_attempts`` how often that was tried,
    and ``tags_at`` when it is tried again. ``removal`` is the pull
    request that removes the file. ``told`` is the last stage that people were told of.
    ``attempts`` counts failed destructions, of ``told_attempts`` people were told, ``retry_at`` is when the next is due, and
    ``error`` is what the last one said. ``kept`` are the addresses that stay in the
    cloud. ``commands`` are those that have moved it: one that is read again moves it no more.
    ``version`` is that of the row which was read; it is empty for a row that is not kept yet.
    """

    stack: StackId
    lineage: str = ""
    stage: Stage
    born_at: datetime
    nominal: datetime
    expires_at: datetime
    source: str
    stage_at: datetime
    extensions: int = 0
    pull_request: int | None = None
    issue: int | None = None
    requested: str = ""
    requested_by: str = ""
    mark: str = ""
    stopped: tuple[str, ...] = ()
    asleep: bool = False
    grace_from: datetime | None = None
    busy_until: datetime | None = None
    put_off_at: datetime | None = None
    noticed: Mapping[str, datetime] = field(default_factory=dict)
    pre_stop: tuple[str, ...] = ()
    lifted: bool = False
    tagged: datetime | None = None
    tagged_serial: int = 0
    tags_on: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    tag_attempts: int = 0
    tags_at: datetime | None = None
    removal: int | None = None
    told: Stage | None = None
    attempts: int = 0
    told_attempts: int = 0
    retry_at: datetime | None = None
    error: str = ""
    kept: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    version: str = ""

    @property
    def ended(self) -> bool:
        """Whether the stack has a tombstone."""
        return self.stage in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A warning that GitHub has accepted, with somebody mentioned who can read it.

    It warned of exactly ``expires_at``, and ``threshold`` is the ``warn`` that made it due.
    """

    expires_at: datetime
    threshold: timedelta
    delivered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is ahead of a stack of which people are warned.

    ``stops_at`` is when its machines are stopped; None when its time is over already. ``ends_at``
    is when it is destroyed at the earliest; None while nobody was warned.
    """

    stops_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of an expiry: the row's stage before and after, when, and why."""

    before: Stage | None
    after: Stage | None
    at: datetime
    expires_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A resource of another stack that names one of this stack's objects by ``value``."""

    stack: StackId
    address: Address
    value: str


class Refusal(StrEnum):
    """Why a command does not move an expiry."""

    ENDED = "ended"
    COUNT = "count"
    LONGEST = "longest"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What becomes of the expiry of one stack, if the change is merged.

    ``before`` and ``after`` are instants; None for none. A stack that is not applied yet, or that is
    revived, expires ``span`` after its first apply. ``ahead`` is set when the longest ``warn``
    counts, from the merge on, and not what the specs say. ``source`` says where it comes from.
    ``over``: the instant that the spec gives has passed.
    """

    stack: str
    before: datetime | None = None
    after: datetime | None = None
    span: timedelta | None = None
    ahead: timedelta | None = None
    source: str = ""
    revived: bool = False
    over: bool = False
