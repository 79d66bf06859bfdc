"""The name that a spec gives an object in the cloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value
from gitbot.reconciler.pointers import MISSING, parse, value_at


def natural_name(schema: TypeSchema, properties: Mapping[str, Value]) -> str:
    """The values of the type's natural key, separated by spaces.

    Empty when the type has no such key, when the spec gives no part of it, and when a part is not
    known or is sensitive.
    """
    parts = [value_at(properties, parse(name)) for name in schema.natural_key or ()]
    given = [part for part in parts if part is not MISSING]
    return " ".join(map(str, given)) if all(isinstance(part, (str, int)) for part in given) else ""
