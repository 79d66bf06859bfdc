"""The job that wakes the applies and plans that a new tip makes necessary. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.wake import wake_all
from gitbot.model.keys import FollowTip


def follow_tip(ports: Ports, key: FollowTip) -> None:
    """Enqueue the applies and plans that the tip makes necessary. Safe to run twice or late."""
    wake_all(ports, look(ports, key.repository), why="")
