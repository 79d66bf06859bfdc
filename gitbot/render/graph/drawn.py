"""Makes of stacks what is drawn: boxes, and arrows to what each needs directly. Pure.

Lookups and secrets have boxes too: a stack uses them, and does not make them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.graph import levels
from gitbot.model.lookups import DesiredLookup
from gitbot.model.names import Address
from gitbot.model.secret_references import parse_reference, secrets_of
from gitbot.model.values import Unknown, leaves

_STEP = re.compile(r"""(?:[^.\["]|\["(?:[^"\\]|\\.)*"\])+""")


class Kind(StrEnum):
    """What a box stands for."""

    RESOURCE = "resource"
    LOOKUP = "lookup"
    SECRET = "secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A resource, a lookup, or a secret, whose ``address`` is its reference.

    ``modules`` are the addresses of the modules that it is in, from outside.
    """

    address: Address
    type: str
    modules: tuple[str, ...] = ()
    kind: Kind = Kind.RESOURCE

    @property
    def about(self) -> str:
        """The second line of its label."""
        return f"lookup of {self.type}" if self.kind is Kind.LOOKUP else self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One stack. ``needs`` maps a resource to those that it needs and reaches in no other way."""

    title: str
    boxes: tuple[Box, ...]
    needs: Mapping[Address, tuple[Address, ...]]


def drawn(stacks: Iterable[DesiredStack]) -> tuple[Drawn, ...]:
    """The stacks in their order, and their resources sorted by address."""
    return tuple(_stack(one) for one in stacks)


def graph_data(graphs: Iterable[Drawn]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "stack": graph.title,
            "resources": _of_kind(graph, Kind.RESOURCE),
            "lookups": _of_kind(graph, Kind.LOOKUP),
            "secrets": list(_of_kind(graph, Kind.SECRET)),
            "needs": {address: list(needed) for address, needed in graph.needs.items() if needed},
        }
        for graph in graphs
    ]


def _of_kind(graph: Drawn, kind: Kind) -> dict[str, str]:
    return {box.address: box.type for box in graph.boxes if box.kind is kind}


def _stack(stack: DesiredStack) -> Drawn:
    known = stack.resources.keys() | stack.lookups.keys()
    edges: dict[Address, set[Address]] = {
        address: _uses(_values(resource), known) | (resource.depends_on & known)
        for address, resource in sorted(stack.resources.items())
    }
    boxes = [
        Box(address=address, type=stack.resources[address].type, modules=_modules(address))
        for address in edges
    ]
    for address, lookup in sorted(stack.lookups.items()):
        edges[address] = _uses(lookup.asked, known)
        boxes.append(_lookup(address, lookup))
    for secret in sorted(set[Address]().union(*edges.values()) - known):
        edges[secret] = set()
        boxes.append(Box(address=secret, type="secret", kind=Kind.SECRET))
    title = f"{stack.environment}/{stack.name}"
    return Drawn(title=title, boxes=tuple(boxes), needs=_direct(edges))


def _values(resource: DesiredResource) -> list[Any]:
    lifecycle = resource.lifecycle
    conditions = (*lifecycle.preconditions, *lifecycle.postconditions)
    return [resource.properties, lifecycle.replace_when, [one.that for one in conditions]]


def _uses(tree: Any, known: Collection[Address]) -> set[Address]:
    """The resources and lookups that the values need, and the references of their secrets."""
    found = {
        address
        for leaf in leaves(tree)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
        if address in known
    }
    secrets = map(parse_reference, secrets_of(tree))
    return found | {one.address or Address(one.text) for one in secrets}


def _lookup(address: Address, lookup: DesiredLookup) -> Box:
    *modules, _, _ = _STEP.findall(address)
    inside = tuple(".".join(modules[: number + 1]) for number in range(len(modules)))
    return Box(address=address, type=lookup.type, modules=inside, kind=Kind.LOOKUP)


def _direct(edges: Mapping[Address, set[Address]]) -> dict[Address, tuple[Address, ...]]:
    """The edges without those that another way implies."""
    reached: dict[Address, set[Address]] = {}
    for level in levels(edges):
        for address in level:
            behind = (reached[one] for one in edges[address])
            reached[address] = edges[address].union(*behind)
    direct = {}
    for address, needed in edges.items():
        implied = set[Address]().union(*(reached.get(one, set()) for one in needed))
        direct[address] = tuple(sorted(needed - implied))
    return direct


def _modules(address: str) -> tuple[str, ...]:
    steps = _STEP.findall(address)
    return tuple(".".join(steps[: number + 1]) for number in range(len(steps) - 1))
