"""Compare the choices of a placement with the machine that was taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitbot.model.placement import (
    MARKET,
    PLACEMENT,
    SPOT,
    Kind,
    open_choice,
    rank,
    sentence,
    taken,
)
from gitbot.model.plan import PathChange
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value, is_known
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.rules import rules_of

Properties = Mapping[str, Any]


def comparable(
    schema: TypeSchema,
    desired: Properties,
    recorded: Properties | None,
    observed: Properties | None,
) -> tuple[Properties, Properties | None, Properties | None]:
    """The three sides, with the placement only where it replaces the object.

    A machine stays while it is one of the choices, whichever that is. Where a choice is not known
    yet, it may be replaced.
    """
    kind, given = schema.placement, desired.get(PLACEMENT)
    if kind is None:
        return desired, recorded, observed
    sides = [None if one is None else _bare(one) for one in (desired, recorded, observed)]
    wanted, known, now = sides[0] or {}, sides[1], sides[2]
    if not isinstance(given, Mapping) or now is None or rank(given, now, kind) is not None:
        return wanted, known, now
    choices = open_choice(given, kind) or sentence(given, kind)
    machine = taken(now, kind)
    if known is not None:
        same = recorded is not None and recorded.get(PLACEMENT) == given
        known = {**known, PLACEMENT: choices if same else machine}
    return {**wanted, PLACEMENT: choices}, known, {**now, PLACEMENT: machine}


def unstoppable(
    schema: TypeSchema,
    paths: tuple[PathChange, ...],
    desired: Properties,
    observed: Properties | None,
) -> tuple[PathChange, ...]:
    """The changes, of which those that need a stop replace a machine that cannot be stopped.

    AWS stops no machine of a one-time request for spot, as placements make them.
    """
    spot = observed is not None and observed.get(MARKET) == SPOT
    if schema.placement is None or not spot or PLACEMENT not in desired:
        return paths
    stopped = rules_of(schema).restarts
    return tuple(
        replace(path, forces=True) if stopped.touches(parse(path.path)) else path for path in paths
    )


def _bare(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name != PLACEMENT}


def placement_text(schema: TypeSchema, properties: Mapping[str, Value]) -> str | None:
    """The choices in words; None where there are none."""
    given, kind = properties.get(PLACEMENT), schema.placement
    return sentence(given, kind) if kind is not None and isinstance(given, Mapping) else None


def moved_choices(
    schema: TypeSchema, desired: Mapping[str, Value], recorded: Mapping[str, Value] | None
) -> tuple[str | None, str | None]:
    """The recorded and the desired choices in words; equal while only the cloud can tell them apart."""
    after = placement_text(schema, desired)
    if recorded is None:
        return None, after
    before = placement_text(schema, recorded)
    unclear = before is not None and not is_known(desired.get(PLACEMENT))
    return (after, after) if unclear else (before, after)


def told_machine(kind: Kind, given: Mapping[str, Value], observed: Mapping[str, Value]) -> str:
    """A sentence on the machine that there is, with its place among the choices."""
    number = rank(given, observed, kind)
    place = "" if number is None else f", choice {number} of its placement"
    return f"It runs as {taken(observed, kind)}{place}."
