"""The protocols by which jobs and the walk ask the outside; adapters fit them by shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gitbot.model.desired import Environment, LoadedTree, Permission
from gitbot.model.forge import (
    Check,
    Comment,
    DeploymentState,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
)
from gitbot.model.jobs import JobRequest
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.observed import Found, Observation
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import Intent, Lease, RecordedOutput, RecordedResource, RecordedStack
from gitbot.model.run import Claim, Command, CommandStatus, Run, RunStatus
from gitbot.model.schema import Route, SchemaLookup
from gitbot.model.tree import SpecTree
from gitbot.model.values import Json, Unknown, Value


class Clock(Protocol):
    """The time that decisions are made by."""

    def now(self) -> datetime:
        """The aware UTC instant."""


# --- specs ---------------------------------------------------------------------------------------


class SpecRepository(Protocol):
    """A bare mirror of one repository. Paths and trees are read as blobs, never checked out."""

    def fetch(self) -> None:
        """Bring branches, tags and pull request heads up to date.

        Raises:
            TransientError: the remote did not answer.
            UserError: the remote refused (missing, or no right).
        """

    def tip(self) -> Sha:
        """The newest commit of the tracked branch in the mirror.

        Raises:
            UserError: the tracked branch does not exist.
        """

    def merge(self, tip: Sha, head: Sha) -> str | None:
        """The tree id of the merge of the two commits, None where they conflict.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def specs(self, treeish: str) -> SpecTree:
        """Everything below ``specs/`` in a commit or tree. Blobs over the cap are left unread."""

    def contains(self, ancestor: Sha, descendant: Sha) -> bool:
        """Whether ``ancestor`` is ``descendant`` or one of its ancestors."""


class Loader(Protocol):
    """Loads specs that nobody has reviewed, in a child process that can be lost."""

    def load(self, tree: SpecTree) -> LoadedTree:
        """The tree's environments, stacks and diagnostics. The child's death is a diagnostic."""

    def bind(
        self, requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]]
    ) -> Sequence[Value]:
        """Each unknown evaluated with the attributes of the resources that it references.

        What is still not decided stays ``Unknown``.

        Raises:
            UserError: an expression fails with these values; the message names it.
        """


# --- cloud ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """One object to read. ``surfaces`` are the top-level properties that must be in the answer;
    others may be left out to save calls. ``route`` is the recorded one."""

    address: Address
    type: str
    remote_id: RemoteId
    route: Route
    surfaces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One mutation, complete: what the cloud is asked for, and under which token.

    ``properties`` are the desired ones, bound and revealed, tags included, with the defaults that
    removed paths go back to already in their places. ``changed`` are the top-level properties that
    an update must make equal to ``properties`` (empty for creates and deletes); ``removed`` the
    top-level ones that it must delete. ``recorded`` are the properties of the last apply: of tags,
    an update removes only what was managed. ``ownership`` are the ``gitbot:*`` tags to put on at
    creation, in the same call where the API takes tags.
    """

    token: str
    address: Address
    type: str
    route: Route
    properties: Mapping[str, Json]
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    recorded: Mapping[str, Value] = field(default_factory=dict)
    ownership: Mapping[str, str] = field(default_factory=dict)
    empty_on_delete: bool = False
    deadline: datetime


class Purpose(StrEnum):
    """Which of an environment's roles a connection uses; a plan may only read."""

    PLAN = "plan"
    APPLY = "apply"


