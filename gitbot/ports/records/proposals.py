"""The port to the branches and pull requests of gitbot's own. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gitbot.model.proposals import OwnBranch


class Proposals(Protocol):
    """The branches that gitbot made, with their pull requests."""

    def of_branch(self, repository: str, branch: str) -> OwnBranch | None:
        """The branch; None when gitbot never made one of this name."""

    def of_pull_request(self, repository: str, number: int) -> OwnBranch | None:
        """The branch of this pull request; None when gitbot did not open it."""

    def put(self, own: OwnBranch) -> None:
        """Record the branch. It replaces what was recorded of it."""

    def note_makers(self, repository: str, number: int, logins: Collection[str]) -> None:
        """Record that these people are behind what gitbot's pull request brings. None is forgotten."""

    def makers(self, repository: str, number: int) -> frozenset[str]:
        """The people behind what gitbot's pull request brings, open or not."""
