"""The job that wakes the applies and plans that a new tip makes necessary. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.drift.tip import tell_new_tip
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.promotion.waking import wake_promotions
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.wake import wake_all
from gitbot.model.keys import FollowTip


def follow_tip(ports: Ports, key: FollowTip) -> None:
    """Enqueue the applies and plans that the tip makes necessary, and keep the schedules as its
    rules want them. Safe to run twice or late."""
    seen = look(ports, key.repository)
    wake_all(ports, seen, why="")
    tell_new_tip(ports, seen)
    reschedule(ports, seen)
    wake_promotions(ports, seen, f"tip:{seen.tip}")