class Cloud(Protocol):
    """One account and region of a cloud.

    Every method raises ``CloudError`` when the service refuses for good and ``TransientError``
    when retries are used up.
    """

    @property
    def region(self) -> str:
        """The region of the connection."""

    def account(self) -> str:
        """The caller's account, asked of the cloud once and kept."""

    def read(self, requests: Sequence[ReadRequest]) -> Mapping[Address, Observation]:
        """Observe the objects, in as few calls as the types allow. Never ``Unread``."""

    def create(self, operation: Operation) -> RemoteId:
        """The one call that creates the object, and nothing after it.

        Raises:
            ConflictError: an object under the wanted name exists already.
        """

    def settle(self, operation: Operation, remote_id: RemoteId) -> None:
        """After a create: idempotent follow-up calls, then wait until the object is ready."""

    def update(self, operation: Operation, remote_id: RemoteId) -> None:
        """Bring the changed and removed properties to the desired values; idempotent; waits."""

    def delete(self, operation: Operation, remote_id: RemoteId) -> None:
        """Delete and wait until it is gone. Deleting the absent succeeds."""

    def find(self, operation: Operation) -> Found | None:
        """The live object that ``operation`` created, or that has its natural key: by operation
        tag, then by name. None: it is not there. Terminated objects do not count."""

    def adopt(self, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on an existing object, where the type takes tags; idempotent."""


class Clouds(Protocol):
    """Opens connections, with the environment's role for the purpose."""

    def open(self, environment: Environment, purpose: Purpose) -> Cloud:
        """A connection whose account has been checked against ``environment.account``.

        Raises:
            UserError: no credentials, the role cannot be assumed, or another account answers.
        """

    @property
    def schemas(self) -> SchemaLookup:
        """Every resource type that gitbot knows."""

    @property
    def pack_version(self) -> str:
        """The version of the schema pack."""


# --- state ---------------------------------------------------------------------------------------


class StateStore(Protocol):
    """State of stacks and the leases that guard it, in one store.

    Every write checks in its own transaction that the lease's epoch is the newest of the
    environment and raises ``LeaseLostError`` otherwise; each returns the stack as it is then.
    """

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the environment's lease; an expired one is taken over with a higher epoch.

        Raises:
            LeaseUnavailableError: somebody else holds it; names the holder and when it ends.
        """

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over."""

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that was taken over is left alone."""

    def read(self, stack: StackId) -> RecordedStack:
        """The stack's state; serial 0 and a fresh lineage for one that was never applied. The
        lineage of an unapplied stack is not stored until its first write."""

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks that state knows, empty ones included, by name."""

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Write an intent (and ``complete`` False). The same operation again replaces it.

        Raises:
            StaleError: the stack's state has another lineage than the one that was read.
        """

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a create, before anything else is done to the object."""

    def finish(
        self, lease: Lease, stack: StackId, operation: str, resource: RecordedResource | None
    ) -> RecordedStack:
        """Close an intent with its result, in one transaction.

        A create or update records ``resource``; the old object of an intent that ``deposes`` goes
        to ``deposed``. A delete passes None and removes the resource (or the deposed object).

        Raises:
            InvariantError: no such intent is open (so do ``identify`` and ``abandon``), or a
                result that does not fit its kind.
        """

    def abandon(self, lease: Lease, stack: StackId, operation: str) -> RecordedStack:
        """Close an intent that did nothing."""

    def put(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        resource: RecordedResource,
        moved_from: Address | None = None,
    ) -> RecordedStack:
        """Record a resource without a mutation: adopted, moved or refreshed. In the same
        transaction the address that it moved from is forgotten."""

    def forget(self, lease: Lease, stack: StackId, address: Address) -> RecordedStack:
        """Drop a resource from state without touching the cloud."""

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Give the stack another name; lineage and resources stay.

        Raises:
            ConflictError: state has another stack of that name with resources.
        """

    def complete(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
        desired_hash: str | None,
        commit: Sha | None,
    ) -> RecordedStack:
        """Mark an apply as finished without failures: outputs, hash and commit.

        Raises:
            InvariantError: an intent is still open.
        """


# --- runs ----------------------------------------------------------------------------------------


class RunStore(Protocol):
    """What gitbot has heard, planned and done. Rows are never rewritten once they are final."""

    def hear_delivery(self, delivery: str, event: str, at: datetime) -> bool:
        """Remember a webhook delivery; False when it was known already."""

    def add_run(self, run: Run) -> None:
        """Insert a run; the same id again is left as it is."""

    def update_run(
        self,
        run_id: str,
        status: RunStatus,
        *,
        at: datetime,
        plan: Plan | None = None,
        result: WalkResult | None = None,
        error: str | None = None,
        epoch: int | None = None,
    ) -> None:
        """Move a run on; what is None stays as it is. Final runs are left alone."""

    def run(self, run_id: str) -> Run | None:
        """The run, if there is one."""

    def runs_of_pull_request(self, repository: str, number: int) -> tuple[Run, ...]:
        """All its runs, oldest first."""

    def runs_of_stack(self, stack: StackId, limit: int = 50) -> tuple[Run, ...]:
        """The stack's runs, newest first."""

    def shown_plan(self, stack: StackId, number: int) -> Run | None:
        """The plan run of the stack that was shown last on that pull request."""

    def shown_plan_before(self, stack: StackId, number: int, at: datetime) -> Run | None:
        """The plan run of the stack that was shown last on that pull request at that instant."""

    def mark_shown(self, run_ids: Sequence[str], at: datetime) -> None:
        """The runs' plans stand on the pull request for people to read; the first time counts."""

    def release_run(self, run_id: str, actor: str, at: datetime) -> None:
        """Move a held run to released, by ``actor``; a run that is not held is left alone."""

    def held(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the environment that wait for consent, oldest first."""

    def add_command(self, command: Command) -> bool:
        """Keep a command; False when this line of this comment was known already."""

    def answer_command(
        self, comment: int, line: int, status: CommandStatus, answer: str | None
    ) -> None:
        """Close a command."""

    def open_commands(self, repository: str) -> tuple[Command, ...]:
        """Commands that are heard and neither done nor refused, oldest first."""

    def commands_of_comment(self, comment: int) -> tuple[Command, ...]:
        """The comment's commands in order of their lines."""

    def claim(self, claims: Sequence[Claim]) -> Mapping[StackId, Claim]:
        """Take all claims or none, in one transaction.

        Returns the claims of *other* pull requests that stand in the way; empty: all were taken.
        """

    def claims(self, environment: EnvironmentKey) -> tuple[Claim, ...]:
        """The environment's standing claims."""

    def claims_of_pull_request(self, repository: str, number: int) -> tuple[Claim, ...]:
        """The pull request's standing claims."""

    def close_claims(self, repository: str, number: int) -> None:
        """The pull request was closed unmerged: its claims now wait for the tip to be applied."""

    def release_claims(self, stacks: Sequence[StackId]) -> None:
        """End the claims."""

    def note_push(self, repository: str, head: Sha, pusher: str) -> None:
        """Who pushed this head to a pull request; the first one told stays."""

    def pusher(self, repository: str, head: Sha) -> str | None:
        """Who pushed this head, if a delivery told."""

    def slot(self, repository: str, number: int, name: str) -> tuple[int, str] | None:
        """The recorded (id, hash of the body) of something that gitbot keeps on a pull request:
        the sticky comment (``plan``), a result comment (``apply:<run>``)."""

    def put_slot(self, repository: str, number: int, name: str, id_: int, body: str) -> None:
        """Record it; ``body`` is kept as a hash."""

    def pull_request_mark(self, repository: str, number: int) -> str | None:
        """The fingerprint of the world (tip, head, serials) at the last finished plan job."""

    def put_pull_request_mark(self, repository: str, number: int, mark: str) -> None:
        """Record it."""

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip that the environment's last finished apply job was made for."""

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record it."""

    def note_repository(self, id_: str, full_name: str) -> None:
        """The repository's name of now; a name that another one had before is taken from it."""

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository that has this name now, in any letter case, if it was noted."""

    def audit(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Json]
    ) -> None:
        """Append an audit row."""


# --- forge ---------------------------------------------------------------------------------------


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


# --- jobs ----------------------------------------------------------------------------------------


class JobQueue(Protocol):
    """Enqueues jobs by name and key. Keys are plain JSON and the job rereads the world."""

    def enqueue(self, request: JobRequest) -> bool:
        """Enqueue once: the same ``id`` again does nothing and returns False."""


class Stop(Protocol):
    """Whether the process was asked to finish: the walk then starts nothing new."""

    def __call__(self) -> bool:
        """True once a stop was asked for."""


class Progress(Protocol):
    """Told what a walk does, as it does it."""

    def __call__(self, address: Address, action: str, phase: str, detail: str) -> None:
        """``phase`` is ``start``, ``done``, ``failed`` or ``skipped``."""
