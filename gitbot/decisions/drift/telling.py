"""Decide what GitHub must be made to show of a row, one step after the other. Pure.

Each step may be repeated: it is decided from the row as it was last recorded, and from what GitHub
shows. The row is recorded after each step, so that a crash repeats one step at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from gitbot.model.drift import DriftRow, Finding, News, Phase
from gitbot.model.forge import CloseReason


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Open a new issue, or find the one that an earlier try opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowIssue:
    """Let the body of the issue ``number`` say what the row says; ``reopens`` it before."""

    number: int
    reopens: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Write this news on the issue ``number``."""

    number: int
    news: News


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIssue:
    """Let the body say how it ended, and close the issue ``number``."""

    number: int
    reason: CloseReason


Told: TypeAlias = ShowIssue | Comment | CloseIssue
Act: TypeAlias = OpenIssue | Told


def acts(row: DriftRow, *, may_open: bool) -> tuple[Act, ...]:
    """What to do on GitHub, in this order. ``may_open``: the row may have an issue of its own.

    A new issue is opened first: ask again after that.

    A row that waits or is over asks for nothing, so that it costs no call. Ask only after a scan that
    saw the stack: between scans, who closed an issue has not been heard yet.
    """
    if row.issue is None:
        return (OpenIssue(),) if row.phase is Phase.OPEN and may_open else ()
    comments = tuple(Comment(number=row.issue, news=each) for each in row.owed)
    if row.phase is Phase.OPEN:
        return (ShowIssue(number=row.issue, reopens=not row.shown_open), *comments)
    if row.shown_open and row.phase in (Phase.CLEAN, Phase.ARCHIVED):
        reason = row.closes_as or CloseReason.COMPLETED
        return (*comments, CloseIssue(number=row.issue, reason=reason))
    return comments


def opened(row: DriftRow, number: int, *, is_open: bool = True) -> DriftRow:
    """The row after its issue was opened, or one of an earlier try was found."""
    return replace(row, issue=number, shown_open=is_open)


def done(row: DriftRow, act: Told) -> DriftRow:
    """The row after the act."""
    match act:
        case ShowIssue():
            return replace(row, shown_open=True)
        case Comment(news=news):
            owed = tuple(each for each in row.owed if each.number != news.number)
            return replace(row, owed=owed, written=max(row.written, news.number))
        case CloseIssue():
            return replace(row, shown_open=False)
        case _:
            assert_never(act)


def rolled_up(rows: Sequence[DriftRow], most: int) -> tuple[DriftRow, ...]:
    """The rows that share one issue, because more than ``most`` need one; none otherwise.

    Rows that have an issue of their own keep it, and are listed too.
    """
    needing = tuple(
        row for row in rows if row.phase is Phase.OPEN and row.finding is not Finding.ROLL_UP
    )
    return needing if len(needing) > most else ()
