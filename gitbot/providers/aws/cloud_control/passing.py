"""Failures of Cloud Control that pass by themselves. Pure.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
"""

from __future__ import annotations

from typing import Final

from gitbot.providers.aws.passing import Passing, Stage

_ALWAYS: Final = frozenset(Stage)

CLOUD_CONTROL: Final = (
    Passing(
        codes=frozenset({"ConcurrentOperationException", "ConcurrentModificationException"}),
        stages=_ALWAYS,
        why="AWS is still busy with an earlier request for the object",
        within_s=600.0,
    ),
    Passing(
        codes=frozenset({"Throttling"}),
        stages=_ALWAYS,
        why="the service asks for fewer requests",
        within_s=120.0,
    ),
    Passing(
        codes=frozenset(
            {
                "HandlerInternalFailureException",
                "InternalFailure",
                "NetworkFailure",
                "NetworkFailureException",
                "ServiceInternalError",
                "ServiceInternalErrorException",
            }
        ),
        stages=_ALWAYS,
        why="the service had an internal error",
        within_s=60.0,
    ),
    Passing(
        codes=frozenset({"GeneralServiceException"}),
        stages=_ALWAYS,
        why="the service does not say what is wrong, and may take it later",
        within_s=15.0,
    ),
)
"""Codes of refused calls, and of requests that failed."""
