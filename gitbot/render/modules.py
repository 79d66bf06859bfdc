"""Renders which environment uses which module from where, for the terminal and for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.model.desired import ModuleUse
from gitbot.model.modules import ModuleLine
from gitbot.model.values import Json
from gitbot.render.terminal import Line

_HEADS = ("environment", "module", "from", "behind", "stacks")


def module_table(lines: Sequence[ModuleLine]) -> list[Line]:
    """A table with a line for each module of each environment."""
    if not lines:
        return [Line("No stack uses a module.")]
    rows = [_HEADS, *(_cells(one) for one in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADS))]
    texts = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    styles = ["bold", *("yellow" if one.differs else "" for one in lines)]
    return [Line(text, style) for text, style in zip(texts, styles, strict=True)]


def _cells(line: ModuleLine) -> tuple[str, ...]:
    return (
        line.environment,
        line.use.name,
        _place(line.use),
        _behind(line),
        ", ".join(line.stacks),
    )


def _place(use: ModuleUse) -> str:
    if use.tag:
        return f"{use.tag} ({use.commit[:12]})"
    if use.commit:
        return use.commit[:12]
    return "gitbot" if use.name.startswith("gitbot/") else "here"


def _behind(line: ModuleLine) -> str:
    if not line.differs:
        return "-"
    number = len(line.missed)
    return f"{number} commit{'' if number == 1 else 's'}" if number else "not committed"


def module_data(lines: Sequence[ModuleLine]) -> list[Mapping[str, Json]]:
    """The same for programs. ``commit`` and ``tag`` are null for a module of the specs' own commit."""
    return [
        {
            "environment": one.environment,
            "module": one.use.name,
            "tag": one.use.tag or None,
            "commit": one.use.commit or None,
            "stacks": list(one.stacks),
            "behind": one.differs,
            "missed": [str(commit) for commit in one.missed],
        }
        for one in lines
    ]
