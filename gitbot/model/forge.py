"""What GitHub knows: pull requests, reviews, comments, checks, deployments. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository; ``id`` is stable, ``full_name`` (``owner/name``) is not.

    ``tracked_branch`` is the server's setting, or else the repository's default branch.
    """

    id: str
    full_name: str
    clone_url: str
    tracked_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as the forge tells it now.

    ``mergeable`` None: the forge has not decided yet. ``from_fork``: its head lives in another
    repository. ``merge_commit`` is set once it is merged.
    """

    number: int
    title: str
    author: str
    head: Sha
    head_ref: str
    base_ref: str
    open: bool
    merged: bool
    draft: bool
    from_fork: bool
    mergeable: bool | None
    merge_commit: Sha | None
    url: str
    merged_by: str | None = None
    merged_at: datetime | None = None


class ReviewState(StrEnum):
    """The states of a review that decide anything."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DISMISSED = "dismissed"
    COMMENTED = "commented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review, in order of submission."""

    author: str
    state: ReviewState
    commit: Sha | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request.

    ``edited``: its text is not the one that it was written with, and whoever may write to the
    repository can have changed it.
    """

    id: int
    author: str
    body: str
    created_at: datetime
    url: str
    edited: bool = False


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
    """What is shown on a commit under ``name``; an App makes a check run of it, a token a status.

    ``summary`` is Markdown, ``title`` one line.
    """

    name: str
    state: CheckState
    title: str
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    details_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCheck:
    """A check or status that others put on a commit; ``passed`` None while it runs."""

    name: str
    passed: bool | None


class DeploymentState(StrEnum):
    """The states of a GitHub Deployment that gitbot sets."""

    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
