"""Gathers what several threads wish to change, so that one entry of the journal has all of it. Pure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from gitbot.adapters.object_store.folding import View
from gitbot.adapters.object_store.journal import Change
from gitbot.errors import GitbotError, InvariantError
from gitbot.model.names import StackId
from gitbot.model.recorded import RecordedStack

Wish: TypeAlias = Callable[[View], Sequence[Change]]
"""Says what to change in the view that it gets. It may be asked again with another one."""


@dataclass(slots=True)
class Wished:
    """A wish and what became of it: the states after it, or why it was not done."""

    wish: Wish
    done: bool = False
    states: Mapping[StackId, RecordedStack] = field(default_factory=dict)
    error: GitbotError | None = None

    def result(self) -> Mapping[StackId, RecordedStack]:
        """The states after the change. Raises why it was not done."""
        if self.error is not None:
            raise self.error
        return self.states


class Wishes:
    """The wishes of threads that wait. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Wished] = []

    def add(self, wish: Wish) -> Wished:
        """Let this wish wait for whoever takes all of them."""
        wished = Wished(wish)
        with self._lock:
            self._waiting.append(wished)
        return wished

    @contextmanager
    def all(self) -> Iterator[Sequence[Wished]]:
        """All that wait, in their order; none waits any more. They are done at the end of the block."""
        with self._lock:
            found, self._waiting = self._waiting, []
        written = False
        try:
            yield found
            written = True
        finally:
            for one in found:
                if not written:
                    one.error = InvariantError("A change beside this one broke their common entry.")
                one.done = True


def drafted(view: View, wishes: Sequence[Wished]) -> Sequence[Change]:
    """What the wishes change, one after the other; each learns the states after it, or its error."""
    draft = replace(view, states=dict(view.states))
    made: list[Change] = []
    for one in wishes:
        one.error = None
        try:
            changes = one.wish(draft)
        except GitbotError as error:
            one.error = error
            continue
        for stack, _, after in changes:
            if after is None:
                draft.states.pop(stack, None)
            else:
                draft.states[stack] = after
        one.states = dict(draft.states)
        made += changes
    return made


def failed(wishes: Sequence[Wished], error: GitbotError) -> None:
    """Tell all whose wish was fine that it is not, or not surely, done."""
    for one in wishes:
        one.error = one.error or error
