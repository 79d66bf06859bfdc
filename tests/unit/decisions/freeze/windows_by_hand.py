"""Plain factories for freeze windows."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitbot.language.time.cron import read_cron
from gitbot.model.durations import duration_words
from gitbot.model.freeze import Act, Once, Repeats, Window
from gitbot.model.time import Cron


def at(text: str) -> datetime:
    """The instant in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def a_window(
    name: str,
    verb: str,
    cron: str,
    hours: float,
    *,
    timezone: str = "UTC",
    stacks: tuple[str, ...] = ("*",),
) -> Window:
    """A window for applies that repeats."""
    lasts = timedelta(hours=hours)
    return Window(
        name=name,
        allows=verb == "allow",
        acts=frozenset({Act.APPLY}),
        opens=Repeats(
            cron=Cron(expression=cron, timezone=timezone, fields=read_cron(cron)), lasts=lasts
        ),
        stacks=stacks,
        text=f"{cron} for {duration_words(lasts)} ({timezone})",
    )


def once(name: str, verb: str, start: str, end: str, *, stacks: tuple[str, ...] = ("*",)) -> Window:
    """A window for applies that is open once. The times are in UTC."""
    return Window(
        name=name,
        allows=verb == "allow",
        acts=frozenset({Act.APPLY}),
        opens=Once(start=at(start), end=at(end)),
        stacks=stacks,
        text=f"{start} to {end} (UTC)",
    )
