"""Counts how long a source stack has been well: time between looks that both found it so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitbot.model.drift import HOURLY, DriftRules
from gitbot.model.promotion import PromotionRow, Soak
from gitbot.model.time import Every

_MISSED = 3
"""After this many times the time between looks nobody knows how the stack was meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the source stack is now.

    ``hash`` is the desired hash that is applied. ``empty``: a plan that was made now is empty; None:
    none was made, or the stack could not be read. ``ill``: drift of it is known, or its last apply
    failed. ``well_since`` is when a scan found that its last drift had ended; None when it never had any.
    """

    hash: str
    empty: bool | None = None
    ill: bool = False
    well_since: datetime | None = None


def looks_every(rules: DriftRules) -> timedelta:
    """How often a stack that soaks is looked at: as often as its environment is scanned, else hourly."""
    return rules.scan.interval if isinstance(rules.scan, Every) else HOURLY.interval


def next_look(soak: Soak, needs: timedelta, every: timedelta, now: datetime) -> datetime | None:
    """When to look at the stack again: at the latest when it would have been well for long enough.

    Now, when it was never found to be well, or is not well. None when it has soaked.
    """
    if soak.verified_at is not None and soak.counted >= needs:
        return None
    if soak.verified_at is None or soak.counted_at is None:
        return now
    return soak.counted_at + min(every, needs - soak.counted)


def counted(soak: Soak, health: Health, now: datetime, every: timedelta) -> Soak:
    """The soak after this look. Another desired state begins anew.

    Only time between two looks counts that both found the stack well. What lies between looks that
    are far apart is not known, and what lies before drift that was found since the last look neither.
    Doing it twice at one time changes nothing.
    """
    if soak.hash != health.hash:
        soak = Soak(hash=health.hash)
    if soak.verified_at is None:
        if health.empty is not True:
            return soak
        soak = replace(soak, verified_at=now)
    if health.ill or health.empty is False:
        return replace(soak, counted_at=None)
    if health.empty is None:
        return soak
    start = soak.counted_at if soak.counted_at is not None else now
    if health.well_since is not None:
        start = max(start, health.well_since)
    between = now - start
    known = timedelta() < between <= _MISSED * every
    return replace(soak, counted=soak.counted + between * known, counted_at=now)


def weakest(rows: Sequence[PromotionRow], *, now: datetime, needs: timedelta) -> tuple[Soak, str]:
    """The soak of the stack that has been well for the least time, of those whose soak nobody has waived;
    and who has waived that of all.

    Where there is none, nothing is waited for.
    """
    left = [row for row in rows if not (row.waived and row.waived == row.soak.hash)]
    if left:
        return min((row.soak for row in left), key=_strength), ""
    done = Soak(verified_at=now, counted=needs, counted_at=now)
    return done, next((row.waived_by for row in rows), "")


def _strength(soak: Soak) -> tuple[bool, bool, timedelta]:
    return (soak.verified_at is not None, soak.counted_at is not None, soak.counted)
