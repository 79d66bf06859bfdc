"""Refuse a conditional write of an object that another write is changing, as S3 does. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gitbot_sandbox.aws.faults import Fault, FaultKind

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CONFLICT = Fault(
    kind=FaultKind.ERROR,
    status=409,
    code="ConditionalRequestConflict",
    message="The conditional request cannot succeed due to a conflicting operation against this resource.",
)
_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")


class Conflicts:
    """Which objects of S3 are being written. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing: dict[str, int] = {}

    @contextmanager
    def written(self, service: str, environ: WSGIEnvironment) -> Iterator[bool]:
        """Whether the request is to be refused, for as long as it takes."""
        if service != "s3" or environ["REQUEST_METHOD"] not in ("PUT", "DELETE"):
            yield False
            return
        name = f"{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '/')}"
        with self._lock:
            others = self._writing.get(name, 0)
            refused = others > 0 and any(one in environ for one in _CONDITIONS)
            if not refused:
                self._writing[name] = others + 1
        try:
            yield refused
        finally:
            if not refused:
                with self._lock:
                    self._writing[name] -= 1
                    if not self._writing[name]:
                        del self._writing[name]
