"""Read what time it is for expiry, so that a clock that jumped takes no notice from people. Shell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.jobs.steps.look import Ports

AGREE = timedelta(seconds=5)
"""Two clocks that are no further apart agree: what is due at an instant is then due at both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now, by two clocks: that of the server and that of GitHub, moved as far as the calendar is.

    What ends something asks the ``earliest``; what begins a span of time records the ``latest``. So
    no span is ever shorter than it should be.
    """

    earliest: datetime
    latest: datetime


def read_moment(ports: Ports) -> Moment:
    """The present time by both clocks. Ask after GitHub has answered: its clock is in its answers."""
    now = ports.engine.calendar.now()
    by_github = ports.forges.now() + (now - ports.clock.now())
    if abs(by_github - now) <= AGREE:
        return Moment(earliest=now, latest=now)
    return Moment(earliest=min(now, by_github), latest=max(now, by_github))
