"""Decides what is ahead of a stack that expires: when it is stopped, and when it is destroyed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gitbot.decisions.expiry.stages import Case, ends_at, notice_at, stop_at, unwarned_stop_at
from gitbot.model.expiry import Delivery, Outlook, Stage


def outlook(case: Case, warned_at: datetime | None) -> Outlook:
    """What is ahead of the stack once people have a warning that is delivered now.

    ``warned_at`` is now, or None when nobody who can read the warning is known.
    """
    if warned_at is not None:
        given = Delivery(
            expires_at=case.expiry.expires_at,
            threshold=case.rules.notice,
            delivered_at=warned_at,
        )
        case = replace(case, deliveries=(*case.deliveries, given))
    if case.expiry.stage is Stage.EXPIRED:
        return Outlook(stops_at=None, ends_at=ends_at(case))
    if notice_at(case) is None:
        return Outlook(stops_at=unwarned_stop_at(case), ends_at=None)
    stops = stop_at(case)
    return Outlook(stops_at=stops, ends_at=stops + case.rules.grace)


def ahead_of(case: Case, now: datetime) -> Outlook:
    """What is ahead of the stack if its warnings are delivered when they are due."""
    if case.expiry.ended or (case.expiry.stage is Stage.EXPIRED and not case.expiry.grace_from):
        return Outlook(stops_at=None, ends_at=None)
    due = max(now, case.expiry.expires_at - case.rules.notice)
    return outlook(case, due if notice_at(case) is None else None)
