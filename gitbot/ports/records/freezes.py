"""The port to freezes made by hand, to applies that wait, and to those that were withdrawn. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from gitbot.model.freeze import FrozenApply, HandFreeze, Withdrawal
from gitbot.model.names import EnvironmentKey, StackId


class Freezes(Protocol):
    """What people froze, what waits for the end of a freeze, and what people withdrew."""

    def freeze(self, freeze: HandFreeze) -> HandFreeze:
        """Freeze the environment; returns the freeze that stands, which may be an earlier one."""

    def frozen(self, environment: EnvironmentKey) -> HandFreeze | None:
        """The freeze of the environment that a person made; None when there is none."""

    def of_issue(self, repository: str, number: int) -> HandFreeze | None:
        """The freeze that the issue tells of; None when it tells of none that stands."""

    def note_issue(self, environment: EnvironmentKey, number: int) -> None:
        """Record the issue that tells of the environment's freeze."""

    def unfreeze(self, environment: EnvironmentKey) -> None:
        """End the freeze. Does nothing when there is none."""

    def wait(self, applies: Iterable[FrozenApply]) -> None:
        """Record that these applies wait. ``since`` stays the first time of each stack."""

    def waiting(self, environment: EnvironmentKey) -> tuple[FrozenApply, ...]:
        """The applies of the environment that wait, by stack."""

    def end_waiting(self, stacks: Collection[StackId]) -> None:
        """Record that nothing of these stacks waits any more."""

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Record that the apply of the stack was withdrawn. It replaces an earlier withdrawal."""

    def withdrawn(self, environment: EnvironmentKey) -> tuple[Withdrawal, ...]:
        """What was withdrawn in the environment, by stack."""

    def end_withdrawal(self, stacks: Collection[StackId]) -> None:
        """Record that the applies of these stacks are wanted again."""
