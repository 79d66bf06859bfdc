"""The port to the rows of drift. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitbot.model.drift import DriftRow, Finding
from gitbot.model.names import EnvironmentKey, StackId


class DriftRows(Protocol):
    """What is known of drift: one row for each stack and finding that was ever seen."""

    def of_environment(self, environment: EnvironmentKey) -> tuple[DriftRow, ...]:
        """The rows of the environment, by stack and finding."""

    def of_stack(self, stack: StackId, finding: Finding) -> DriftRow | None:
        """The row; None when nothing of the kind was ever seen of the stack."""

    def of_issue(self, repository: str, number: int) -> DriftRow | None:
        """The row that this issue is about; None when it is about none."""

    def heals(self, stack: StackId) -> tuple[datetime, ...]:
        """When drift of the stack was put back without asking, in the last days, oldest first."""

    def note_heal(self, stack: StackId, at: datetime) -> None:
        """Record that drift of the stack is put back now. Forgets those of more than two days ago."""

    def put(self, row: DriftRow) -> None:
        """Record the row. It replaces the earlier one of the stack and finding."""
