"""Says in which order the fields of a document are written. Pure.

Maps whose keys people choose, and everything that AWS names, stay in the order in which they are
written. So do fields that are not named here: they stand between the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The fields that come first and those that come last."""

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


_BODY = (
    "variables",
    "values",
    "locals",
    "lookups",
    "resources",
    "imports",
    "moved",
    "removed",
    "outputs",
)
_ORDERS: Final[Mapping[tuple[str, ...], _Order]] = {
    (): _Order(first=("apiVersion", "kind", "metadata", "spec")),
    ("metadata",): _Order(first=("name", "description")),
    ("spec", "variables", ANY): _Order(
        first=("type", "default", "enum", "pattern", "check", "sensitive", "description")
    ),
    ("spec", "resources", ANY): _Order(
        first=("type", "module", "forEach", "when", "values", "properties")
    ),
    ("spec", "outputs", ANY): _Order(first=("value", "sensitive", "description")),
}
_SPECS: Final[Mapping[str, _Order]] = {
    "Stack": _Order(last=_BODY),
    "Module": _Order(last=_BODY),
    "Environment": _Order(first=("region", "account", "roles", "variables", "tags")),
}


def in_order(kind: object, path: Sequence[str | int], keys: Sequence[str]) -> list[int]:
    """The indexes of the keys of the map at ``path`` of a document, in the order to write them."""
    order = _order_of(kind, path)
    if order is None:
        return list(range(len(keys)))
    places = {key: at - len(order.first) for at, key in enumerate(order.first)}
    places |= {key: at + 1 for at, key in enumerate(order.last)}
    return sorted(range(len(keys)), key=lambda at: places.get(keys[at], 0))


def _order_of(kind: object, path: Sequence[str | int]) -> _Order | None:
    if kind not in _SPECS or not all(isinstance(step, str) for step in path):
        return None
    if len(path) == 1 and path[0] == "spec":
        return _SPECS[str(kind)]
    below = tuple(str(step) for step in path)
    return _ORDERS.get((*below[:2], ANY) if len(below) == 3 else below)
