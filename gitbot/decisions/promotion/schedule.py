"""Says when promotions into an environment are looked at again. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.model.promotion import PromotionRow
from gitbot.model.time import At, Missed, Schedule, Work


def schedules_of(rows: Iterable[PromotionRow]) -> tuple[Schedule, ...]:
    """One schedule for each stack whose gates open at a known time."""
    return tuple(
        Schedule(
            name=row.stack,
            environment=row.target,
            work=Work.PROMOTION,
            when=At(instant=row.wake_at),
            why=row.why,
            missed=Missed.LEVEL,
        )
        for row in rows
        if row.wake_at is not None
    )
