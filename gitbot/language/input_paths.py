"""Picks what an expression uses out of the values of names, and tells what of it is unknown. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.scanner import Names, Step
from gitbot.model.values import Value, is_known

_WHOLE_ROOTS: Final = frozenset({"vars", "env", "stack", "locals"})
"""Of these an unknown keeps the whole value of each name that it uses; of others each path alone."""


@dataclass(slots=True)
class Chosen:
    """What an expression uses of the values of names.

    ``kept`` are these values, by root. ``context`` is the known part of them. ``missing`` are the
    keys that the context lacks because their values are unknown. ``undecided``: whatever it evaluates
    to may depend on an unknown value.
    """

    kept: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    undecided: bool = False


def choose(names: Names, inputs: Mapping[str, Any]) -> Chosen:
    """What the names of an expression lead to in ``inputs``. A root that is no input is left out."""
    chosen = Chosen()
    wanted = _all_resolved(names.paths, inputs)
    items = _items(names, inputs)
    withheld = [path for path in wanted if not _is_given(chosen, path, inputs, items.get(path, ()))]
    for found, told in ((names.compared, _is_told), (names.walked, _are_keys_told)):
        paths = _all_resolved(found, inputs)
        withheld += [path for path in paths if not told(chosen, path, inputs)]
    # An unknown is withheld by leaving its key out. That works only where nothing else has put the
    # key there, and where there is a key: otherwise nobody can tell whether the expression gets there.
    # ``has`` takes a key that is left out for one that is not there.
    chosen.undecided = any(
        len(path) == 1
        or path[0] in names.tested
        or len(value_at(path, chosen.context)[0]) == len(path)
        for path in withheld
    )
    return chosen


def _items(names: Names, inputs: Mapping[str, Any]) -> Mapping[tuple[str, ...], frozenset[int]]:
    """The paths of which nothing but items is taken, by their numbers, with these numbers."""
    found: dict[tuple[str, ...], frozenset[int]] = {}
    if not names.items:
        return found
    whole = frozenset(_all_resolved(names.whole, inputs))
    for path, number in names.items:
        for one in _all_resolved([path], inputs):
            if one not in whole:
                found[one] = found.get(one, frozenset()) | {number}
    return found


def _all_resolved(
    paths: Iterable[tuple[Step, ...]], inputs: Mapping[str, Any]
) -> list[tuple[str, ...]]:
    known = (path for path in paths if path[0] in inputs)
    return sorted({found for path in known for found in _resolved(path, inputs)})


def value_at(path: Iterable[str], inputs: Any) -> tuple[tuple[str, ...], Value]:
    """How far the path leads into the maps of ``inputs``, and the value there."""
    value: Any = inputs
    taken: list[str] = []
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            break
        value = value[step]
        taken.append(step)
    return tuple(taken), value


def _resolved(
    path: tuple[Step, ...], inputs: Mapping[str, Any], taken: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The path up to the first key that is not known, with the keys that are paths looked up.

    Where any key may be meant there is a path for each.
    """
    for number, step in enumerate(path):
        if isinstance(step, str):
            taken = (*taken, step)
            continue
        reached, value = value_at(step or taken, inputs)
        if not step and len(reached) == len(taken) and isinstance(value, Mapping) and value:
            for key in value:
                yield from _resolved(path[number + 1 :], inputs, (*taken, key))
            return
        if not step or len(reached) < len(step) or not isinstance(value, str):
            break
        taken = (*taken, value)
    yield taken


def _is_given(
    chosen: Chosen,
    path: tuple[str, ...],
    inputs: Mapping[str, Any],
    items: Collection[int] = (),
) -> bool:
    """Put what is at the path into ``chosen``; False when it is withheld, because it is unknown.

    Of a list of which only ``items`` are taken, no other has to be known.
    """
    taken, value = value_at(path, inputs)
    root = taken[0]
    chosen.kept.setdefault(root, {})
    chosen.context.setdefault(root, {})
    if len(taken) < len(path) and isinstance(value, Mapping):
        # The expression fails at this name, or has() says that it is not there: what is beside it does
        # not matter, but that the map is there does.
        for tree in (chosen.kept, chosen.context):
            _put(tree, taken, {})
        return True
    until = taken[:2] if root in _WHOLE_ROOTS else taken
    _put(chosen.kept, until, value_at(until, inputs)[1])
    if items and len(taken) == len(path) and isinstance(value, (list, tuple)):
        value = _with_items(value, items)
    if is_known(value):
        _put(chosen.context, taken, value)
        return True
    if len(taken) > 1:
        _put(chosen.context, taken[:-1], {})
        chosen.missing.add(taken[-1])
    return False


def _with_items(value: Sequence[Any], items: Collection[int]) -> Sequence[Any]:
    """The list, with null for unknown items that are not taken. Its length stays."""
    return [one if at in items or is_known(one) else None for at, one in enumerate(value)]


def _is_told(chosen: Chosen, path: tuple[str, ...], inputs: Mapping[str, Any]) -> bool:
    """Put into ``chosen`` whether the value is null, and nothing else of it."""
    taken, value = value_at(path, inputs)
    if len(taken) == len(path) and isinstance(value, Mapping):
        for tree in (chosen.kept, chosen.context):
            tree.setdefault(taken[0], {})
            _put(tree, taken, {})
        return True
    return _is_given(chosen, path, inputs)


def _are_keys_told(chosen: Chosen, path: tuple[str, ...], inputs: Mapping[str, Any]) -> bool:
    """Put into ``chosen`` the keys of a map, and nothing else of it; of a list everything."""
    taken, value = value_at(path, inputs)
    inside = value.values() if len(taken) == len(path) and isinstance(value, Mapping) else [0]
    if all(isinstance(one, Mapping) for one in inside):
        for tree in (chosen.kept, chosen.context):
            tree.setdefault(taken[0], {})
            for key in value if isinstance(value, Mapping) else ():
                _put(tree, (*taken, key), {})
            _put(tree, taken, {})
        return True
    return _is_given(chosen, path, inputs)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put the value at the path. A map that is there already is joined with it."""
    *above, last = path
    for step in above:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            return  # all of it is there already
        tree = below
    there = tree.get(last)
    if isinstance(there, dict) and isinstance(value, Mapping):
        tree[last] = {**there, **value}
    elif last not in tree or not isinstance(value, Mapping):
        tree[last] = value
