"""Write results as a table for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.measuring import Figure
from gitbot.model.store_cost import StoreCost

PEER = "terraform"
_HEADS = (
    "scenario",
    "tool",
    "wall time",
    "of peer",
    "CPU time",
    "API calls",
    "of peer",
    "peak memory",
)


def lines(results: Mapping[str, Mapping[str, Figure]]) -> Sequence[str]:
    """The lines of a Markdown table: a row for each scenario and tool, with the ratios to
    Terraform."""
    rows = [
        (
            scenario,
            tool,
            _time(figure.wall_s),
            _ratio(figure.wall_s, tools[PEER].wall_s) if _compared(tool, tools) else "",
            "" if figure.cpu_s is None else _time(figure.cpu_s),
            "" if figure.calls is None else f"{figure.calls:,}",
            _ratio(figure.calls, tools[PEER].calls) if _compared(tool, tools) else "",
            "" if figure.peak_rss_mb is None else f"{figure.peak_rss_mb:,.0f} MB",
        )
        for scenario, tools in results.items()
        for tool, figure in tools.items()
    ]
    return _aligned(_HEADS, rows)


def lines_by_size(results: Mapping[str, Mapping[str, Figure]]) -> Sequence[str]:
    """Markdown: a row for each measurement, without the scenario before its name, and a column for
    each size; the processor time in milliseconds, calls to GitHub, statements to the database."""
    sizes = tuple(dict.fromkeys(size for figures in results.values() for size in figures))
    rows = [
        (
            name.partition(": ")[2],
            *(_costs(figures[size]) if size in figures else "" for size in sizes),
        )
        for name, figures in results.items()
    ]
    return _aligned(("CPU ms, calls, statements", *sizes), rows)


def lines_of_costs(results: Mapping[str, Mapping[str, StoreCost]]) -> Sequence[str]:
    """Markdown: what state in a bucket cost, a row for each scenario and tool."""
    rows = [
        (
            scenario,
            tool,
            *(f"{each:,}" for each in (cost.requests, cost.reads, cost.writes, cost.lists)),
            *(f"{each / 1000:,.1f} kB" for each in (cost.bytes_sent, cost.bytes_received)),
        )
        for scenario, tools in results.items()
        for tool, cost in tools.items()
    ]
    heads = ("scenario", "tool", "requests", "reads", "writes", "lists", "sent", "received")
    return _aligned(heads, rows)


def _costs(figure: Figure) -> str:
    counts = [each for each in (figure.calls, figure.queries) if each is not None]
    return ", ".join([f"{(figure.cpu_s or 0.0) * 1000:,.1f}", *(f"{each:,}" for each in counts)])


def _aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    rule = ["-" * width for width in widths]
    return [_row(one, widths) for one in (heads, rule, *rows)]


def _compared(tool: str, tools: Mapping[str, Figure]) -> bool:
    return PEER in tools and tool != PEER


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _time(wall_s: float) -> str:
    return f"{wall_s:.2f} s" if wall_s >= 0.1 else f"{wall_s * 1000:.2f} ms"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.0%}" if ours is not None and theirs else ""
