"""The port to the rows of expiry. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from gitbot.model.expiry import Delivery, Expiry, Transition
from gitbot.model.names import EnvironmentKey, StackId


class Expiries(Protocol):
    """When stacks expire, which warnings were delivered, and what happened when."""

    def of_environment(self, environment: EnvironmentKey) -> tuple[Expiry, ...]:
        """The rows of the environment, by stack."""

    def of_stack(self, stack: StackId) -> Expiry | None:
        """The row of the stack; None when it does not expire."""

    def of_conversation(self, repository: str, number: int) -> tuple[Expiry, ...]:
        """The rows whose warnings stand on this pull request or issue, by stack."""

    def put(self, expiry: Expiry, reason: str, at: datetime) -> Expiry:
        """Record the row; it replaces the earlier one of the stack. Returns it as it is kept.

        With a ``reason``, the same transaction appends a transition. Without one it is only a note
        of something that changes nothing for people.

        Raises:
            RowChangedError: the row is not the one of this ``version`` any more, or there is one
                already where the version is empty. Nothing was written.
        """

    def rename(self, expiry: Expiry, to: StackId, at: datetime) -> Expiry:
        """Record the row and its warnings under another name, with a transition of each name.

        Raises:
            RowChangedError: the row has changed since it was read, or the other name has one.
        """

    def remove(self, expiry: Expiry, reason: str, at: datetime) -> None:
        """Delete the row and its warnings, and append a transition. Does nothing without a row.

        Raises:
            RowChangedError: the row has changed since it was read. Nothing was deleted.
        """

    def deliver(self, stack: StackId, delivery: Delivery) -> None:
        """Record a delivered warning. Only the first time counts."""

    def deliveries(self, environment: EnvironmentKey) -> Mapping[StackId, tuple[Delivery, ...]]:
        """The delivered warnings of the environment, oldest first."""

    def history(self, stack: StackId) -> tuple[Transition, ...]:
        """The transitions of the stack, oldest first."""
