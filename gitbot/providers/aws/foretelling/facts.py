"""Ask AWS each thing once, however many plans of a run want to know it. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from gitbot.errors import GitbotError

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

T = TypeVar("T")


class Facts:
    """What AWS told about one account and region. Lives as long as a run; safe to use from many threads."""

    def __init__(self, aws: Connection, applies_as: Callable[[], str]) -> None:
        """``applies_as`` returns the ARN of whom applies act as; empty where nobody knows."""
        self.aws = aws
        self.applies_as = applies_as
        self._lock = threading.Lock()
        self._told: dict[Hashable, Future[Any]] = {}

    def once(self, key: Hashable, ask: Callable[[Connection], T]) -> T:
        """What ``ask`` returned, or raised, when it was first called for the key."""
        with self._lock:
            known = self._told.get(key)
            told = self._told.setdefault(key, Future())
        if known is None:
            try:
                told.set_result(ask(self.aws))
            except GitbotError as error:
                told.set_exception(error)
            except BaseException as error:
                told.set_exception(error)
                raise
        answer: T = told.result()
        return answer

    def each(
        self, kind: str, items: Collection[str], ask: Callable[[Connection, str], T]
    ) -> Mapping[str, T]:
        """What ``ask`` returns for each item, side by side, with one call for each."""
        wanted = sorted(set(items))
        told = self.aws.each(
            lambda item: self.once((kind, item), lambda aws: ask(aws, item)), wanted
        )
        return dict(zip(wanted, told, strict=True))

    def together(
        self,
        kind: str,
        items: Collection[str],
        ask: Callable[[Connection, Collection[str]], Mapping[str, T]],
    ) -> Mapping[str, T]:
        """What ``ask`` returns for the items, in one call for all that nobody has asked about yet.

        What AWS does not know is missing.
        """
        with self._lock:
            fresh = sorted({item for item in items if (kind, item) not in self._told})
            asked: Future[Mapping[str, T]] = Future()
            self._told.update({(kind, item): asked for item in fresh})
            asking = {item: self._told[kind, item] for item in items}
        if fresh:
            try:
                asked.set_result(ask(self.aws, fresh))
            except GitbotError as error:
                asked.set_exception(error)
            except BaseException as error:
                asked.set_exception(error)
                raise
        told = {item: answer.result() for item, answer in asking.items()}
        return {item: answer[item] for item, answer in told.items() if item in answer}
