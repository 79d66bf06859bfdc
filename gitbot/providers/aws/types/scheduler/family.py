"""Say how EventBridge Scheduler names and refuses, for the types that are tables. Pure.

https://docs.aws.amazon.com/scheduler/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect

SCHEDULER = Dialect(
    service="scheduler", absent=frozenset({"ResourceNotFoundException"}), renames=True
)
TAKEN = frozenset({"ConflictException"})
