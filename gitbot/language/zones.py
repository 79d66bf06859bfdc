"""Finds availability zones of another region than that of their stack. Pure.

A zone's name begins with its region: ``us-west-2a``, and so do those of local zones (``us-west-2-lax-1a``) and of
Wavelength. Identifiers of zones (``usw2-az1``) do not, and are left to AWS.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from gitbot.language.nodes import place_of
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.placement import PLACEMENT
from gitbot.model.values import Unknown, Value

_ZONE: Final = re.compile(r"([a-z]{2,4}(?:-[a-z]+)+-[0-9])(?:[a-z]|-[a-z0-9-]+)")
_NAMES: Final = frozenset(
    {
        *("AvailabilityZone", "AvailabilityZoneName", "AvailabilityZones"),
        *("PreferredAvailabilityZone", "PreferredAvailabilityZones"),
        *("PrimaryAvailabilityZone", "ReplicaAvailabilityZones"),
    }
)
_KEYS: Final = _NAMES | {PLACEMENT}
_OF_OTHER_REGIONS: Final = frozenset({"Destinations", "Location", "RegionalConfigurations"})
"""Maps that may be about another region."""
_PLAIN: Final = (str, int, bool, Unknown)


def check_zones(
    region: str, desired: Mapping[Address, DesiredResource], written: Mapping[Address, Written]
) -> None:
    """Add a problem for each zone that the region does not have."""
    for address, one in desired.items():
        if not _may_name(one.properties):
            continue
        for path, zone in _zones(one.properties, (), named=False):
            found = _ZONE.fullmatch(zone)
            if found is not None and found[1] != region:
                _add(written[address], path, f"{zone} is a zone of {found[1]}", region)


def _may_name(properties: Mapping[str, Value]) -> bool:
    """Whether a zone may be named anywhere: a quick look."""
    waiting: list[Value] = [properties]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if not _KEYS.isdisjoint(value):
                return True
            waiting += [item for item in value.values() if type(item) not in _PLAIN]
        elif isinstance(value, (list, tuple)):
            waiting += [item for item in value if type(item) not in _PLAIN]
        elif isinstance(value, Mapping):
            return True  # some other map, which is not usual
    return False


def _zones(
    value: Value, path: tuple[str | int, ...], *, named: bool
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts that name zones, each with its path. ``named``: the value is one, or a list of them."""
    if isinstance(value, str) and named:
        yield path, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _zones(item, (*path, index), named=named)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            ours = name in _NAMES or (name == "zones" and path == (PLACEMENT,))
            if ours or (type(item) not in _PLAIN and name not in _OF_OTHER_REGIONS):
                yield from _zones(item, (*path, name), named=ours)


def _add(one: Written, path: tuple[str | int, ...], what: str, region: str) -> None:
    node = None if path[0] == PLACEMENT else one.properties
    one.problems.add(
        "zone-elsewhere",
        one.home if node is None else place_of(node, path),
        f"{what}, and the stack is in {region}.",
        'Name a zone of that region, such as "${env.region}a", or name none where AWS may choose.',
    )
