"""The values that GitHub gives and takes: pull requests, issues, comments, checks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository. ``id`` never changes; ``full_name`` (``owner/name``) can.

    ``tracked_branch`` is the server's setting, or else the repository's default branch.
    """

    id: str
    full_name: str
    clone_url: str
    tracked_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as GitHub shows it now.

    ``mergeable`` is None while GitHub does not know it yet. ``from_fork``: the head is in another
    repository, which ``head_owner`` owns. ``base`` is a commit of the base branch ``base_ref``: what GitHub compares the head
    with. ``merge_commit`` is set once the pull request is merged. ``updated_at`` is the time of the
    last event on it: a review, a comment, a push.
    """

    number: int
    title: str
    author: str
    head: Sha
    head_ref: str
    base: Sha
    base_ref: str
    open: bool
    merged: bool
    draft: bool
    from_fork: bool
    mergeable: bool | None
    merge_commit: Sha | None
    url: str
    merged_at: datetime | None = None
    updated_at: datetime | None = None
    body: str = ""
    labels: frozenset[str] = frozenset()
    head_owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPullRequest:
    """A pull request that gitbot wants to open. ``head`` is a branch of the same repository."""

    head: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    draft: bool = False


class ReviewState(StrEnum):
    """The states of a review that matter to gitbot."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DISMISSED = "dismissed"
    COMMENTED = "commented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One submitted review.

    GitHub's REST API does not say whether ``body`` was edited since ``submitted_at``: only the
    webhook's ``edited`` action does.
    """

    id: int
    author: str
    state: ReviewState
    commit: Sha | None
    submitted_at: datetime
    body: str = ""
    url: str = ""
    author_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request.

    ``text_at`` is the time of the last change of the text. Anybody with write access to the
    repository can change it.
    """

    id: int
    author: str
    body: str
    created_at: datetime
    text_at: datetime
    url: str
    author_id: int | None = None

    @property
    def edited(self) -> bool:
        """Whether the text was changed after the comment was written."""
        return self.text_at > self.created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A comment of ours as it stands. ``at`` is GitHub's time of its text; ``new``: just written."""

    id: int
    at: datetime
    new: bool = True


class CloseReason(StrEnum):
    """Why an issue was closed."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as GitHub shows it now. ``reason`` is set when it is closed.

    ``closed_by`` is who closed it, or empty where GitHub does not say; ``by_person``: that is a
    person, and neither a bot nor gitbot.
    """

    number: int
    title: str
    body: str
    author: str
    open: bool
    reason: CloseReason | None
    labels: frozenset[str]
    assignees: frozenset[str]
    locked: bool
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    url: str
    closed_by: str = ""
    by_person: bool = False


class Right(StrEnum):
    """A right to write that parts of gitbot need, as GitHub names it in an App's settings."""

    CONTENTS = "contents"
    ISSUES = "issues"
    PULL_REQUESTS = "pull_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """An issue that gitbot wants to open. The first line of ``body`` is its hidden marker.

    Missing labels are created. People who cannot be assigned are left out.
    """

    title: str
    body: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommit:
    """A commit that gitbot wants to put on ``branch``.

    ``expected`` is the commit that the branch must be at; None when the branch must not exist.
    ``base`` is the commit whose files the new one starts from. ``files`` maps each changed path to
    its new text, or to None to delete the file. The parents are ``expected`` and ``base``, each once,
    so the branch only moves forward.
    """

    branch: str
    expected: Sha | None
    base: Sha
    files: Mapping[str, str | None]
    message: str


class MergeMethod(StrEnum):
    """The ways to merge a pull request, the preferred one first."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRules:
    """What a branch asks of a merge.

    ``methods`` are those that are allowed, ``required_checks`` the names of the checks that must have
    passed. ``approvals``: how many GitHub wants, ``queue``: merges go through a queue, ``locked``:
    only those on a bypass list may change the branch; what gitbot itself may bypass is not among
    them. ``rulesets`` are the names of the rulesets that ask for these three.
    """

    methods: tuple[MergeMethod, ...]
    required_checks: tuple[str, ...] = ()
    approvals: int = 0
    queue: bool = False
    locked: bool = False
    rulesets: tuple[str, ...] = ()


class CheckState(StrEnum):
    """The state of a check that gitbot shows."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ACTION_REQUIRED = "action_required"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark on one line of a file at the check's commit."""

    file: str
    line: int
    title: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check on a commit: a check run when gitbot is an App, a commit status with a token.

    ``title`` is one line, ``summary`` is Markdown.
    """

    name: str
    state: CheckState
    title: str
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    details_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitOrigin:
    """How a commit came to the tracked branch.

    ``merged`` are the pull requests whose merge brought it; none for a push. ``joins``: it has more than
    one parent.
    """

    merged: tuple[PullRequest, ...] = ()
    joins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCheck:
    """A check or status of somebody else on a commit. ``passed`` is None while it runs."""

    name: str
    passed: bool | None


class DeploymentState(StrEnum):
    """The states of a GitHub Deployment that gitbot sets."""

    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
