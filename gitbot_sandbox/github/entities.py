"""Define what a local GitHub holds: users, repositories, issues, pull requests and so on. Pure.

Plain mutable records without behaviour. Hold ``Store.lock`` to read or write one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(slots=True, kw_only=True)
class User:
    """A person, a bot or an organization; only an organization has ``members`` (login to role)."""

    id: int
    login: str
    kind: str = "User"
    name: str = ""
    email: str = ""
    created_at: datetime
    members: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Team:
    """A team of an organization; ``members`` is login to ``member`` or ``maintainer``."""

    id: int
    organization: str
    slug: str
    members: dict[str, str]


APP_PERMISSIONS = {
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}
"""What an App may do, unless a test takes it away."""


@dataclass(slots=True, kw_only=True)
class App:
    """A GitHub App with its one installation, on all repositories of ``account``.

    ``device_flow``: its settings page has the device flow switched on; it is off at first.
    """

    id: int
    slug: str
    name: str
    bot: str
    account: str
    installation_id: int
    public_key_pem: bytes
    created_at: datetime
    client_secret: str
    device_flow: bool = False
    permissions: dict[str, str] = field(default_factory=lambda: dict(APP_PERMISSIONS))

    @property
    def client_id(self) -> str:
        """The name under which the App asks people to sign in."""
        return f"Iv1.{self.id:016x}"


@dataclass(slots=True, kw_only=True)
class Registration:
    """An App that was made from a manifest, until its secrets are handed over."""

    app: App
    private_key_pem: str
    secret: str


@dataclass(slots=True, kw_only=True)
class Token:
    """A token: a user's, or an App installation's, which expires.

    ``client_id`` names the App that a user gave the token to by signing in.
    """

    login: str
    app_id: int | None = None
    expires_at: datetime | None = None
    client_id: str | None = None
    made_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class DeviceLogin:
    """A login by the device flow that somebody has begun, until its token is handed over.

    ``interval_s`` must pass between two questions, and grows when it did not. ``login`` is who has
    agreed.
    """

    client_id: str
    user_code: str
    expires_at: datetime
    interval_s: int
    asked_at: datetime | None = None
    login: str | None = None
    denied: bool = False


@dataclass(slots=True, kw_only=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class Reaction:
    """One user's reaction to a comment."""

    id: int
    login: str
    content: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    number: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    app_id: int | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue, or the issue side of a pull request."""

    id: int
    number: int
    title: str
    body: str | None
    author: str
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    app_id: int | None = None
    assignees: list[str] = field(default_factory=list)
    locked: bool = False
    lock_reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Review:
    """A submitted review; ``state`` as the REST API spells it."""

    id: int
    author: str
    body: str
    state: str
    commit: str
    submitted_at: datetime


@dataclass(slots=True, kw_only=True)
class Pull:
    """A pull request. Its title, body and state are in the issue of the same number.

    ``base_sha`` is what the base branch was when the pull request was opened, or the newest commit of
    it that the head has got since: GitHub does not move it with the base branch. ``merged_onto`` is
    what the base branch was right before the merge. ``head_repository`` is None once the fork is gone.
    https://github.com/orgs/community/discussions/25427
    """

    id: int
    number: int
    head_repository: int | None
    head_owner: str
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_commit: str | None = None
    merged_onto: str | None = None
    reviews: list[Review] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """A check run that an App made."""

    id: int
    suite_id: int
    app_id: int
    name: str
    sha: str
    status: str = "queued"
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    started_at: datetime
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class CheckSuite:
    """All check runs of one App on one commit. ``queued``: it was asked to run again."""

    id: int
    app_id: int
    sha: str
    created_at: datetime
    queued: bool = False


@dataclass(slots=True, kw_only=True)
class DeploymentStatus:
    """One status of a deployment."""

    id: int
    state: str
    creator: str
    description: str
    log_url: str
    environment_url: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Deployment:
    """A deployment of a commit to a named environment."""

    id: int
    sha: str
    ref: str
    task: str
    environment: str
    description: str | None
    payload: Any
    creator: str
    transient: bool
    production: bool
    created_at: datetime
    statuses: list[DeploymentStatus] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class QueueEntry:
    """A pull request in the merge queue, and the commit that waits for its checks."""

    number: int
    base_ref: str
    base_sha: str
    head_sha: str
    by: str

    @property
    def ref(self) -> str:
        """The branch that GitHub makes for the commit."""
        return f"refs/heads/gh-readonly-queue/{self.base_ref}/pr-{self.number}-{self.base_sha}"


@dataclass(slots=True, kw_only=True)
class Hook:
    """Where deliveries go: the webhook of a repository, or of an App (``app_id``)."""

    id: int
    url: str
    secret: str
    events: tuple[str, ...]
    repository: int | None = None
    app_id: int | None = None
    active: bool = True
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Repository:
    """A repository and everything in it."""

    id: int
    owner: str
    name: str
    private: bool
    description: str | None = None
    default_branch: str = "main"
    drafts: bool = True
    parent: int | None = None
    created_at: datetime
    pushed_at: datetime
    permissions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    required_checks: tuple[str, ...] = ()
    required_approvals: int = 0
    bypass: frozenset[str] = frozenset()
    queue: list[QueueEntry] = field(default_factory=list)
    last_number: int = 0
    has_issues: bool = True
    deleted_issues: set[int] = field(default_factory=set)
    moved_issues: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"

    def take_number(self) -> int:
        """The next number; issues and pull requests share their numbers."""
        self.last_number += 1
        return self.last_number
