"""Find resources that would exchange what only one of them can have at a time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from gitbot.model.desired import DesiredStack
from gitbot.model.graph import cycles
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Value
from gitbot.reconciler.pointers import parse, text_of, value_at, words_of
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.owners import say_exchanged

_Key: TypeAlias = tuple[str, tuple[str, ...]]
"""A type, and the values of its natural key."""


def check_exchanged(
    desired: DesiredStack,
    recorded: Mapping[Address, RecordedResource],
    changes: Sequence[Change],
    schemas: SchemaLookup,
    problems: Problems,
) -> None:
    """Report updates in a circle: each would take the natural key that the next one has.

    The cloud refuses each of them as long as the next one is not made, such as two rules of a listener
    that exchange their priorities. Where the last one of a row takes what is free, the walk carries it out.
    """
    has: dict[_Key, Address] = {}
    wants: dict[Address, _Key] = {}
    names: dict[Address, str] = {}
    for change in changes:
        schema, before = schemas(change.type), recorded.get(change.address)
        if change.action is not Action.UPDATE or schema is None or before is None:
            continue
        becomes = {path.path: path.after for path in change.paths}
        observed = {path.path: path.before for path in change.paths}
        key = [parse(name) for name in schema.natural_key or ()]
        moving = [part for part in key if text_of(part) in becomes]
        if moving:
            applied = [value_at(before.properties, part) for part in key]
            # What it has now: of one whose key somebody changed, not what was applied.
            had = [observed.get(text_of(part), one) for part, one in zip(key, applied, strict=True)]
            gets = [becomes.get(text_of(part), value) for part, value in zip(key, had, strict=True)]
            has[change.type, _texts(had)] = change.address
            wants[change.address] = (change.type, _texts(gets))
            names[change.address] = " and ".join(words_of(part) for part in moving)
    edges = {one: [has[key]] if key in has else [] for one, key in wants.items()}
    for first, *others in cycles(edges):
        say_exchanged(problems, desired.resources[first], names[first], others[:-1])


def _texts(values: Sequence[Value]) -> tuple[str, ...]:
    return tuple(map(str, values))
