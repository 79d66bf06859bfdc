"""Let moto's objects pass through states, and answer a repeated creation by the first one. Shell.

moto's objects of EC2's network are made and deleted at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError


def begin(thing: Any, passing: str, done: Callable[[], None]) -> None:
    """Put the object into a passing state, until it has been described once; ``done`` ends it."""
    thing.state, thing.done, thing.described = passing, done, False


def move_on(things: Iterable[Any]) -> None:
    """End the passing states of all objects that have been described in them."""
    for thing in list(things):
        done = getattr(thing, "done", None)
        if done is None:
            continue
        if thing.described:
            thing.done = None
            done()
        thing.described = True


def set_state(thing: Any, state: str) -> Callable[[], None]:
    """A ``done`` that only sets the state."""

    def done() -> None:
        thing.state = state

    return done


def moving_on(collection: str) -> Any:
    """Wraps a describing call of a response class: time passes for the objects in the collection."""

    def make(original: Any) -> Any:
        @wraps(original)
        def describe(self: Any) -> Any:
            move_on(getattr(self.ec2_backend, collection).values())
            return original(self)

        return describe

    return make


def once_by_token(original: Any) -> Any:
    """Defect: ClientToken is ignored, so a retried creation makes a second object.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """

    @wraps(original)
    def create(self: Any) -> Any:
        token = self._get_param("ClientToken")
        if not token:
            return original(self)
        answers = self.ec2_backend.__dict__.setdefault("answers_by_token", {})
        asked = repr(sorted((name, str(value)) for name, value in self.data.items()))
        before, answer = answers.get((original.__name__, token), (asked, None))
        if before != asked:
            raise EC2ClientError(
                "IdempotentParameterMismatch",
                "The client token was used before with other parameters.",
            )
        if answer is None:
            answer = original(self)
            answers[original.__name__, token] = (asked, answer)
        return answer

    return create
