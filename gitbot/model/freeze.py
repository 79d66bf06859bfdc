"""What time may forbid: acts, windows, freezes made by hand, and the answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import EnvironmentKey


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
class HandFreeze:
    """A freeze that a person made with ``/freeze``: it ends when somebody says ``/unfreeze``.

    ``issue`` is the number of the issue that tells of it; None where none could be opened.
    """

    environment: EnvironmentKey
    by: str
    since: datetime
    because: str
    issue: int | None = None
