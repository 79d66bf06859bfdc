"""Evaluates the lookups of a stack or module: what each asks, and what expressions read of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gitbot.language.frame import Frame
from gitbot.language.hashing import spoken_values
from gitbot.language.lookup_faults import faults_of
from gitbot.language.lookup_fields import ALWAYS
from gitbot.language.lookup_rules import NOT_LISTED, unlisted
from gitbot.language.scope import AnyName
from gitbot.model.desired import DesiredOutput, Environment
from gitbot.model.lookups import MOST_LOOKUPS, DesiredLookup, Pick
from gitbot.model.names import Address
from gitbot.model.values import Unknown, Value, leaves

ROOT = "lookups"


def declare_lookups(frame: Frame, fields: Mapping[str, Mapping[str, Any]]) -> None:
    """Let every expression name every lookup, also those that are wrong or not evaluated yet."""
    frame.inputs[ROOT] = dict.fromkeys(fields, AnyName())
    frame.allowed[ROOT] = frozenset(fields)
    for name, given in fields.items():
        frame.kinds[name] = frame.shared.types.kinds(given.get("type", ""))


def evaluate_lookup(frame: Frame, name: str, given: Mapping[str, Any]) -> None:
    """Evaluate what the lookup asks, and put it into what the frames share."""
    place = frame.get(ROOT)
    node = None if place is None else place.get(name)
    values = frame.inputs[ROOT]
    if place is None or node is None or not isinstance(values, dict) or "type" not in given:
        return  # it has a problem already
    evaluator, kind = frame.evaluator(), frame.kinds[name]
    identifier = evaluator.evaluate(given["identifier"]) if "identifier" in given else None
    filter_ = {key: evaluator.evaluate(one) for key, one in (given.get("filter") or {}).items()}
    pick = Pick(given.get("pick", Pick.ONE))
    faults = list(faults_of(frame, name, node, given, kind, identifier, filter_, pick))
    for code, at, detail, fix in faults:
        frame.problems.add(code, at or place.key_mark(name), f"lookups.{name}{detail}", fix)
    if faults or kind is None:
        return
    address = Address(f"{frame.prefix}{ROOT}.{name}")
    refresh = given.get("refresh", "")
    frame.shared.lookups[address] = DesiredLookup(
        address=address,
        type=kind.type,
        identifier=identifier,
        filter=filter_,
        pick=pick,
        always=refresh == ALWAYS,
        since="" if refresh == ALWAYS else refresh,
        through={key: one for key, one in kind.through.items() if key in filter_},
        source=frame.problems.span(place.key_mark(name)),
        used_at=frame.problems.used_at,
    )
    frame.shared.lookup_problems[address] = frame.problems
    values[name] = {
        attribute: Unknown(template=f"${{{name}.{attribute}}}", references={name: address})
        for attribute in sorted(kind.attributes)
    }


def listed_lookups(
    frame: Frame, outputs: Mapping[str, DesiredOutput], environment: Environment | None
) -> dict[Address, DesiredLookup]:
    """The lookups with the attributes that the stack uses. One that is not listed is a problem."""
    shared = frame.shared
    if not shared.lookups:
        return {}
    if len(shared.lookups) > MOST_LOOKUPS:
        frame.problems.add(
            "bad-lookup",
            frame.get("lookups") or frame.spec,
            f"The stack looks up {len(shared.lookups)} things, in its modules too; at most "
            f"{MOST_LOOKUPS} are allowed.",
            "Pass to modules what several of them need.",
        )
        return {}
    trees: list[Value] = [one.properties for one in shared.desired.values()]
    trees += [one.value for one in outputs.values()]
    trees += spoken_values(shared.desired, shared.checks)
    used = used_attributes(shared.lookups, trees)
    found = {
        address: replace(one, attributes=tuple(sorted(used[address])))
        for address, one in shared.lookups.items()
    }
    for address, one in found.items():
        missing = None if environment is None else unlisted(one, environment.lookups)
        if missing is not None:
            place = (one.source.line, one.source.column)
            shared.lookup_problems[address].add(NOT_LISTED, place, *missing)
    return found


def used_attributes(
    lookups: Mapping[Address, DesiredLookup], trees: Iterable[Value]
) -> dict[Address, frozenset[str]]:
    """The attributes of each lookup that the values of the trees are made of."""
    found: dict[Address, set[str]] = {address: set() for address in lookups}
    asked = [one.asked for one in lookups.values()] if lookups else []
    for tree in (*trees, *asked) if lookups else ():
        for name, address, unknown in _references(tree):
            # The name that a lookup's own value has in its frame is never the address.
            if address in found and name != address:
                found[address].add(unknown.template.removeprefix(f"${{{name}.").removesuffix("}"))
    return {address: frozenset(names) for address, names in found.items()}


def _references(tree: Value) -> Iterator[tuple[str, Address, Unknown]]:
    for leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            for name, address in leaf.references.items():
                yield name, address, leaf
            yield from _references(leaf.inputs)
