"""Put what several threads ask about single objects into one call. Shell.

An apply makes, reads and deletes many objects of a kind at about the same time, each in a thread of its own. One call
that describes many objects serves them all.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, TypeVar

from gitbot.errors import GitbotError
from gitbot.providers.aws.waiting import wait_of_thread

T = TypeVar("T")

WINDOW_S = 1.0
"""How long a question waits at most for the ends of the calls that were under way when it came."""
AFTER_S = 0.05
"""How long it waits for a question of whoever made one of these."""
_OPEN = "gitbot_under_way"
"""Marks the context of a call that is counted."""


@dataclass(slots=True)
class _Round:
    """The questions that one call answers. ``answer`` has the answer, and is empty until then or without one."""

    items: set[str] = field(default_factory=set)
    began: float = 0.0
    answer: list[Any] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


class Gathering:
    """Gathers questions of one connection. Safe to use from many threads.

    Whoever asks alone does not wait: a question waits for the ends of calls that are under way, after which the same may
    be asked. Threads that wait for objects ask for each other: each call is about all objects that are waited for.
    """

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._calls: set[int] = set()
        self._numbers = count()
        self._rounds: dict[Hashable, _Round] = {}
        self._watched: dict[Hashable, Counter[str]] = {}
        self._told: dict[Hashable, _Round] = {}

    def attach(self, client: Any) -> None:
        """Count the calls of a client as under way; the events are those of ``telling``."""
        service = str(client.meta.service_model.service_id.hyphenize())
        events = client.meta.events
        events.register(f"before-call.{service}", self._began)
        events.register(f"after-call.{service}", self._ended)
        events.register(f"after-call-error.{service}", self._ended)

    def _began(self, context: dict[str, Any], **_: Any) -> None:
        context[_OPEN] = number = next(self._numbers)
        with self._moved:
            self._calls.add(number)

    def _ended(self, context: dict[str, Any], **_: Any) -> None:
        number = context.pop(
            _OPEN, None
        )  # an error after the answer was read comes here a second time
        with self._moved:
            self._calls.discard(number)
            self._moved.notify_all()

    def ask(self, question: Hashable, item: str, answer: Callable[[Sequence[str]], T]) -> T:
        """What ``answer`` returns for this item, and for those of whoever asks the same question meanwhile.

        The call begins after this one, so that the answer is not older than the question; in a wait, not older than
        ``Wait.since``. Where a call for several items fails, each is asked alone. Raises what ``answer`` raises.
        """
        since = self._watch(question, item)
        with self._moved:
            told = self._told.get(question)
            if told is not None and told.began >= since and item in told.items:
                return told.answer[0]  # type: ignore[no-any-return]
            mine = self._rounds.setdefault(question, _Round())
            leads = not mine.items
            mine.items.add(item)
        if leads:
            self._answer(question, mine, answer)
        mine.ended.wait()
        return mine.answer[0] if mine.answer else answer([item])

    def _answer(
        self, question: Hashable, mine: _Round, answer: Callable[[Sequence[str]], Any]
    ) -> None:
        """Wait for others, and ask for all. Whatever happens, nobody waits for an answer that does not come."""
        try:
            self._close(question, mine)
            mine.began = time.monotonic()
            mine.answer.append(answer(sorted(mine.items)))
        except GitbotError:
            if len(mine.items) == 1:
                raise
        finally:
            mine.ended.set()
        with self._moved:
            if mine.answer and question in self._watched:
                self._told[question] = mine

    def _close(self, question: Hashable, mine: _Round) -> None:
        with self._moved:
            before = frozenset(self._calls)
            try:
                if before:
                    self._moved.wait_for(lambda: before.isdisjoint(self._calls), WINDOW_S)
                    self._moved.wait_for(lambda: False, AFTER_S)
            finally:
                del self._rounds[question]
            mine.items.update(self._watched.get(question, ()))

    def _watch(self, question: Hashable, item: str) -> float:
        """The time since when an answer is new enough. In a wait, all calls are about the item until it is over."""
        wait = wait_of_thread()
        if wait is None:
            return float("inf")
        if (question, item) not in wait.over:
            with self._moved:
                self._watched.setdefault(question, Counter())[item] += 1
            wait.over[question, item] = partial(self._unwatch, question, item)
        return wait.since

    def _unwatch(self, question: Hashable, item: str) -> None:
        with self._moved:
            watched = self._watched[question]
            watched[item] -= 1
            if not watched[item]:
                del watched[item]
            if not watched:
                del self._watched[question]
                self._told.pop(question, None)
