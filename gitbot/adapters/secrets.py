"""Remembers the sensitive values of the loaded specs, and hides them in errors and logs. Shell.

It is for texts that only inform. What people agree to, such as a plan, is filtered with the secrets
of its own specs: otherwise a pull request could hide a part of another one's plan.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gitbot.model.secrets import Secrets

_MOST = 5_000


class KnownSecrets:
    """The sensitive values that were seen last. Thread-safe.

    Those of unreviewed specs never take the place of others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[bool, OrderedDict[str, None]] = {
            True: OrderedDict(),
            False: OrderedDict(),
        }
        self._secrets = Secrets()
        self._passing: list[Secrets] = []

    def learn(self, secrets: Secrets, *, reviewed: bool) -> None:
        """Remember these, and forget the oldest when there are too many."""
        if not secrets.texts:
            return
        with self._lock:
            kept = self._texts[reviewed]
            for text in sorted(secrets.texts):
                kept[text] = None
                kept.move_to_end(text)
            while len(kept) > _MOST:
                kept.popitem(last=False)
            texts = frozenset(text for known in self._texts.values() for text in known)
            if texts != self._secrets.texts:
                self._secrets = Secrets(texts=texts)

    def hide(self, text: str) -> str:
        """The text with ``(sensitive)`` in place of every remembered value."""
        for secrets in tuple(self._passing):
            text = secrets.hide(text)
        return self._secrets.hide(text)

    @contextmanager
    def hiding(self, secrets: Secrets) -> Iterator[None]:
        """Hide these too while the block lasts, and forget them with its end."""
        with self._lock:
            self._passing.append(secrets)
        try:
            yield
        finally:
            with self._lock:
                self._passing = [one for one in self._passing if one is not secrets]


@contextmanager
def hiding_in_logs(hide: Callable[[str], str]) -> Iterator[None]:
    """Filter everything that the root logger's handlers write within the block."""
    handlers = [(handler, handler.formatter) for handler in logging.getLogger().handlers]
    for handler, formatter in handlers:
        handler.setFormatter(_HidingFormatter(formatter or logging.Formatter(), hide))
    try:
        yield
    finally:
        for handler, formatter in handlers:
            handler.setFormatter(formatter)


class _HidingFormatter(logging.Formatter):
    """Hides values in the whole line of a record, tracebacks included."""

    def __init__(self, inner: logging.Formatter, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._inner = inner
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """The line of the record."""
        return self._hide(self._inner.format(record))
