"""Hide in plain values what others hide at the same places. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gitbot.model.values import (
    Redacted,
    Sensitive,
    Unknown,
    Value,
    is_known,
    is_sensitive,
    map_leaves,
)
from gitbot.reconciler.pointers import MISSING

PLAIN = (str, int, bool)
"""The types of most values, which hide nothing."""


def veiled(value: Any, secrets: Sequence[Any], hide: Callable[[Any], Value]) -> Any:
    """The value, with what ``hide`` gives in place of each leaf where one of ``secrets`` has a hidden one.

    An element of a list may have moved, so it is compared with every element of the secrets.
    """
    if not secrets:
        return value
    if isinstance(value, Mapping) and all(isinstance(one, Mapping) for one in secrets):
        return {
            name: veiled(item, [one[name] for one in secrets if hides(one.get(name))], hide)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)) and all(isinstance(one, (list, tuple)) for one in secrets):
        hiding = [item for one in secrets for item in one if hides(item)]
        return [veiled(item, hiding, hide) for item in value]
    if is_known(value) and not is_sensitive(value):
        return hide(value)

    def hidden(leaf: Value) -> Value:
        return leaf if isinstance(leaf, (Redacted, Sensitive, Unknown)) else hide(leaf)

    return map_leaves(value, hidden)


def hides(value: Any) -> bool:
    """Whether there is a value, and any leaf of it must not be shown."""
    return value is not MISSING and type(value) not in PLAIN and is_sensitive(value)
