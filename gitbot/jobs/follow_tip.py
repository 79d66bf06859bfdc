"""The job that wakes whatever a new tip concerns: environments to apply, pull requests to plan again. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.wake import wake_all
from gitbot.model.keys import FollowTip


def follow_tip(ports: Ports, key: FollowTip) -> None:
    """Enqueue what the tip makes necessary. Safe to run twice or late."""
    wake_all(ports, look(ports, key.repository), why="")
