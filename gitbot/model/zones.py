"""Time zones, from the pinned data that all servers share, and the local times in them. Pure.

The zones of the machine are never asked: two servers must agree on when something is due.
https://pypi.org/project/tzdata/
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The IANA names of all zones: ``Europe/Berlin``."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of this IANA name.

    Raises:
        KeyError: there is no such zone.
    """
    if name not in zone_names():
        raise KeyError(name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def preload_zones() -> None:
    """Read all zones, so that ``zone`` opens no file from now on."""
    for name in zone_names():
        zone(name)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in the zone show ``wall``, which has no zone itself.

    Where clocks are put forward over ``wall``, it is the instant at which they are; where they
    show it twice, the first.
    """
    first = wall.replace(tzinfo=zone, fold=0)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # In a gap, fold 1 takes the offset after it, which gives the earlier instant; the clocks are
    # put forward between the two. https://peps.python.org/pep-0495/
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset = first.utcoffset()
    seconds = range(int((instant - before).total_seconds()) + 1)
    moved = bisect_left(
        seconds, True, key=lambda s: (before + s * _SECOND).astimezone(zone).utcoffset() != offset
    )
    return before + moved * _SECOND
