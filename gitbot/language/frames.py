"""Evaluates one module where it is used; a stack is the outermost one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.language.conditions import check_nodes, checks_of
from gitbot.language.copies import ANY_COPY, ONLY, Copy, copies_of
from gitbot.language.entries import read_entries
from gitbot.language.frame import NO_ADDRESSES, CopyValues, Frame
from gitbot.language.linking import link, names_in, names_of, nodes_of, ordered
from gitbot.language.list_elements import check_list_elements
from gitbot.language.lookups import ROOT, declare_lookups, evaluate_lookup
from gitbot.language.module_outputs import read_outputs
from gitbot.language.moves import moves_of
from gitbot.language.nodes import Node
from gitbot.language.resources import evaluate_resource
from gitbot.language.scope import PLACEHOLDER, AnyName, Attributes
from gitbot.language.values_of import attribute_values, attributes_of
from gitbot.language.written import Written
from gitbot.model.desired import DesiredOutput
from gitbot.model.names import Address
from gitbot.model.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The outputs of a module where it is used, and the resources from which each comes."""

    outputs: Mapping[str, DesiredOutput]
    parts: Mapping[str, frozenset[Address]]


def evaluate_frame(frame: Frame) -> Evaluated:
    """The outputs. Its resources are put into what the frames share, and problems are added."""
    place = frame.get("resources")
    entries = read_entries(
        place or Node({}, (1, 1)),
        frame.fields.get("resources") or {},
        frame.shared.types,
        frame.problems,
    )
    locals_: Mapping[str, Node] = frame.fields.get("locals") or {}
    lookups: Mapping[str, Mapping[str, Any]] = frame.fields.get(ROOT) or {}
    others = {f"locals.{name}": node for name, node in locals_.items()}
    named = ((f"{ROOT}.{name}", frame.get(ROOT, name)) for name in lookups)
    others |= {name: node for name, node in named if node is not None}
    frame.used.update((key, names_of(one)) for key, one in entries.items())
    edges = link(entries, frame.used, others, place)
    _declare(frame, entries, locals_, place)
    declare_lookups(frame, lookups)
    homes = {key: one.home for key, one in entries.items()}
    homes |= {name: node.mark for name, node in others.items()}
    outputs = frame.get("outputs")
    used = frozenset[str]().union(*edges.values(), names_in([outputs, *check_nodes(frame)]))
    values: dict[str, Value] = dict.fromkeys(locals_, PLACEHOLDER)
    frame.inputs["locals"] = values
    for name in ordered(edges, homes, frame.problems):
        entry = entries.get(name)
        if entry is not None:
            _evaluate_entry(frame, entry, is_used=name in used)
            continue
        root, _, own = name.partition(".")
        if root == ROOT:
            evaluate_lookup(frame, own, lookups[own])
        else:
            values[own] = frame.evaluator().evaluate(locals_[own])
        frame.behind[name] = frame.sources([others[name]])
    check_list_elements(entries, frame.fields.get("imports") or (), frame.problems)
    frame.shared.moves.extend(moves_of(frame.fields, frame.spec, frame.prefix, frame.problems))
    frame.shared.checks.update(checks_of(frame))
    found = read_outputs(frame.fields, frame.evaluator(), frame.problems)
    return Evaluated(outputs=found, parts=_parts(frame, outputs))


def _parts(frame: Frame, outputs: Node | None) -> Mapping[str, frozenset[Address]]:
    named = outputs.items() if outputs is not None else ()
    return {name: frame.sources([node]) for name, node in named}


def _declare(
    frame: Frame, entries: Mapping[str, Written], locals_: Mapping[str, Node], place: Node | None
) -> None:
    """Let every expression name everything, also what is wrong or not evaluated yet."""
    frame.allowed["locals"] = frozenset(locals_)
    for key, _ in place.items() if place is not None else ():
        entry = entries.get(key)
        if entry is None or entry.is_plain:
            frame.types[key] = None if entry is None else entry.type
            if entry is not None:
                address = Address(f"{frame.prefix}{key}")
                frame.resources[key] = Attributes(address=address)
        else:
            frame.inputs[key], frame.allowed[key] = AnyName(), None


def _evaluate_entry(frame: Frame, one: Written, *, is_used: bool) -> None:
    key = one.key
    if one.is_plain:
        properties = evaluate_resource(frame, one, ONLY, _after(frame, one, ONLY))
        if is_used:
            address = frame.resources[key].address
            frame.resources[key] = attributes_of(one, address, properties)
        frame.made[key] = frame.behind[key] = frozenset((Address(f"{frame.prefix}{key}"),))
        return
    before = frozenset(frame.shared.desired)
    copies = copies_of(one, frame.evaluator())
    # Where nobody can tell the copies, one of them shows whatever else is wrong.
    tried = copies
    if tried is None:
        tried = (ANY_COPY if one.is_copied else ONLY,)
    found = [_evaluate_copy(frame, one, each, _after(frame, one, each)) for each in tried]
    frame.made[key] = frozenset(frame.shared.desired) - before
    frame.behind[key] = NO_ADDRESSES.union(*(each.sources for each in found))
    if copies is not None:
        values = {each.key: made.values for each, made in zip(copies, found, strict=True)}
        if one.is_copied:
            sources = {each.key: made.sources for each, made in zip(copies, found, strict=True)}
            frame.copies[key] = sources  # type: ignore[assignment]  # each copy has a key
        elif found and found[0].parts:
            frame.copies[key] = found[0].parts
        whole = values if one.is_copied else values.get(None)
        frame.inputs[key] = whole  # type: ignore[assignment]  # a copied entry has no key None
        anything = whole is None or isinstance(whole, AnyName)
        frame.allowed[key] = None if anything else frozenset(map(str, whole or ()))


def _after(frame: Frame, one: Written, copy: Copy) -> frozenset[Address]:
    """What the copy of the entry depends on."""
    found, used = frame.after, frame.used[one.key]
    if used:
        nodes = nodes_of(one) if frame.copies else ()
        found |= frame.sources_of(used, nodes, copy)
    for name in (one.fields.get("lifecycle") or {}).get("dependsOn", ()):
        found |= frame.made.get(name, NO_ADDRESSES)
    return found


def _evaluate_copy(frame: Frame, one: Written, copy: Copy, after: frozenset[Address]) -> CopyValues:
    if one.module is not None:
        return frame.shared.use(frame, one, copy, after)
    properties = evaluate_resource(frame, one, copy, after)
    address = Address(f"{frame.prefix}{one.key}{copy.suffix}")
    return CopyValues(
        values=attribute_values(one, address, properties), sources=frozenset((address,))
    )
