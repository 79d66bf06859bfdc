"""Decides what the freeze windows of an environment say of an act now. Pure.

A window is open from its start until just before its end. An open window that denies the act wins.
Where windows allow it, one of them must be open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from heapq import merge
from itertools import islice

from gitbot.decisions.time.cron import Span, spans
from gitbot.model.desired import Environment
from gitbot.model.freeze import Act, Once, Verdict, Window
from gitbot.model.names import written_name
from gitbot.render.instants import instant_words

LOOKS_AHEAD = timedelta(days=400)
"""How far ahead to look for an end. A window of every year is found."""

MOST_EDGES = 10_000
"""How many beginnings and ends of windows to look at: those of six a day for ``LOOKS_AHEAD``, and more.

Windows that take turns every minute have a million of them.
"""


def window_verdict(rules: Environment, act: Act, stack: str, now: datetime) -> Verdict:
    """Whether the windows of the environment allow the act on the stack of this name.

    ``next_open`` and ``next_close`` are None where there is none within ``LOOKS_AHEAD``, or where
    more than ``MOST_EDGES`` come before.
    """
    windows = matching(rules.freezes, act, stack)
    if not windows:
        return Verdict(allowed=True)
    sweep = _Sweep(windows=windows)
    turns = iter(sweep.turns(now))
    allowed = sweep.allowed
    why = "" if allowed else _why(rules, act, sweep, now)
    first, second = next(turns, None), next(turns, None)
    if allowed:
        return Verdict(allowed=True, next_close=first)
    return Verdict(allowed=False, why=why, next_open=first, next_close=second)


def matching(windows: Iterable[Window], act: Act, stack: str) -> tuple[Window, ...]:
    """The windows that speak of the act on the stack."""
    return tuple(
        window for window in windows if act in window.acts and _is_named(stack, window.stacks)
    )


def _is_named(stack: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the stack; the name in its spec stands for it in every region."""
    names = {stack, written_name(stack)}
    return any(fnmatchcase(name, each) for name in names for each in patterns)


def standing_in_the_way(
    windows: Iterable[Window], act: Act, stack: str, now: datetime
) -> tuple[Window, ...]:
    """The windows that forbid it now: those that deny it, or all that allow it and are not open."""
    found = matching(windows, act, stack)
    denying = tuple(each for each in found if not each.allows and is_open(each, now))
    allowing = tuple(each for each in found if each.allows)
    if any(is_open(each, now) for each in allowing):
        return denying
    return (*denying, *allowing)


def is_open(window: Window, now: datetime) -> bool:
    """Whether the window is open at ``now``."""
    first = next(open_times(window, now), None)
    return first is not None and first.start <= now


def open_times(window: Window, since: datetime) -> Iterator[Span]:
    """When it is open, in order, from the first time that ends after ``since``.

    Times that overlap or touch are one. One that goes on for longer than ``LOOKS_AHEAD`` ends there
    or later.
    """
    if isinstance(window.opens, Once):
        if window.opens.end > since:
            yield Span(start=window.opens.start, end=window.opens.end)
        return
    waiting: Span | None = None
    for span in spans(window.opens.cron, window.opens.lasts, since, since + LOOKS_AHEAD):
        # Times that do not touch by the clock do when clocks skip what lies between them.
        if waiting is not None and span.start <= waiting.end:
            waiting = Span(start=waiting.start, end=span.end)
            continue
        if waiting is not None:
            yield waiting
        waiting = span
    yield from filter(None, [waiting])


@dataclass(slots=True, kw_only=True)
class _Sweep:
    """Follows the windows through time. ``open`` has the numbers of those that are open."""

    windows: Sequence[Window]
    open: set[int] = field(default_factory=set)

    @property
    def allowed(self) -> bool:
        """Whether what is open now allows the act."""
        allowing = [number for number, window in enumerate(self.windows) if window.allows]
        if any(number not in allowing for number in self.open):
            return False
        return not allowing or any(number in self.open for number in allowing)

    def turns(self, now: datetime) -> Iterator[datetime]:
        """The instants after ``now`` at which the answer changes.

        When this is asked for the first time, ``open`` is already that of ``now``.
        """
        merged = merge(*(self._edges(number, now) for number in range(len(self.windows))))
        edges = islice(merged, MOST_EDGES)
        later = self._read_until(edges, now)
        return islice(self._follow(later, edges, now + LOOKS_AHEAD), 2)

    def _edges(self, number: int, since: datetime) -> Iterator[tuple[datetime, int, bool]]:
        for span in open_times(self.windows[number], since):
            yield span.start, number, True
            yield span.end, number, False

    def _read_until(
        self, edges: Iterator[tuple[datetime, int, bool]], now: datetime
    ) -> tuple[datetime, int, bool] | None:
        """Take in what has happened up to ``now``; returns the first edge after it."""
        for edge in edges:
            if edge[0] > now:
                return edge
            self._take(edge)
        return None

    def _follow(
        self,
        edge: tuple[datetime, int, bool] | None,
        edges: Iterator[tuple[datetime, int, bool]],
        until: datetime,
    ) -> Iterator[datetime]:
        before = self.allowed
        while edge is not None and edge[0] <= until:
            at = edge[0]
            while edge is not None and edge[0] == at:
                self._take(edge)
                edge = next(edges, None)
            if self.allowed != before:
                before = self.allowed
                yield at

    def _take(self, edge: tuple[datetime, int, bool]) -> None:
        _, number, opens = edge
        if opens:
            self.open.add(number)
        else:
            self.open.discard(number)


def _why(rules: Environment, act: Act, sweep: _Sweep, now: datetime) -> str:
    denying = [sweep.windows[n] for n in sorted(sweep.open) if not sweep.windows[n].allows]
    if denying:
        words = (_until(rules, window, now) for window in denying)
        verb = "denies" if len(denying) == 1 else "deny"
        return f"{' and '.join(words)} of {rules.name} {verb} {act.value}"
    names = " or ".join(
        f"`{window.name}` ({window.text})" for window in sweep.windows if window.allows
    )
    return f"{rules.name} allows {act.value} only in the window {names}"


def _until(rules: Environment, window: Window, now: datetime) -> str:
    end = next(open_times(window, now)).end
    words = f"open until {instant_words(end, rules.timezone)}"
    if end > now + LOOKS_AHEAD and not isinstance(window.opens, Once):
        words = "open for more than a year"
    return f"the window `{window.name}` ({words})"
