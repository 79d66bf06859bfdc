"""Draws stacks as one SVG picture: what is needed stands on the left, arrows point to it. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gitbot.model.graph import levels
from gitbot.model.names import Address
from gitbot.render.escape import clean
from gitbot.render.graph.drawn import Drawn, Kind

_CHARACTER: Final = 7.3
_PADDING: Final = 12
_HEIGHT: Final = 44
_BETWEEN: Final = 18
_GAP: Final = 70
_TITLE: Final = 34
_MARGIN: Final = 16
_LONGEST: Final = 60
_STYLE: Final = """
  text { font: 12px ui-monospace, monospace; fill: #1f2328; }
  .title { font-weight: bold; font-size: 14px; }
  .type { fill: #59636e; }
  rect { fill: #f6f8fa; stroke: #59636e; }
  .used { fill: none; stroke-dasharray: 4 3; }
  path { fill: none; stroke: #59636e; }
  marker path { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .type { fill: #9198a1; }
    rect { fill: #151b23; stroke: #9198a1; } path { stroke: #9198a1; } marker path { fill: #9198a1; }
  }
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a box is: its left upper corner and its width."""

    x: float
    y: float
    width: float


def svg(graphs: Iterable[Drawn]) -> str:
    """The picture. It needs no fonts, scripts or styles from elsewhere."""
    parts: list[str] = []
    top, widest = float(_MARGIN), 0.0
    for graph in graphs:
        places, right, bottom = _laid_out(graph, top + _TITLE)
        parts.append(
            f'<text class="title" x="{_MARGIN}" y="{top + 18:g}">{_text(graph.title)}</text>'
        )
        parts += _arrows(graph, places)
        parts += _boxes(graph, places)
        widest = max(widest, right, _MARGIN + len(graph.title) * _CHARACTER * 1.2)
        top = bottom + _BETWEEN
    size = f"{widest + _MARGIN:g} {top:g}"
    width, height = size.split()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {size}" role="img">\n<style>{_STYLE}</style>\n'
        '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _laid_out(graph: Drawn, top: float) -> tuple[dict[Address, _Place], float, float]:
    """The places of the boxes, and where they end on the right and at the bottom."""
    types = {box.address: box.about for box in graph.boxes}
    places: dict[Address, _Place] = {}
    x, right, bottom = float(_MARGIN), 0.0, top
    for column in _columns(graph.needs):
        width = max(_width(address, types[address]) for address in column)
        for row, address in enumerate(column):
            y = top + row * (_HEIGHT + _BETWEEN)
            places[address] = _Place(x, y, width)
            bottom = max(bottom, y + _HEIGHT)
        right = x + width
        x = right + _GAP
    return places, right, bottom


def _columns(needs: Mapping[Address, Sequence[Address]]) -> list[list[Address]]:
    """The resources by how far they are from what needs nothing, each beside what it needs."""
    columns: list[list[Address]] = []
    rows: dict[Address, int] = {}
    for level in levels(needs):
        # The mean row of what it needs: arrows cross less.
        means = {
            one: sum(rows[each] for each in needs[one]) / len(needs[one]) if needs[one] else 0.0
            for one in level
        }
        column = sorted(level, key=lambda one: (means[one], one))
        rows |= {address: row for row, address in enumerate(column)}
        columns.append(column)
    return columns


def _width(address: str, type_name: str) -> float:
    longest = max(len(_short(address)), len(_short(type_name)))
    return longest * _CHARACTER + 2 * _PADDING


def _boxes(graph: Drawn, places: Mapping[Address, _Place]) -> Iterator[str]:
    for box in graph.boxes:
        at = places[box.address]
        x = at.x + _PADDING
        ends = 'rx="6"' if box.kind is Kind.RESOURCE else f'rx="{_HEIGHT // 2}" class="used"'
        yield (
            f"<g><title>{_text(f'{box.address} {box.about}', 500)}</title>"
            f'<rect x="{at.x:g}" y="{at.y:g}" width="{at.width:g}" height="{_HEIGHT}" {ends}/>'
            f'<text x="{x:g}" y="{at.y + 18:g}">{_text(box.address)}</text>'
            f'<text class="type" x="{x:g}" y="{at.y + 35:g}">{_text(box.about)}</text></g>'
        )


def _arrows(graph: Drawn, places: Mapping[Address, _Place]) -> Iterator[str]:
    for address, needed in graph.needs.items():
        for one in needed:
            here, there = places[address], places[one]
            x1, y1 = here.x, here.y + _HEIGHT / 2
            x2, y2 = there.x + there.width, there.y + _HEIGHT / 2
            bend = max((x1 - x2) / 2, 20)
            yield (
                f'<path d="M{x1:g} {y1:g}C{x1 - bend:g} {y1:g} {x2 + bend:g} {y2:g} {x2:g} {y2:g}" '
                'marker-end="url(#to)"/>'
            )


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text(text: str, longest: int = _LONGEST) -> str:
    return html.escape(clean(_short(text, longest)))
