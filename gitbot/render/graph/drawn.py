"""Makes of stacks what is drawn: boxes, and arrows to what each needs directly. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitbot.model.desired import DesiredStack
from gitbot.model.graph import levels
from gitbot.model.names import Address

_STEP = re.compile(r"""(?:[^.\["]|\["(?:[^"\\]|\\.)*"\])+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A resource. ``modules`` are the addresses of the modules that it is in, from outside."""

    address: Address
    type: str
    modules: tuple[str, ...]


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
            "resources": {box.address: box.type for box in graph.boxes},
            "needs": {address: list(needed) for address, needed in graph.needs.items() if needed},
        }
        for graph in graphs
    ]


def _stack(stack: DesiredStack) -> Drawn:
    edges = {
        address: {one for one in resource.depends_on if one in stack.resources}
        for address, resource in sorted(stack.resources.items())
    }
    boxes = tuple(
        Box(address=address, type=stack.resources[address].type, modules=_modules(address))
        for address in edges
    )
    return Drawn(title=f"{stack.environment}/{stack.name}", boxes=boxes, needs=_direct(edges))


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
