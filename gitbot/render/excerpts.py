"""Finds the lines of specs to show under diagnostics. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.model.tree import TreeEntry
from gitbot.render.views import EnvironmentPlanView


def excerpts(
    entries: Mapping[str, TreeEntry],
    environments: Iterable[EnvironmentPlanView],
    covered: Mapping[str, Iterable[tuple[int, int]]],
) -> Mapping[tuple[str, int], str]:
    """The lines that the diagnostics of the environments point to, by (file, line).

    For a problem inside of a module that is its line, and the one that uses the module.

    ``covered`` maps a file to the first and last lines of parts that are left out, because they
    hold sensitive values.
    """
    wanted = {
        (span.file, span.line)
        for environment in environments
        for found in (
            *environment.diagnostics,
            *(problem for stack in environment.stacks for problem in stack.problems),
        )
        for span in (found.span, *found.used_at[-1:], *found.used_at[:1])
    }
    lines = {}
    for file in {file for file, _ in wanted}:
        entry = entries.get(file)
        if entry is None or entry.content is None:
            continue
        text = entry.content.decode(errors="replace").splitlines()
        hidden = tuple(covered.get(file, ()))
        for name, number in wanted:
            if any(first <= number <= last for first, last in hidden):
                continue
            if name == file and 0 < number <= len(text):
                lines[(name, number)] = text[number - 1]
    return lines
