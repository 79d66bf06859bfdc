"""Write results as a table for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.measuring import Figure

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
    widths = [max(len(row[at]) for row in (_HEADS, *rows)) for at in range(len(_HEADS))]
    rule = ["-" * width for width in widths]
    return [_row(one, widths) for one in (_HEADS, rule, *rows)]


def _compared(tool: str, tools: Mapping[str, Figure]) -> bool:
    return PEER in tools and tool != PEER


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _time(wall_s: float) -> str:
    return f"{wall_s:.2f} s" if wall_s >= 0.1 else f"{wall_s * 1000:.2f} ms"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.0%}" if ours is not None and theirs else ""
