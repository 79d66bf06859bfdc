"""Say how the object of a creation is told from others when its reply was lost. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitbot.model.cloud import Operation
from gitbot.model.observed import Found
from gitbot.model.tags import OPERATION_TAG
from gitbot.providers.aws.tagging import found

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What was there before a call, and so which object it made: for calls that take neither tags nor a token.

    ``before`` returns what state keeps with the intent, as its receipt, ahead of the call; empty: nothing is needed.
    ``made`` returns the identifier of the object that the call made, by the operation's receipt, and None if it made
    none. It raises CloudError where nobody can tell.
    """

    before: Callable[[Connection, Operation], str]
    made: Callable[[Connection, Operation], str | None]

    def keep(self, aws: Connection, operation: Operation) -> None:
        """Let state keep what is there before the call."""
        if receipt := self.before(aws, operation):
            operation.accepted(receipt)

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        """The object that the operation's call made, with the operation as its owner. Raises as ``made``."""
        own = self.made(aws, operation) if operation.asked else None
        return found(own, {**operation.ownership, OPERATION_TAG: operation.token}) if own else None
