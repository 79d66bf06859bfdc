"""GitHub, as jobs ask it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitbot.model.desired import Permission
from gitbot.model.forge import (
    Check,
    Comment,
    DeploymentState,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
)
from gitbot.model.names import Sha
from gitbot.ports.specs import SpecRepository


class Forge(Protocol):
    """One repository on GitHub. Writes are idempotent; rate limits and 5xx are waited out.

    Raises ``TransientError`` when waiting did not help and ``UserError`` when GitHub refuses.
    """

    @property
    def login(self) -> str:
        """The name that gitbot writes under."""

    def repository(self) -> Repository:
        """The repository."""

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now. Raises UserError when there is none."""

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open ones, oldest first."""

    def merged_pull_requests(self, since: datetime) -> tuple[PullRequest, ...]:
        """Those merged into the tracked branch since then, oldest merge first."""

    def pull_requests_of(self, commit: Sha) -> tuple[int, ...]:
        """Numbers of the pull requests whose merge or head is this commit."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All reviews, oldest first."""

    def comments(self, number: int, since: datetime | None = None) -> tuple[Comment, ...]:
        """Comments of the pull request, oldest first."""

    def permission(self, user: str) -> Permission:
        """The user's right on the repository; maintain counts as write, triage as read."""

    def in_team(self, team: str, user: str) -> bool:
        """Whether the user is in ``org/team``."""

    def commit_author(self, commit: Sha) -> frozenset[str]:
        """Logins of the commit's author and committer, where GitHub knows them."""

    def other_checks(self, commit: Sha) -> tuple[OtherCheck, ...]:
        """The checks and statuses of others on a commit, newest per name."""

    def create_comment(self, number: int, body: str) -> int:
        """Write a comment; its id."""

    def edit_comment(self, comment: int, body: str) -> bool:
        """Replace our comment's body; False when it is gone."""

    def find_own_comment(self, number: int, marker: str) -> int | None:
        """The id of a comment that *we* wrote and that contains the marker."""

    def react(self, comment: int, reaction: str) -> None:
        """Put a reaction (``eyes``, ``+1``, ``-1``, ``confused``, ``rocket``) on a comment."""

    def set_check(self, commit: Sha, check: Check) -> None:
        """Create or update the check (App) or status (token) of this name on the commit."""

    def deployment(self, commit: Sha, environment: str, description: str, key: str) -> int:
        """A Deployment of the commit; the same ``key`` gives the same one. Its id."""

    def set_deployment(
        self, deployment: int, state: DeploymentState, description: str, url: str | None
    ) -> None:
        """Add a status to a Deployment."""


class Forges(Protocol):
    """Opens repositories, by ``owner/name`` or id."""

    def open(self, repository: str) -> Forge:
        """The repository's forge, by id or full name. Raises UserError where we have no access."""

    def mirror(self, repository: str) -> SpecRepository:
        """The repository's bare mirror."""

    def tracked(self) -> tuple[str, ...]:
        """Ids of the repositories that this server serves."""
