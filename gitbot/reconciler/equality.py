"""Compare a desired value with a recorded or observed one, and pair the elements of lists. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.model.schema import Route, TypeSchema
from gitbot.model.values import Redacted, Redactor, Sensitive, Unknown, is_known, leaves, reveal
from gitbot.reconciler.pointers import MISSING, Path
from gitbot.reconciler.rules import Rules, rules_of

_NO_TYPE = TypeSchema(name="", route=Route.NATIVE)


class Equality:
    """Compares by a type's rules; sensitive values through the redactor."""

    def __init__(self, rules: Rules, redactor: Redactor) -> None:
        self.rules = rules
        self._redactor = redactor

    def holds(self, path: Path, wanted: Any, other: Any, *, wild: bool = False) -> bool:
        """Whether ``other`` has everything that ``wanted`` declares.

        Of maps only the declared keys are compared, of closed ones all. A missing value, null and one that says nothing
        are equal. An unknown equals any value with ``wild``, and none without.
        """
        if isinstance(wanted, Unknown):
            return wild
        if other is MISSING or other is None:
            return says_nothing(wanted)
        if isinstance(wanted, Mapping) and isinstance(other, Mapping):
            return self._map_holds(path, wanted, other, wild)
        if isinstance(wanted, (list, tuple)) and isinstance(other, (list, tuple)):
            return self._list_holds(path, wanted, other, wild)
        return self._leaf_holds(path, wanted, other, wild)

    def _map_holds(
        self, path: Path, wanted: Mapping[str, Any], other: Mapping[str, Any], wild: bool
    ) -> bool:
        for name, item in wanted.items():
            place = (*path, name)
            found = other.get(name, MISSING)
            if found is MISSING and self.rules.write_only.reaches(place):
                continue
            if not self.holds(place, item, found, wild=wild):
                return False
        strangers = self.rules.strangers(path, wanted, other)
        return all(says_nothing(other[name]) for name in strangers)

    def _list_holds(
        self, path: Path, wanted: Sequence[Any], other: Sequence[Any], wild: bool
    ) -> bool:
        if self.rules.pairs(path):
            found, extra = pair(self, path, wanted, other)
            missing = (item for at, item in enumerate(wanted) if at not in found)
            return (
                all(self.rules.unseen(path, item) for item in missing)
                and (not extra or self.rules.is_open(path))
                and all(
                    self.holds((*path, str(here)), wanted[here], other[there], wild=wild)
                    for here, there in found.items()
                )
            )
        return len(wanted) == len(other) and all(
            self.holds((*path, str(index)), item, other[index], wild=wild)
            for index, item in enumerate(wanted)
        )

    def _leaf_holds(self, path: Path, wanted: Any, other: Any, wild: bool) -> bool:
        if isinstance(wanted, Redacted):
            return wanted == (other if isinstance(other, Redacted) else self._hash(other))
        if isinstance(other, Redacted):
            return self._hash(wanted) == other
        if isinstance(wanted, Sensitive) or isinstance(other, Sensitive):
            return self.holds(path, _opened(wanted), _opened(other), wild=wild)
        if isinstance(wanted, bool) or isinstance(other, bool):
            return wanted is other
        if wanted == other or not self.rules.versions.names(path):
            return bool(wanted == other)
        return isinstance(other, str) and other.startswith(f"{wanted}.")

    def _hash(self, value: Any) -> Redacted | None:
        value = reveal(value)
        nameless = any(isinstance(leaf, (Unknown, Redacted)) for leaf in leaves(value))
        return None if nameless else self._redactor(value)


def equality_of(schema: TypeSchema | None, redactor: Redactor) -> Equality:
    """How values of the type are compared; as they stand, where nobody knows the type any more."""
    return Equality(rules_of(schema if schema is not None else _NO_TYPE), redactor)


def pair(
    equality: Equality, path: Path, wanted: Sequence[Any], others: Sequence[Any]
) -> tuple[dict[int, int], list[int]]:
    """Pair the elements of two lists: index in ``wanted`` to index in ``others``; then what is left
    over.

    Returns the map, and the indexes of ``others`` that pair with nothing. Elements pair first by
    the type's identity keys, where both have them; then by equality, the element that declares most
    first; then with unknowns that stand for anything; then, where elements may get other keys, in order.
    """
    found: dict[int, int] = {}
    free = dict.fromkeys(range(len(others)))
    keys = equality.rules.identity(path)
    if keys is not None:
        _pair_by_key(wanted, others, found, free, lambda item: _identity(item, keys))
    _pair_by_key(wanted, others, found, free, _scalar)
    for wild in (False, True):
        _pair_equal(equality, path, wanted, others, found, free, wild=wild)
    if equality.rules.renames.names(path):
        rest = [index for index in range(len(wanted)) if index not in found]
        for here, there in zip(rest, tuple(free), strict=False):
            found[here] = there
            del free[there]
    return found, list(free)


def _pair_equal(
    equality: Equality,
    path: Path,
    wanted: Sequence[Any],
    others: Sequence[Any],
    found: dict[int, int],
    free: dict[int, None],
    *,
    wild: bool,
) -> None:
    rest = [index for index in range(len(wanted)) if index not in found]
    for here in sorted(rest, key=lambda index: -_demands(wanted[index])):
        if wild and is_known(wanted[here]):
            continue
        place = (*path, str(here))
        for there in free:
            if equality.holds(place, wanted[here], others[there], wild=wild):
                found[here] = there
                del free[there]
                break


def own_elements(
    equality: Equality, path: Path, recorded: Any, observed: Sequence[Any]
) -> list[Any]:
    """The observed elements that the last apply has: when an open list leaves the spec, others stay."""
    was = recorded if isinstance(recorded, (list, tuple)) else ()
    found, _ = pair(equality, path, was, observed)
    return [observed[at] for at in sorted(found.values())]


def _pair_by_key(
    wanted: Sequence[Any],
    others: Sequence[Any],
    found: dict[int, int],
    free: dict[int, None],
    key_of: Any,
) -> None:
    places: dict[Any, list[int]] = {}
    for there in reversed(list(free)):
        key = key_of(others[there])
        if key is not None:
            places.setdefault(key, []).append(there)
    for here, item in enumerate(wanted):
        key = key_of(item) if here not in found else None
        if key is not None and places.get(key):
            there = places[key].pop()
            found[here] = there
            del free[there]


def _identity(item: Any, keys: tuple[str, ...]) -> tuple[Any, ...] | None:
    if not isinstance(item, Mapping):
        return None
    values = tuple(_scalar(item.get(key)) for key in keys)
    return None if None in values else values


def _scalar(item: Any) -> tuple[str, Any] | None:
    if isinstance(item, bool):
        return ("boolean", item)
    if isinstance(item, (int, float)):
        return ("number", item)
    return ("string", item) if isinstance(item, str) else None


def _demands(item: Any) -> int:
    if isinstance(item, Mapping):
        return 1 + sum(_demands(value) for value in item.values())
    return 1


def says_nothing(value: Any) -> bool:
    """Whether the value is missing, null or empty, or a map of such, for example ``{Rules: []}``.

    An empty map inside a map does say something: in many APIs its key alone is a choice.
    """
    if value is None or value is MISSING or value in ("", {}, [], ()):
        return True
    return isinstance(value, Mapping) and all(
        item != {} and says_nothing(item) for item in value.values()
    )


def _opened(value: Any) -> Any:
    return value.value if isinstance(value, Sensitive) else value
