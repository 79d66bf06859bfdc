"""The port to the claims of pull requests on stacks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.runs import Claim


class Claims(Protocol):
    """The claims: which pull request holds which stack."""

    def claim(self, claims: Sequence[Claim]) -> Mapping[StackId, Claim]:
        """Take all claims or none, in one transaction. Claims that it has already are renewed.

        Returns the claims of *other* pull requests that prevent it; empty when all were taken.
        """

    def of_environment(self, environment: EnvironmentKey) -> tuple[Claim, ...]:
        """The claims in the environment, by stack."""

    def of_repository(self, repository: str) -> tuple[Claim, ...]:
        """The claims in the repository, by stack."""

    def of_pull_request(self, repository: str, number: int) -> tuple[Claim, ...]:
        """The claims of the pull request, by stack."""

    def close(self, repository: str, number: int) -> None:
        """Mark the claims of a pull request that was closed unmerged.

        They end when the tip has been applied again.
        """

    def reopen(self, repository: str, number: int) -> None:
        """Mark the claims of a pull request that is open again as not closed."""

    def release(self, stacks: Collection[StackId]) -> None:
        """End the claims."""
