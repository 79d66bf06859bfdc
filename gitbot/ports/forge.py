"""GitHub, as jobs ask it: small ports for one repository, and ``Forge``, which is all of them. Pure.

Reads ask GitHub anew each time. Writes may be repeated: each one says how. Rate limits and server
errors are waited out for a while.

Every call raises ``TransientError`` when waiting did not help and ``UserError`` when GitHub
refuses; what a call raises besides is said there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from gitbot.model.desired import Permission
from gitbot.model.forge import (
    Check,
    CloseReason,
    Comment,
    DeploymentState,
    Issue,
    NewCommit,
    NewIssue,
    NewPullRequest,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
)
from gitbot.model.names import Sha
from gitbot.ports.specs import SpecRepository


class Conversation(Protocol):
    """What people and gitbot write below a pull request or an issue; ``number`` names either."""

    def recent_comments(self, since: datetime) -> Mapping[int, tuple[Comment, ...]]:
        """The comments that were written or edited since then, by the number of their issue or
        pull request, each oldest first."""

    def create_comment(self, number: int, body: str) -> int:
        """Write a comment and return its id.

        When GitHub's answer is lost, a comment of ours with the same hidden marker in its first
        line counts as this one.

        Raises:
            ConversationClosedError: the conversation is locked, or the issue was deleted.
        """

    def edit_comment(self, comment: int, body: str) -> bool:
        """Replace our comment's body; False when it is gone. Safe to repeat."""

    def find_own_comment(self, number: int, marker: str) -> int | None:
        """The id of the first comment that *we* wrote and that contains the marker."""

    def react(self, comment: int, reaction: str) -> None:
        """Put a reaction (``eyes``, ``+1``, ``-1``, ``confused``, ``rocket``) on a comment once.

        Nothing happens when the comment is gone.
        """

    def label(
        self, number: int, *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        """Add and remove labels; other labels stay. Safe to repeat.

        Labels that the repository lacks are made.
        """


class Checks(Protocol):
    """What is shown on a commit: checks, and deployments to environments."""

    def set_check(self, commit: Sha, check: Check) -> None:
        """Make the check (App) or status (token) of this name on the commit show this.

        Writes nothing when it does already.

        Raises:
            StaleError: GitHub does not have the commit (any more).
        """

    def other_checks(self, commit: Sha) -> tuple[OtherCheck, ...]:
        """The checks and statuses of others on a commit, the newest of each name.

        Raises:
            StaleError: as ``set_check``.
        """

    def deployment(self, commit: Sha, environment: str, description: str, key: str) -> int:
        """The id of the commit's Deployment with this ``key``; made when there is none.

        Raises:
            StaleError: as ``set_check``.
        """

    def set_deployment(
        self, deployment: int, state: DeploymentState, description: str, url: str | None
    ) -> None:
        """Add a status to a Deployment, unless its newest one says the same."""


class People(Protocol):
    """Who is who, and who may do what."""

    @property
    def login(self) -> str:
        """The name that gitbot writes under."""

    def permission(self, user: str) -> Permission:
        """The user's right on the repository; maintain counts as write, triage as read."""

    def in_team(self, team: str, user: str) -> bool:
        """Whether the user is in ``org/team``."""

    def commit_author(self, commit: Sha) -> frozenset[str]:
        """Logins of the commit's author and committer, where GitHub knows them.

        Raises:
            StaleError: GitHub does not have the commit (any more).
        """


class Branches(Protocol):
    """Branches and the commits that gitbot puts on them, without a work tree."""

    def branch(self, name: str) -> Sha | None:
        """The commit that the branch is at; None when there is no such branch."""

    def commit(self, new: NewCommit) -> Sha:
        """Put a commit on a branch and return it; the branch is made where ``expected`` is None.

        When the branch holds the wanted files on top of ``base`` already, its head is returned and
        nothing is written: so a call that is repeated after it has succeeded makes no second commit.

        Raises:
            StaleError: the branch is not at ``expected`` (any more), or ``base`` is gone.
            UserError: also when ``base`` lacks a file that is to be deleted.
        """

    def delete_branch(self, name: str, expected: Sha) -> bool:
        """Delete the branch if it is at ``expected``; False when there is no such branch.

        Raises:
            StaleError: it is at another commit.
        """


class PullRequests(Protocol):
    """Pull requests and their reviews."""

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now. Raises UserError when there is none."""

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open ones, oldest first; ``mergeable`` is not known here."""

    def merged_pull_requests(self, since: datetime) -> tuple[PullRequest, ...]:
        """Those merged into the tracked branch since then, oldest merge first."""

    def pull_requests_of(self, commit: Sha) -> tuple[int, ...]:
        """Numbers of the pull requests whose merge or head is this commit, ascending."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""

    def find_open_pull_request(self, head: str, base: str) -> PullRequest | None:
        """The open pull request from our own branch ``head`` into ``base``."""

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Open a pull request; one that is open from that branch already is returned as it is.

        Raises:
            UserError: also when a branch is missing or there is no commit between them.
        """

    def edit_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Change what is given; writes nothing when it reads so already."""

    def close_pull_request(self, number: int) -> None:
        """Close it unmerged; nothing happens when it is closed or merged already."""


class Issues(Protocol):
    """Issues; their comments and labels are the ``Conversation``'s."""

    def issue(self, number: int) -> Issue | None:
        """The issue as it is now; None when it is not there, was deleted or is a pull request."""

    def find_own_issues(self, marker: str) -> tuple[Issue, ...]:
        """All issues, open and closed, that *we* wrote with this marker, newest first."""

    def create_issue(self, new: NewIssue) -> Issue:
        """Open an issue.

        When GitHub's answer is lost, an issue of ours with the same hidden marker that did not
        exist before the call counts as this one.

        Raises:
            ConversationClosedError: issues are switched off in this repository.
        """

    def edit_issue(self, number: int, *, title: str | None = None, body: str | None = None) -> None:
        """Change what is given; writes nothing when it reads so already."""

    def close_issue(self, number: int, reason: CloseReason) -> None:
        """Close it for this reason; nothing happens when it is closed so already."""

    def reopen_issue(self, number: int) -> None:
        """Reopen it; nothing happens when it is open already."""


class Forge(Conversation, Checks, People, Branches, PullRequests, Issues, Protocol):
    """One repository on GitHub."""

    def repository(self) -> Repository:
        """The repository, with the tracked branch."""


class Forges(Protocol):
    """Opens repositories, by ``owner/name`` or id."""

    def open(self, repository: str) -> Forge:
        """The repository's forge, by id or full name. Raises UserError where we have no access."""

    def mirror(self, repository: str) -> SpecRepository:
        """The repository's bare mirror."""

    def tracked(self) -> tuple[str, ...]:
        """Ids of the repositories that this server serves."""
