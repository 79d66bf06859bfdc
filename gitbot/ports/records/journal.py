"""The port to repositories, applied tips and the audit trail. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.values import Json


class Journal(Protocol):
    """Repositories, applied tips and the audit trail."""

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip of the last apply job that finished in the environment; None when none has."""

    def environments_of(self, repository: str) -> tuple[str, ...]:
        """The environments of the repository in which an apply job has ever finished, sorted."""

    def applied_times(self, environment: EnvironmentKey) -> int:
        """How often a tip was recorded for the environment; 0 when none ever was."""

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record the tip. It replaces the earlier one."""

    def note_repository(self, id_: str, full_name: str) -> None:
        """Record the name of the repository. Another repository with this name loses it."""

    def repositories(self) -> Mapping[str, str]:
        """The names of all repositories by their ids."""

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository with this name, in any letter case; None when there is none."""

    def audit(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Json]
    ) -> None:
        """Append a row to the audit trail."""
