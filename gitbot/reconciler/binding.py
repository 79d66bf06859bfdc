"""Evaluate unknown values from the attributes of the resources that they refer to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from gitbot.model.names import Address
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Json, Redacted, Sensitive, Unknown, Value
from gitbot.reconciler.output_parts import filled
from gitbot.reconciler.pointers import MISSING, Path, parse, put

Attributes: TypeAlias = Mapping[str, Json]
Binder: TypeAlias = Callable[
    [Sequence[tuple[Unknown, Mapping[Address, Attributes]]]], Sequence[Value]
]


class Scope:
    """Keeps each resource's known attributes and evaluates expressions with them.

    A resource is ``informed`` when more is known of it now than when the specs were loaded. An
    unknown that uses no informed resource cannot have changed and is not evaluated again.
    """

    def __init__(self, bind: Binder) -> None:
        self._bind = bind
        self._values: dict[Address, Mapping[str, Value]] = {}
        self._closed: dict[Address, Attributes] = {}
        self._open: dict[Address, Attributes] = {}
        self._informed: set[Address] = set()
        self._parts: dict[str, dict[str, Value]] = {}

    def add(self, address: Address, attributes: Mapping[str, Value], *, informed: bool) -> None:
        """Make a resource's attributes known to the expressions of later levels."""
        self._values[address] = attributes
        self._open.pop(address, None)
        self._closed.pop(address, None)
        if informed:
            self._informed.add(address)

    def add_part(self, address: Address, output: str, part: Value) -> None:
        """Make known what an output of another stack keeps, while an apply changes the rest of it."""
        self._parts.setdefault(address, {})[output] = part
        self._informed.add(address)

    def bound(self, trees: Sequence[Any]) -> list[Any]:
        """The trees, with each unknown replaced by its value where that is known by now.

        Calls the binder once. The value of a sensitive expression is sensitive. A tree in which
        nothing was evaluated is returned unchanged, as the same object.
        """
        wanted = [self._wanted(tree) for tree in trees]
        requests = [
            (
                filled(unknown, self._parts),
                {at: self._of(at, unknown.sensitive) for at in _used(unknown, self._values)},
            )
            for unknowns in wanted
            for unknown in unknowns
        ]
        if not requests:
            return list(trees)
        answers = iter(self._bind(requests))
        results: list[Any] = []
        for tree, unknowns in zip(trees, wanted, strict=True):
            if not unknowns:
                results.append(tree)
                continue
            given = [(unknown, self._answer(unknown, next(answers))) for unknown in unknowns]
            results.append(self._replaced(tree, iter(given)))
        return results

    def _answer(self, unknown: Unknown, value: Value) -> Value:
        """The value; the unknown as it was, where parts of outputs were not enough."""
        if self._parts and isinstance(value, Unknown) and not unknown.secrets:
            return unknown
        return _hidden(unknown, value)

    def _wanted(self, tree: Any) -> list[Unknown]:
        found: list[Unknown] = []
        _collect(tree, found)
        return [unknown for unknown in found if self._helps(unknown)]

    def _helps(self, unknown: Unknown) -> bool:
        return any(address in self._informed for address in unknown.references.values())

    def _replaced(self, tree: Any, given: Any) -> Any:
        """The tree with the wanted unknowns replaced, in the order in which they were found."""
        if isinstance(tree, Mapping):
            return {key: self._replaced(item, given) for key, item in tree.items()}
        if isinstance(tree, (list, tuple)):
            return [self._replaced(item, given) for item in tree]
        if isinstance(tree, Unknown) and self._helps(tree):
            return next(given)[1]
        return tree

    def _of(self, address: Address, sensitive: bool) -> Attributes:
        cache = self._open if sensitive else self._closed
        found = cache.get(address)
        if found is None:
            found = cache[address] = plain_attributes(self._values[address], reveal=sensitive)
        return found


def attributes_of(
    schema: TypeSchema | None,
    desired: Mapping[str, Value],
    observed: Mapping[str, Value],
    *,
    restarted: bool = False,
    changed: Iterable[Path] = (),
) -> dict[str, Value]:
    """The attributes of a resource that dependents may use: the observed ones under the desired
    ones.

    After a restart the type's volatile attributes are unknown and left out, and after a change of these paths
    those that follow them.
    """
    merged = _merged(observed, desired)
    if schema is not None:
        tops = {path[0] for path in changed}
        following = (name for name, those in schema.follows.items() if those & tops)
        for pointer in sorted({*(schema.volatile if restarted else ()), *following}):
            merged = put(merged, parse(pointer), MISSING)
    return merged


def plain_attributes(tree: Mapping[str, Value], *, reveal: bool = False) -> dict[str, Any]:
    """The part of a resource that is plain JSON. An expression that needs the rest stays unknown.

    Unknown, redacted and (unless ``reveal``) sensitive leaves are left out with their key. A list
    with such a leaf is left out whole, so that no index shifts.
    """
    found: dict[str, Any] = {}
    for name, item in tree.items():
        plain = _plain(item, reveal)
        if plain is not MISSING:
            found[name] = plain
    return found


def _plain(value: Any, reveal: bool) -> Any:
    if isinstance(value, Mapping):
        return plain_attributes(value, reveal=reveal)
    if isinstance(value, (list, tuple)):
        items = [_plain(item, reveal) for item in value]
        return MISSING if any(item is MISSING for item in items) else items
    if isinstance(value, Sensitive):
        return value.value if reveal else MISSING
    return MISSING if isinstance(value, (Unknown, Redacted)) else value


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, item in above.items():
        under = merged.get(name)
        if isinstance(item, Mapping) and isinstance(under, Mapping):
            merged[name] = _merged(under, item)
        else:
            merged[name] = item
    return merged


def _collect(value: Any, found: list[Unknown]) -> None:
    """Append every unknown of the tree to ``found``, in order. A plan spends much time here."""
    if isinstance(value, (str, int, float)) or value is None:
        return
    if isinstance(value, Unknown):
        found.append(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, found)
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, found)


def _used(unknown: Unknown, known: Mapping[Address, Any]) -> Iterable[Address]:
    return (address for address in unknown.references.values() if address in known)


def _hidden(unknown: Unknown, value: Value) -> Value:
    if not unknown.sensitive or isinstance(value, (Sensitive, Unknown)):
        return value
    return Sensitive(value)
