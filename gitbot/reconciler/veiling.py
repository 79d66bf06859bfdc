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
from gitbot.reconciler.equality import Equality, pair
from gitbot.reconciler.pointers import MISSING, Path

PLAIN = (str, int, bool)
"""The types of most values, which hide nothing."""


def veiled(
    value: Any,
    secrets: Sequence[Any],
    hide: Callable[[Any], Value],
    equality: Equality,
    path: Path = (),
) -> Any:
    """The value at the path, with what ``hide`` gives in place of each leaf where one of ``secrets`` has a hidden one.

    An element of a list may have moved: it is compared with the one that pairs with it, and what pairs with none
    with all that is left.
    """
    if not secrets:
        return value
    if isinstance(value, Mapping) and all(isinstance(one, Mapping) for one in secrets):
        return {
            name: veiled(
                item,
                [one[name] for one in secrets if hides(one.get(name))],
                hide,
                equality,
                (*path, name),
            )
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)) and all(isinstance(one, (list, tuple)) for one in secrets):
        hiding = _by_element(value, secrets, equality, path)
        return [
            veiled(item, hiding[at], hide, equality, (*path, str(at)))
            for at, item in enumerate(value)
        ]
    if is_known(value) and not is_sensitive(value):
        return hide(value)

    def hidden(leaf: Value) -> Value:
        return leaf if isinstance(leaf, (Redacted, Sensitive, Unknown)) else hide(leaf)

    return map_leaves(value, hidden)


def _by_element(
    value: Sequence[Any], secrets: Sequence[Sequence[Any]], equality: Equality, path: Path
) -> list[list[Any]]:
    """For each element of the value, the elements of the secrets that hide something in it."""
    hiding: list[list[Any]] = [[] for _ in value]
    for elements in secrets:
        found, left = pair(equality, path, elements, value)
        for here, item in enumerate(elements):
            if hides(item):
                for there in [found[here]] if here in found else left:
                    hiding[there].append(item)
    return hiding


def hides(value: Any) -> bool:
    """Whether there is a value, and any leaf of it must not be shown."""
    return value is not MISSING and type(value) not in PLAIN and is_sensitive(value)
