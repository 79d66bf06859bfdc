"""Keys that a type adds to a value before it is compared, for what makes it another one and stands elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Implied(str):
    """Such a key, in words for people: a plan shows it only where it is what differs."""

    __slots__ = ()


def stated(value: Any) -> Any:
    """The value without implied keys, as a spec says it."""
    if isinstance(value, Mapping):
        return {name: stated(item) for name, item in value.items() if not isinstance(name, Implied)}
    if isinstance(value, (list, tuple)):
        return [stated(item) for item in value]
    return value
