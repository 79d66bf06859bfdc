"""Let objects of the local AWS pass through states, as those of AWS take time to. Pure.

By default an object has its last state at once. ``PASSING`` says how long it takes, and whether it
fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(slots=True)
class Passing:
    """How many calls that describe an object it stays in a passing state, from now on.

    With ``fails`` it then fails, for this reason.
    """

    describes: int = 0
    fails: str = ""


PASSING = Passing()


def hold(*, describes: int = 0, fails: str = "") -> None:
    """Set ``PASSING``."""
    PASSING.describes, PASSING.fails = describes, fails


def begin(one: Any, then: Callable[[str], None]) -> None:
    """Let the object be in a passing state; ``then`` ends it, with the reason for a failure or
    nothing."""
    one.passing = (PASSING.describes, PASSING.fails, then)
    if not PASSING.describes:
        end(one)


def end(one: Any) -> None:
    """End the passing state of the object."""
    _, fails, then = one.passing
    one.passing = None
    then(fails)


def described(one: Any) -> None:
    """Let time pass for the object: it was described."""
    if getattr(one, "passing", None) is None:
        return
    left, fails, then = one.passing
    one.passing = (left - 1, fails, then)
    if left <= 1:
        end(one)


def moving_on(collection: str) -> Callable[[Any], Any]:
    """Wraps a describing call of EC2: time passes for the objects in the collection of its backend."""

    def make(original: Any) -> Any:
        @wraps(original)
        def describe(self: Any) -> Any:
            for one in list(getattr(self.ec2_backend, collection).values()):
                described(one)
            return original(self)

        return describe

    return make


def pass_through(one: Any, state: str, then: Callable[[str], None]) -> None:
    """Let the object be in a state on its way to another; see ``begin``."""
    one.state = state
    begin(one, then)


def set_state(one: Any, state: str) -> Callable[[str], None]:
    """A ``then`` that only sets the state."""

    def then(_: str) -> None:
        one.state = state

    return then
