"""Tell before a deletion that a property protects the object, also where nobody's spec turned that on. Pure.

The table of costs says which property that is: its end is what it warns of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.errors import CloudError
from gitbot.model.names import Address
from gitbot.model.observed import Deed, Objection, Observation, Present, ReadRequest, Removing
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.costs import UNPROTECTED
from gitbot.reconciler.pointers import parse, value_at
from gitbot.reconciler.turns import is_on

_ENOUGH: Final = ("prevent-force-deletion",)
"""Protections from deletions that gitbot does not make: it terminates the machines of a group first."""
_OFF: Final = {"active": "INACTIVE", "enabled": "DISABLED", "prevent-all-deletion": "none"}


def protection_of(schema: TypeSchema | None) -> str:
    """The path of the property that protects objects of the type from deletion; empty where it has none."""
    cautions = () if schema is None else schema.cautions
    return next((one.changed for one in cautions if one.loses == UNPROTECTED), "")


def questions(deeds: Sequence[Deed], schemas: SchemaLookup) -> tuple[ReadRequest, ...]:
    """What to read of the objects that a plan deletes and that may be protected."""
    return tuple(
        ReadRequest(
            address=deed.address,
            type=deed.type,
            remote_id=deed.remote_id,
            route=schema.route,
            surfaces=frozenset(parse(path)[:1]),
        )
        for deed in deeds
        if isinstance(deed, Removing)
        and (schema := schemas(deed.type)) is not None
        and (path := protection_of(schema))
    )


def objections(
    asked: Sequence[ReadRequest], seen: Mapping[Address, Observation], schemas: SchemaLookup
) -> Iterator[Objection]:
    """A remark on each object that its cloud will not delete as it is."""
    for one in asked:
        found, schema = seen.get(one.address), schemas(one.type)
        if not isinstance(found, Present) or schema is None:
            continue
        shown = found.properties if schema.normalise is None else schema.normalise(found.properties)
        value = value_at(shown, parse(protection_of(schema)))
        if is_on(value) and value not in _ENOUGH:
            yield Objection(
                address=one.address,
                why=f"`{one.remote_id}` is protected against deletion.",
                fix=f"{_way(schema, value)} and apply that before this.",
                remark=True,
            )


def explained(error: CloudError, schema: TypeSchema | None, address: Address) -> CloudError | None:
    """The error of a deletion that a protection refuses, with the property to turn off; None for any other."""
    told = str(error)
    path = protection_of(schema)
    if not path or schema is None or parse(path)[-1] in told or "protect" not in told.lower():
        return None
    return CloudError(
        f"{told.rstrip('.')}. {_way(schema, True)} and {apply_first(address)}.",
        code=error.code,
        call=error.call,
    )


def _way(schema: TypeSchema, value: Any) -> str:
    off = _OFF.get(str(value).lower(), "false")
    return f"Set `{parse(protection_of(schema))[-1]}: {off}`"
