"""Counts how long a source stack has been well: healthy and free of drift. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitbot.model.promotion import Soak


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the source stack is now.

    ``hash`` is the desired hash that is applied. ``empty``: a plan that was made now is empty; None:
    none was made. ``ill_since`` is since when it is drifted or its apply failed; None when it is well.
    ``well_since`` is when it became well again after it was ill; None when it never was.
    """

    hash: str
    empty: bool | None = None
    ill_since: datetime | None = None
    well_since: datetime | None = None


def counted(soak: Soak, health: Health, now: datetime) -> Soak:
    """The soak with the time until now. Another desired state begins anew.

    What is not known to have been well does not count. Doing it twice at one time changes nothing.
    """
    if soak.hash != health.hash:
        soak = Soak(hash=health.hash)
    if soak.verified_at is None:
        if health.empty is not True:
            return soak
        soak = replace(soak, verified_at=now, counted_at=now)
    start = soak.counted_at
    if start is not None and health.well_since is not None:
        start = max(start, health.well_since)
    end = now if health.ill_since is None else min(now, health.ill_since)
    more = max(end - start, timedelta()) if start is not None else timedelta()
    return replace(
        soak,
        counted=soak.counted + more,
        counted_at=now if health.ill_since is None else None,
    )
