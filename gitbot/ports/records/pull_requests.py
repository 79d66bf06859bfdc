"""The port to the facts about pull requests that GitHub does not keep. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from gitbot.model.names import Sha
from gitbot.model.said import ForkHead, PlannedMark, Showing, ShownDigest


class PullRequests(Protocol):
    """The facts about pull requests that GitHub does not keep."""

    def note_push(
        self, repository: str, commits: Collection[Sha], pushers: Collection[str]
    ) -> None:
        """Record that these people pushed these commits. Earlier records stay."""

    def pushers(self, repository: str, commits: Collection[Sha]) -> Mapping[Sha, frozenset[str]]:
        """Who pushed these commits, for those of which a webhook has said so."""

    def note_shown(self, number: int, shown: Iterable[ShownDigest]) -> None:
        """Record the digests that a comment shows. The first time of each counts."""

    def shown_digests(self, repository: str, number: int) -> tuple[ShownDigest, ...]:
        """Every digest that the pull request has ever shown, in the order of time."""

    def put_showing(self, repository: str, number: int, showing: Showing) -> None:
        """Record what the plan comment is about to show. It replaces what was recorded before."""

    def showings(self, repository: str) -> Mapping[int, Showing]:
        """What the plan comments were about to show when it was last recorded, by pull request.

        Those of which it was recorded that they do show it are not among them.
        """

    def end_showing(self, repository: str, number: int, showing: Showing) -> None:
        """Record that the plan comment shows this now, or never will. A newer one stays."""

    def tell_fork_head(self, repository: str, number: int, head: Sha, at: datetime) -> None:
        """Record that gitbot has shown people a fork's head. Only the first time counts."""

    def give_leave(self, repository: str, number: int, head: Sha, command: str) -> None:
        """Record that this command allows the fork's head to be planned.

        Raises:
            InvariantError: ``tell_fork_head`` was not called for that head.
        """

    def fork_head(self, repository: str, number: int, head: Sha) -> ForkHead | None:
        """The record of a fork's head; None when there is none."""

    def planned(self, repository: str, numbers: Collection[int]) -> Mapping[int, PlannedMark]:
        """What the shown plans depend on, for each of these pull requests that was planned."""

    def put_planned(self, repository: str, number: int, mark: PlannedMark) -> None:
        """Record what the shown plan depends on. It replaces the earlier mark."""
