"""Decides when freeze windows wake their job: at every instant at which one opens or closes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from gitbot.decisions.freeze.windows import open_times
from gitbot.model.desired import Environment
from gitbot.model.freeze import Window
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import At, Missed, Schedule, Work


def edges(
    rules: Environment, environment: EnvironmentKey, waiting: Collection[str], now: datetime
) -> Iterator[Schedule]:
    """The next edge of each window; none of one that is over. ``waiting`` are names of stacks."""
    for window in rules.freezes:
        span = next(open_times(window, now), None)
        if span is not None:
            opens = span.start > now
            yield Schedule(
                name=window.name,
                environment=environment,
                work=Work.FREEZE,
                when=At(instant=span.start if opens else span.end),
                why=_why(window, waiting, opens=opens),
                missed=Missed.LEVEL,
            )


def _why(window: Window, waiting: Collection[str], *, opens: bool) -> str:
    acts = ", ".join(sorted(act.value for act in window.acts))
    verb = "allows" if window.allows else "denies"
    edge = f"the window {window.name} that {verb} {acts} {'opens' if opens else 'closes'}"
    names = ", ".join(sorted(waiting))
    return f"{edge}; these wait: {names}" if names else edge
