"""Keep the requests of the Cloud Control API and let them go on. Shell.

A request changes its object when it ends, but a create makes its object at once: so it is on AWS,
where a log group is there before the request for it has succeeded. Whoever looks at a request
brings it on: its progress does not depend on a thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gitbot_sandbox.aws.faults import Fault

KEPT = timedelta(days=7)
"""How long requests are known:
https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ListResourceRequests.html"""
TOKEN_HOLDS = timedelta(hours=36)
"""How long a client token stands for its request:
https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html"""
IN_PROGRESS = "IN_PROGRESS"
_OPEN = frozenset({"PENDING", IN_PROGRESS, "CANCEL_IN_PROGRESS"})


@dataclass(slots=True, kw_only=True)
class Request:
    """One request. ``said`` is all that the caller said, for the comparison of client tokens.

    ``told``: whether events name the object already; the first look tells it. ``left`` are the looks that still find it in progress, ``until_s`` is the monotonic time before
    which it does not end. ``deed`` changes the object; it is called once, when the request ends
    well. ``error`` and ``message`` say how it ends otherwise.
    """

    token: str
    type_name: str
    operation: str
    began: datetime
    said: tuple[str, ...]
    identifier: str = ""
    left: int = 0
    until_s: float = 0.0
    deed: Callable[[], object] = lambda: None
    error: str = ""
    message: str = ""
    status: str = IN_PROGRESS
    told: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in _OPEN

    def look(self) -> None:
        """Go on by one step; the request ends when nothing holds it any more."""
        if not self.is_open:
            return
        self.told = True
        if self.status == "CANCEL_IN_PROGRESS":
            self.status = "CANCEL_COMPLETE"
            return
        if self.left > 0:
            self.left -= 1
            return
        if time.monotonic() < self.until_s:
            return
        if self.error:
            self.status = "FAILED"
            return
        self.deed()
        self.status = "SUCCESS"

    def slow_down(self, fault: Fault) -> None:
        """Go on as the fault says."""
        self.left = fault.polls
        self.until_s = time.monotonic() + fault.seconds

    def fail(self, error: str, message: str) -> None:
        """End badly, after whatever holds the request."""
        self.error, self.message = error, message

    def event(self) -> Mapping[str, Any]:
        """The ``ProgressEvent``.

        https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ProgressEvent.html
        """
        shown: dict[str, Any] = {
            "TypeName": self.type_name,
            "RequestToken": self.token,
            "Operation": self.operation,
            "OperationStatus": self.status,
            "EventTime": self.began.timestamp(),
        }
        if self.identifier and self.told:
            shown["Identifier"] = self.identifier
        if self.is_open and (left_s := self.until_s - time.monotonic()) > 0:
            shown["RetryAfter"] = time.time() + min(left_s, 5.0)
        if self.status == "FAILED":
            shown |= {"ErrorCode": self.error, "StatusMessage": self.message}
        return shown
