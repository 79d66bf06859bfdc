"""Decides whether a machine works, and how long that puts a stop off. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.language.time.instants import read_instant
from gitbot.model.hours import Busy, BusyMetric, Working
from gitbot.model.text_problem import TextProblemError

NOTICE = timedelta(minutes=30)
"""How long before a machine that works is stopped its people are told."""
LOOK_AGAIN = timedelta(minutes=5)
"""How soon a machine is looked at again that works, or that could not be started or stopped."""

CPU_METRIC = "CPUUtilization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stop is put off: ``until`` then at the longest, if the machine goes on working.

    ``again_at`` is when to look at it again. Its people know since ``noticed_at`` that it will be
    stopped although it works. ``notice``: they are to be told that now.
    """

    until: datetime
    again_at: datetime
    noticed_at: datetime | None
    notice: bool = False


def wait_for(
    busy: Busy | None,
    working: Working,
    *,
    due: datetime,
    noticed_at: datetime | None,
    now: datetime,
) -> Wait | None:
    """How a stop that was due at ``due`` is put off; None when the machine may be stopped now.

    A machine that works, or of which nobody knows, is left running as long as its ``busy`` allows,
    and then until its people have had their notice.
    """
    if busy is None or working is Working.IDLE:
        return None
    limit = due + busy.at_most
    if now < limit - NOTICE:
        again = min(now + LOOK_AGAIN, limit - NOTICE)
        return Wait(until=limit, again_at=again, noticed_at=noticed_at)
    end = max(limit, (noticed_at or now) + NOTICE)
    if now >= end:
        return None
    return Wait(
        until=end,
        again_at=min(now + LOOK_AGAIN, end),
        noticed_at=noticed_at or now,
        notice=noticed_at is None,
    )


def working_by_tag(text: str | None, now: datetime) -> Working:
    """What the tag ``gitbot:busy-until`` says; None when the machine has no such tag."""
    try:
        return Working.UNKNOWN if text is None else _before(now, read_instant(text.strip()))
    except TextProblemError:
        return Working.UNKNOWN


def working_by_metric(metric: BusyMetric, value: float | None, *, gpus: bool) -> Working:
    """What the metric says; ``value`` is None when CloudWatch has none.

    A processor that is idle says nothing about a machine with GPUs.
    """
    if value is None:
        return Working.UNKNOWN
    if value > metric.above:
        return Working.BUSY
    return Working.UNKNOWN if gpus and metric.name == CPU_METRIC else Working.IDLE


def _before(now: datetime, until: datetime) -> Working:
    return Working.BUSY if now < until else Working.IDLE
