"""Hold objects of moto in a state on the way, for a number of calls that describe them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Holds:
    """For how many calls that describe them volumes, attachments, changes and snapshots stay on the
    way to what they become."""

    creating: int = 0
    attaching: int = 0
    detaching: int = 0
    modifying: int = 0
    snapshots: int = 0

    def hold(self, **calls: int) -> None:
        """Hold from now on for that many calls, and nothing else."""
        self.release()
        for name, number in calls.items():
            setattr(self, name, number)

    def release(self) -> None:
        """Hold nothing any more."""
        for each in fields(self):
            setattr(self, each.name, 0)


HOLDS = Holds()


def held(one: Any) -> str:
    """The state in which the object is held; empty when it is not."""
    return str(one.held[0]) if getattr(one, "held", None) else ""


def hold(one: Any, state: str, calls: int, then: Any = None) -> None:
    """Hold the object for that many calls; ``then`` is done when it is let go."""
    if calls:
        one.held = (state, calls, then)
    elif then is not None:
        then()


def pass_time(one: Any) -> None:
    """One more call has described the object."""
    if not getattr(one, "held", None):
        return
    state, left, then = one.held
    one.held = (state, left - 1, then) if left else None
    if left == 0 and then is not None:
        then()
