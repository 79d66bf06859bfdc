"""Decides from what a server sees of itself whether it takes work, and what is wrong. Pure.

A server is not ready only for what another server may do better: what all of them would lack at once, such as
GitHub, must not take the last one from behind its load balancer, because GitHub delivers nothing again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

DATABASE_S = 15.0
SILENCE_S = 60.0
QUEUE_S = 900.0
CLOCK_S = 3.0
MEMBER_S = 4.0


class Check(StrEnum):
    """What is looked at, by the name that /readyz and the metrics have for it."""

    DRAINING = "draining"
    DATABASE = "database"
    MEMBERSHIP = "membership"
    SCHEDULE = "schedule"
    REPOSITORIES = "repositories"
    GITHUB = "github"
    RIGHTS = "rights"
    AWS = "aws"
    QUEUE = "queue"
    CLOCK = "clock"


STOPPING = frozenset(
    {Check.DRAINING, Check.DATABASE, Check.MEMBERSHIP, Check.SCHEDULE, Check.REPOSITORIES}
)
"""A server with one of these wrong is not ready; with another one it is, and says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What a server sees of itself. Ages are in seconds.

    ``database_s``: since the database answered. ``lock_s``: since it held its lock; None where it has none.
    ``schedule_s``: since the schedule was looked at, which counts as late after ``late_s``. ``silence_s``: for how
    long GitHub has given nothing but errors. ``lacking`` are rights that are missing somewhere. ``aws``: whether AWS said who
    gitbot is; None: not asked. ``waiting`` is the job that has waited longest, for ``waiting_s``. ``ahead_s``: how
    far the clock is ahead of GitHub's; None: not known.
    """

    stopping: bool = False
    database_s: float = 0.0
    lock_s: float | None = None
    schedule_s: float = 0.0
    late_s: float = 60.0
    served: int = 1
    missing: int = 0
    silence_s: float = 0.0
    lacking: Collection[str] = ()
    aws: bool | None = None
    waiting: str = ""
    waiting_s: float = 0.0
    ahead_s: float | None = None


def checked(sights: Sights) -> Mapping[Check, str]:
    """Each check with what is wrong; empty where all is well.

    The words name no repository, address, account or person: whoever reaches the port may read them.
    """
    return {
        Check.DRAINING: "the server is stopping" if sights.stopping else "",
        Check.DATABASE: _late(
            sights.database_s, DATABASE_S, "the database has not answered for {} s"
        ),
        Check.MEMBERSHIP: _late(
            sights.lock_s or 0.0, MEMBER_S, "the lock of this server has not been held for {} s"
        ),
        Check.SCHEDULE: _late(
            sights.schedule_s,
            sights.late_s,
            "the schedule has not been looked at for {} s; the log says why",
        ),
        Check.REPOSITORIES: _missing(sights),
        Check.GITHUB: _late(
            sights.silence_s, SILENCE_S, "GitHub has given nothing but errors for {} s"
        ),
        Check.RIGHTS: _lacking(sights),
        Check.AWS: "AWS does not say who gitbot is; the log says why"
        if sights.aws is False
        else "",
        Check.QUEUE: _late(
            sights.waiting_s, QUEUE_S, f"a job {sights.waiting} has waited for {{}} s"
        ),
        Check.CLOCK: _clock(sights.ahead_s or 0.0),
    }


def is_ready(found: Mapping[Check, str]) -> bool:
    """Whether a server with these checks takes work."""
    return not any(why and check in STOPPING for check, why in found.items())


def _late(age_s: float, most_s: float, words: str) -> str:
    return words.format(round(age_s)) if age_s > most_s else ""


def _missing(sights: Sights) -> str:
    if not sights.missing:
        return ""
    of = sights.served + sights.missing
    return f"{sights.missing} of {of} repositories are not served; the log says why"


def _lacking(sights: Sights) -> str:
    if not sights.lacking:
        return ""
    rights = ", ".join(sorted(sights.lacking))
    return f"the App lacks rights ({rights}); the check gitbot/rights says where and what is off"


def _clock(ahead_s: float) -> str:
    if abs(ahead_s) <= CLOCK_S:
        return ""
    word = "ahead of" if ahead_s > 0 else "behind"
    return f"this machine's clock is {abs(ahead_s):.0f} s {word} GitHub's: set it"
