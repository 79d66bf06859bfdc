"""Where and as what a machine is started: kinds of machine and places, tried in order. Pure.

``placement`` of a resource is kept as one of its properties, under the name ``PLACEMENT``, which no type
of the registry has. So it is bound, recorded, sent and hashed as they are. The cloud does not show it: what
it shows is the machine that was taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gitbot.model.values import Unknown, Value, is_known

PLACEMENT: Final = "placement"
MARKET: Final = "gitbot:market"
"""The attribute of a machine that says whether it runs on spot or on demand."""
SPOT: Final = "spot"
ON_DEMAND: Final = "on-demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The names by which a type knows what a placement chooses.

    ``size`` is the property for an item of ``instanceTypes``, ``subnet`` and ``zone`` are those for
    items of ``subnets`` and ``zones``. ``places``: other properties that say where it is.
    """

    size: str
    subnet: str
    zone: str
    places: tuple[str, ...] = ()

    @property
    def chosen(self) -> Mapping[str, str]:
        """The property that each list of a placement chooses."""
        return {"instanceTypes": self.size, "subnets": self.subnet, "zones": self.zone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One choice: ``properties`` are those that it sets, ``spot``: on the spot market."""

    properties: Mapping[str, Value]
    spot: bool


def candidates(given: Mapping[str, Value], kind: Kind) -> tuple[Candidate, ...]:
    """The choices of a placement, in the order in which they are tried.

    All places of the first kind of machine come before those of the second; on demand comes after
    spot. A list that is not known yet counts as one choice.
    """
    return tuple(
        Candidate(properties={**size, **place}, spot=spot)
        for spot in _markets(given)
        for size in _choices(given, kind, ("instanceTypes",))
        for place in _choices(given, kind, ("subnets", "zones"))
    )


def sizes_of(properties: Mapping[str, Value], size: str) -> tuple[str, ...]:
    """The sizes that a machine may have: the one in the property ``size``, or those that its placement
    chooses from. What is not known yet is left out."""
    placement = properties.get(PLACEMENT)
    listed = placement.get("instanceTypes") if isinstance(placement, Mapping) else None
    found = (*_items(properties.get(size)), *_items(listed))
    return tuple(one for one in found if isinstance(one, str))


def is_spot_alone(properties: Mapping[str, Value]) -> bool:
    """Whether the machine runs on the spot market or not at all."""
    placement = properties.get(PLACEMENT)
    return isinstance(placement, Mapping) and _markets(placement) == (True,)


def _markets(given: Mapping[str, Value]) -> tuple[bool, ...]:
    if not given.get("spot"):
        return (False,)
    return (True, False) if given.get("onDemand") else (True,)


def _choices(
    given: Mapping[str, Value], kind: Kind, lists: Sequence[str]
) -> Iterator[Mapping[str, Value]]:
    none = True
    for name in lists:
        for one in _items(given.get(name)):
            none = False
            yield {kind.chosen[name]: one}
    if none:
        yield {}


def _items(value: Value) -> Sequence[Value]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)


def sentence(given: Mapping[str, Value], kind: Kind) -> str:
    """The choices in words: ``first g5.xlarge on spot in eu-west-1a, then …``.

    A value that is not known yet stands as its expression.
    """
    words = [words_of(one, kind) for one in candidates(given, kind)]
    if len(words) == 1:
        return words[0]
    return f"first {words[0]}, then {', then '.join(words[1:])}"


def words_of(one: Candidate, kind: Kind) -> str:
    """The choice in words: ``g5.xlarge on spot in eu-west-1a``."""
    size = one.properties.get(kind.size)
    parts = ["the declared type" if size is None else _text(size)]
    parts.append("on spot" if one.spot else "on demand")
    place = one.properties.get(kind.subnet, one.properties.get(kind.zone))
    if place is not None:
        parts.append(f"in {_text(place)}")
    return " ".join(parts)


def _text(value: Value) -> str:
    return value.template if isinstance(value, Unknown) else str(value)


def taken(observed: Mapping[str, Value], kind: Kind) -> str:
    """In words, the machine that there is: ``g4dn.xlarge on spot in eu-west-1b``."""
    spot = observed.get(MARKET) == SPOT
    where = observed.get(kind.zone) or observed.get(kind.subnet)
    parts = [str(observed.get(kind.size)), "on spot" if spot else "on demand"]
    return " ".join((*parts, f"in {where}") if where else parts)


def rank(given: Mapping[str, Value], observed: Mapping[str, Value], kind: Kind) -> int | None:
    """The place (from 1) of the machine that there is among the choices; None if it is none of them."""
    for number, one in enumerate(candidates(given, kind), start=1):
        if one.spot == (observed.get(MARKET) == SPOT) and all(
            observed.get(name) == value for name, value in one.properties.items()
        ):
            return number
    return None


def open_choice(given: Mapping[str, Value], kind: Kind) -> Unknown | None:
    """The first value of the choices that is not known yet."""
    for one in candidates(given, kind):
        for value in one.properties.values():
            if not is_known(value):
                return value if isinstance(value, Unknown) else None
    return None
