"""The job that runs when a window opens or closes, or something happens to a freeze by hand. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.expiry.wake import wake_expiry
from gitbot.jobs.steps.frozen_applies import wake_unfrozen
from gitbot.jobs.steps.frozen_issues import keep_frozen_issue
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.schedules import reschedule
from gitbot.model.keys import OpenWindows
from gitbot.model.time import Work


def open_windows(ports: Ports, key: OpenWindows) -> None:
    """Wake the apply and the expiry of what is not frozen any more; then wait for the next edge.

    The issue of a freeze that stands is opened again. Safe to run twice, late or early: the apply itself asks again whether it is frozen.
    """
    seen = look(ports, key.repository)
    wake_unfrozen(ports, seen, key.environment, why=key.reason)
    wake_expiry(ports, seen, key.environment, key.reason)
    reschedule(ports, seen, works=[Work.FREEZE], environment=key.environment)
    keep_frozen_issue(ports, seen, key.environment)
