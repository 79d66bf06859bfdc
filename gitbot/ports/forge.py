"""The ports to GitHub: small ports for one repository, and ``Forge``, which is all of them. Pure.

Every read asks GitHub again. Every write may be repeated; its docstring says what happens then.
Calls wait for a while when a rate limit is reached or the server fails.

Every call raises ``TransientError`` when waiting did not help, and ``UserError`` when GitHub
refuses. Docstrings name further errors.
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
    CommitOrigin,
    DeploymentState,
    Issue,
    MergeMethod,
    MergeRules,
    NewCommit,
    NewIssue,
    NewPullRequest,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
    Right,
    Written,
)
from gitbot.model.names import Sha
from gitbot.ports.specs import SpecRepository


class Conversation(Protocol):
    """Comments, reactions and labels of a pull request or an issue, given by ``number``."""

    def recent_comments(self, since: datetime) -> Mapping[int, tuple[Comment, ...]]:
        """The comments written or edited since then, by the number of the issue or pull request.

        The comments of each are sorted, oldest first.
        """

    def create_comment(self, number: int, body: str) -> Written:
        """Write a comment; returns its id, and GitHub's time of it.

        If GitHub's answer is lost, a comment of ours with the same hidden marker in its first line
        counts as the new one.

        Raises:
            ConversationClosedError: the conversation is locked, or the issue was deleted.
        """

    def edit_comment(self, comment: int, body: str) -> Written | None:
        """Replace the text of our comment. Returns None when it is gone. Safe to repeat."""

    def delete_comment(self, comment: int) -> None:
        """Delete our comment; one that is gone counts as deleted."""

    def comment(self, comment: int) -> Comment | None:
        """The comment as it stands now; None when it is gone."""

    def find_own_comment(self, number: int, marker: str) -> int | None:
        """The id of the first comment that *we* wrote with the marker; None when there is none."""

    def react(self, comment: int, reaction: str) -> None:
        """Put a reaction such as ``eyes``, ``-1`` or ``rocket`` on a comment, once.

        Does nothing when the comment is gone.
        """

    def label(
        self, number: int, *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        """Add and remove labels; other labels stay. Missing labels are created. Safe to repeat."""


class Checks(Protocol):
    """The checks and deployments of a commit."""

    def set_check(self, commit: Sha, check: Check) -> None:
        """Set the check of this name on the commit; with a token, the commit status.

        Safe to repeat: there is one check of a name. A check run is written again even when it is
        the same, because a request to run it again waits for that.

        Raises:
            StaleError: GitHub does not have the commit, or not any more.
        """

    def other_checks(self, commit: Sha) -> tuple[OtherCheck, ...]:
        """The newest check or status of each name on a commit, without our own.

        Raises:
            StaleError: as ``set_check``.
        """

    def deployment(self, commit: Sha, environment: str, description: str, key: str) -> int:
        """The id of the commit's deployment with this ``key``. It is created if there is none.

        Of several with the key, which GitHub makes when it carries out a call late, the oldest stays.

        Raises:
            StaleError: as ``set_check``.
        """

    def drop_doubled_deployments(self) -> None:
        """Delete those of our newest deployments that have the key of an older one."""

    def set_deployment(
        self, deployment: int, state: DeploymentState, description: str, url: str | None
    ) -> None:
        """Add a status to a deployment, unless its newest status is the same."""


class People(Protocol):
    """People: their logins, permissions and teams."""

    @property
    def login(self) -> str:
        """The login of gitbot itself."""

    def permission(self, user: str, account: int | None = None) -> Permission:
        """The user's permission on the repository. Maintain counts as write, triage as read.

        None where the login now belongs to another account than the one with the id ``account``.
        """

    def in_team(self, team: str, user: str) -> bool:
        """Whether the user is in ``org/team``."""

    def team_members(self, team: str) -> tuple[str, ...]:
        """Up to 30 logins of ``org/team``; none for a team that gitbot cannot see."""


class Branches(Protocol):
    """Branches, and the commits that gitbot adds to them without a work tree."""

    def branch(self, name: str) -> Sha | None:
        """The newest commit of the branch; None when there is no such branch."""

    def authors(self, commit: Sha) -> frozenset[str]:
        """The logins of author and committer of the commit, where GitHub knows them."""

    def commit(self, new: NewCommit) -> Sha:
        """Add a commit to a branch and return it. Creates the branch when ``expected`` is None.

        Writes nothing when the branch has the wanted files on top of ``base`` already, and returns
        its head. So repeating a successful call makes no second commit.

        Raises:
            StaleError: the branch is not at ``expected``, or ``base`` is gone.
            MissingRightError: gitbot may not write here.
            UserError: also when ``base`` lacks a file that is to be deleted.
        """

    def delete_branch(self, name: str, expected: Sha) -> bool:
        """Delete the branch if it is at ``expected``. Returns False when there is no such branch.

        Raises:
            StaleError: it is at another commit.
        """


class PullRequests(Protocol):
    """Pull requests and their reviews."""

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now. Raises UserError when there is none."""

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open pull requests, oldest first, with ``mergeable`` None."""

    def merged_pull_requests(self, since: datetime) -> tuple[PullRequest, ...]:
        """The pull requests merged into the tracked branch since then, oldest merge first."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""

    def committers(self, number: int) -> Mapping[Sha, frozenset[str]]:
        """The logins of the author and the committer of each commit of the pull request.

        GitHub lists the first 250 commits, and knows the login of a name only when its address
        belongs to an account.
        """

    def origin(self, commit: Sha) -> CommitOrigin:
        """How the commit came to the tracked branch.

        Raises:
            StaleError: GitHub does not have the commit (any more).
        """

    def find_open_pull_request(self, head: str, base: str) -> PullRequest | None:
        """The open pull request from our branch ``head`` into ``base``; None if there is none."""

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Open a pull request. If one is open from that branch already, returns it unchanged.

        Where the repository has no drafts, it is opened as one that is none.

        Raises:
            MissingRightError: gitbot may not open pull requests here.
            UserError: also when a branch is missing, or the branches do not differ.
        """

    def edit_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Change the title and body that are given, unless they are the same already."""

    def set_draft(self, number: int, *, draft: bool) -> bool:
        """Make the pull request a draft, or ready for review. Safe to repeat.

        Returns False where it stays as it is because the repository has no drafts.

        Raises:
            MissingRightError: gitbot may not change pull requests here.
        """

    def ask_people(
        self, number: int, *, reviewers: Collection[str] = (), assignees: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Ask these logins and ``org/team`` for a review, and assign these logins.

        People whom GitHub does not take there are left out; returns the reviewers among them. Asking somebody once more who has
        reviewed already asks for another review: so ask once.
        """

    def closer(self, number: int) -> str:
        """The login of who closed the pull request; empty where GitHub does not say."""

    def close_pull_request(self, number: int) -> None:
        """Close the pull request without merging it. Does nothing when it is closed already."""


class Merging(Protocol):
    """Merges, and the rules that they meet."""

    def merge_rules(self, branch: str) -> MergeRules:
        """What the branch asks of a merge, as far as rulesets say it.

        Raises:
            MissingRightError: gitbot may not read the rules.
        """

    def merge_pull_request(self, number: int, head: Sha, method: MergeMethod) -> Sha:
        """Merge the pull request if ``head`` is its head. Returns the merge's commit, also when it is
        merged already.

        Raises:
            RefusedError: a rule of the branch forbids it, or it conflicts; the message says which.
            StaleError: the head is another one.
        """


class Issues(Protocol):
    """Issues. Their comments and labels are in ``Conversation``."""

    def issue(self, number: int) -> Issue | None:
        """The issue as it is now; None when there is none.

        One that was transferred to another repository is not there, and a pull request is no issue.
        """

    def find_own_issues(self, marker: str) -> tuple[Issue, ...]:
        """All issues that *we* wrote with the marker, open and closed, newest first."""

    def create_issue(self, new: NewIssue) -> Issue:
        """Open an issue.

        If GitHub's answer is lost, an issue of ours with the same hidden marker that did not exist
        before the call counts as the new one.

        Raises:
            ConversationClosedError: issues are switched off in this repository, or gitbot may not
                write them.
        """

    def edit_issue(self, number: int, *, title: str | None = None, body: str | None = None) -> None:
        """Change the title and body that are given, unless they are the same already."""

    def close_issue(self, number: int, reason: CloseReason) -> None:
        """Close the issue for this reason. Does nothing when it is closed for it already."""

    def reopen_issue(self, number: int) -> None:
        """Reopen the issue. Does nothing when it is open already."""


class Forge(Conversation, Checks, People, Branches, PullRequests, Merging, Issues, Protocol):
    """One repository on GitHub."""

    def repository(self) -> Repository:
        """The repository, with its tracked branch."""

    def missing_rights(self) -> frozenset[Right]:
        """The rights to write that GitHub says gitbot lacks here.

        Empty also where GitHub does not say, as of a token: a call is then refused.
        """


class Forges(Protocol):
    """Opens repositories, by ``owner/name`` or id."""

    def now(self) -> datetime:
        """The time that GitHub's clock shows now. Compare GitHub's times with this one alone."""

    def open(self, repository: str) -> Forge:
        """The forge of a repository, by id or full name. Raises UserError without access."""

    def mirror(self, repository: str) -> SpecRepository:
        """The bare mirror of the repository."""
