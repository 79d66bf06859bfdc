"""Decides what the issue lists: applies that wait for a release and that no pull request shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitbot.model.runs import Run
from gitbot.model.values import sha256_hex


def to_list(held: Iterable[Run]) -> Mapping[str, Sequence[Run]]:
    """The held applies to list, by environment, each by the name of its stack.

    Those of a pull request are shown on that pull request.
    """
    found: dict[str, list[Run]] = {}
    for run in sorted(held, key=lambda run: run.stack):
        if run.pull_request is None:
            found.setdefault(run.stack.environment, []).append(run)
    return found


def listed(waiting: Mapping[str, Sequence[Run]]) -> str:
    """A hash of what is listed. It is the same while no digest changes, whatever the tip."""
    lines = [f"{run.stack}:{run.digest}" for runs in waiting.values() for run in runs]
    return sha256_hex("\n".join(sorted(lines)))


NOTHING = listed({})
"""The hash of an issue that lists nothing."""
