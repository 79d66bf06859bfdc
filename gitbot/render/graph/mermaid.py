"""Draws stacks as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gitbot.render.escape import clean
from gitbot.render.graph.drawn import Box, Drawn, Kind

# Everything that Mermaid or HTML could take for more than text.
_SPECIAL = re.compile(r"[^\w .:/()\[\]\-]", re.ASCII)


def mermaid(graphs: Iterable[Drawn]) -> str:
    """The text. Arrows point to what is needed; a module is a box around its resources.

    Lookups and secrets have round ends.
    """
    lines = ["flowchart LR"]
    for number, graph in enumerate(graphs):
        lines.append(f'  subgraph s{number}["{_label(graph.title)}"]')
        lines += _boxes(
            graph.boxes,
            f"s{number}",
            0,
            "    ",
            {one.address: at for at, one in enumerate(graph.boxes)},
        )
        lines.append("  end")
        names = {box.address: f"s{number}n{at}" for at, box in enumerate(graph.boxes)}
        for address, needed in graph.needs.items():
            lines += [f"  {names[address]} --> {names[one]}" for one in needed]
    return "\n".join(lines) + "\n"


def _boxes(
    boxes: Sequence[Box], prefix: str, depth: int, indent: str, numbers: dict[str, int]
) -> Iterator[str]:
    """The boxes that are in the same modules down to ``depth``."""
    groups: dict[str, list[Box]] = {}
    for box in boxes:
        if len(box.modules) == depth:
            label = f"{_label(box.address)}<br/>{_label(box.about)}"
            left, right = ("[", "]") if box.kind is Kind.RESOURCE else ("([", "])")
            yield f'{indent}{prefix.split("m")[0]}n{numbers[box.address]}{left}"{label}"{right}'
        else:
            groups.setdefault(box.modules[depth], []).append(box)
    for number, (module, inside) in enumerate(groups.items()):
        name = f"{prefix}m{number}"
        yield f'{indent}subgraph {name}["{_label(module)}"]'
        yield from _boxes(inside, name, depth + 1, f"{indent}  ", numbers)
        yield f"{indent}end"


def _label(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"#{ord(found.group())};", clean(text))
