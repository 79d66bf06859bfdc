"""What time may forbid: acts, windows, freezes made by hand, and the answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.time import Cron


class Act(StrEnum):
    """What gitbot does to a stack, or what somebody asks it to do.

    ``OFFHOURS`` puts machines to sleep, ``WAKE`` starts them again.
    """

    APPLY = "apply"
    PROMOTE = "promote"
    HEAL = "heal"
    DESTROY = "destroy"
    OFFHOURS = "offhours"
    WAKE = "wake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an act is allowed now.

    ``why`` says in Markdown what forbids it, as a clause; empty when it is allowed. ``next_open`` is
    the instant from which it will be allowed; None when it is allowed now, or when only a person can
    allow it. ``next_close`` is when it stops being allowed after that; None when that is not known.
    """

    allowed: bool
    why: str = ""
    next_open: datetime | None = None
    next_close: datetime | None = None


ALLOWED = Verdict(allowed=True)
"""Nothing forbids it, and nothing is known to forbid it later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Open whenever ``cron`` fires, for ``lasts`` of local time."""

    cron: Cron
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Open from ``start`` until just before ``end``."""

    start: datetime
    end: datetime


Opens: TypeAlias = Repeats | Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An entry of ``freeze``: while it is open its acts are denied, or, with ``allows``, only then
    allowed.

    ``stacks`` are patterns of names as in a shell. ``teams`` (organisation/team) may override it;
    without any nobody can. ``text`` says when it is open, in the words of the file.
    """

    name: str
    allows: bool = False
    acts: frozenset[Act]
    opens: Opens
    stacks: tuple[str, ...] = ("*",)
    teams: frozenset[str] = frozenset()
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandFreeze:
    """A freeze that a person made with ``/freeze``: it ends when somebody says ``/unfreeze``.

    ``command`` is the reference of that command, as text. ``issue`` is the number of the issue that
    tells of it; None where none could be opened.
    """

    environment: EnvironmentKey
    by: str
    since: datetime
    because: str
    command: str
    issue: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenApply:
    """An apply of the tip to one stack that waits until it is not frozen any more.

    ``since`` is when it began to wait, ``until`` the instant at which it can go on; None when only a
    person can let it go on.
    """

    stack: StackId
    since: datetime
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A person's word that what the tip wants of a stack is not to be applied for now.

    It stands while the tip wants exactly this: ``desired_hash`` is None when it wants no such stack.
    ``number`` is the pull request or issue where it was said, ``command`` the reference of the
    command, as text.
    """

    stack: StackId
    desired_hash: str | None
    by: str
    at: datetime
    number: int
    command: str
