"""The port to promotions: a row for each stack on its way to an environment. Pure."""

from __future__ import annotations

from typing import Protocol

from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import PromotionRow


class Promotions(Protocol):
    """What was promoted last, what is on its way, and what is held."""

    def of_target(self, target: EnvironmentKey) -> tuple[PromotionRow, ...]:
        """The rows of the environment that is promoted to, by stack."""

    def of_pull_request(self, repository: str, number: int) -> tuple[PromotionRow, ...]:
        """The rows whose pull request this is: the open one, else the last one, by target and stack."""

    def put(self, row: PromotionRow) -> PromotionRow:
        """Record the row, which replaces the one that was read. Returns it with its new version.

        Raises:
            RowChangedError: somebody has written it since it was read; nothing is recorded.
        """
