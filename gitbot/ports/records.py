"""The ports to the records of gitbot: runs, commands, claims, comments and more. Pure.

Every method raises ``TransientError`` when the store is locked, full or not reachable; then nothing
was written. All methods are thread-safe.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gitbot.model.commands import Accepted, Command, CommandRef, CommandStatus, Source
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Claim, Run, RunKind, RunStatus
from gitbot.model.said import ForkHead, PlannedMark, SaidComment, ShownDigest, Topic, TopicKind
from gitbot.model.values import Json


class Runs(Protocol):
    """Plans and applies. The plan and the result of a run are read separately, on demand."""

    def add(self, run: Run, plan: Plan) -> None:
        """Insert a run with its plan. Does nothing when the id is known already."""

    def move(
        self,
        run_id: str,
        status: RunStatus,
        *,
        at: datetime,
        result: WalkResult | None = None,
        error: str | None = None,
    ) -> None:
        """Set the status of a run, unless it is final. Arguments that are None change nothing.

        Raises:
            InvariantError: there is no such run.
        """

    def release(self, run_id: str, actor: str, at: datetime) -> None:
        """Set a held run to released, by ``actor``. Does nothing when the run is not held."""

    def get(self, run_id: str) -> Run | None:
        """The run; None when there is none of this id."""

    def plan(self, run_id: str) -> Plan:
        """The run's plan. Raises InvariantError when there is no such run."""

    def result(self, run_id: str) -> WalkResult | None:
        """The result of the run's walk; None before the walk has ended."""

    def of_stack(
        self,
        stack: StackId,
        kind: RunKind,
        statuses: Collection[RunStatus] = (),
        *,
        limit: int = 50,
    ) -> tuple[Run, ...]:
        """The runs of this kind of the stack, newest first; with ``statuses`` only those."""

    def of_command(self, command: CommandRef) -> tuple[Run, ...]:
        """The applies that the command asked for, oldest first."""

    def held(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """The applies of the environment that wait for consent, oldest first."""

    def running(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """The applies of the environment that have begun and not ended, oldest first."""

    def untold(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """The applies of the tip that were not reported yet, oldest first.

        These are the runs without ``head`` that are applied, failed or held.
        """

    def applied_by(self, repository: str, number: int) -> tuple[StackId, ...]:
        """The stacks that this pull request has ever begun to apply before its merge."""

    def environments_of(self, repository: str, number: int) -> tuple[str, ...]:
        """The environments in which the pull request has ever had a plan or an apply, sorted."""

    def shown_plan(self, stack: StackId, number: int, at: datetime | None = None) -> Run | None:
        """The plan run of the stack that was shown last on the pull request, up to ``at``."""

    def shown_with_digest(self, stack: StackId, number: int, digest: str) -> Run | None:
        """The newest plan run with this digest that was shown for the stack on the pull request."""

    def mark_shown(
        self, run_ids: Sequence[str], at: datetime, *, partly: Collection[str] = ()
    ) -> None:
        """Record that GitHub shows the runs, and all but those of ``partly`` whole.

        Only the first time counts.
        """

    def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete ended runs that started longer ago, with their documents. Returns how many.

        A planned run counts as ended. These stay: the newest run of each stack, kind and status;
        the plan of each stack that was shown last on each pull request; runs that are running, held
        or not reported.
        """


class Commands(Protocol):
    """The commands of people. A command is never deleted, and what it asks never changes."""

    def hear(self, command: Command) -> bool:
        """Record a command. Returns False when it was known already."""

    def get(self, ref: CommandRef) -> Command | None:
        """The command with its present status; None when it is not known."""

    def of_comment(self, source: Source, comment: int) -> tuple[Command, ...]:
        """The commands of all texts of the comment, in the order of text and line."""

    def open(self, repository: str) -> tuple[Command, ...]:
        """The commands that wait for an answer (heard or accepted), oldest first."""

    def first_account(self, repository: str, author: str) -> int | None:
        """The id of the account that gave the first command under this login; None: not known."""

    def accept(self, ref: CommandRef, accepted: Accepted) -> None:
        """Set a heard command to accepted. Does nothing when it has another status."""

    def close(self, ref: CommandRef, status: CommandStatus, answer: str | None) -> None:
        """Set an open command to done or refused. Only the first answer of a command counts."""


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


class Said(Protocol):
    """The comments and checks that gitbot has written, so that it does not write them twice."""

    def comment(self, repository: str, number: int, topic: Topic) -> SaidComment | None:
        """The comment about the topic; None when none was written."""

    def put_comment(
        self, repository: str, number: int, topic: Topic, comment: SaidComment, body: str
    ) -> None:
        """Record the comment about the topic, and its text. It replaces the earlier record."""

    def body(self, repository: str, number: int, topic: Topic) -> str | None:
        """The text that we wrote about the topic; None when it was not recorded."""

    def comments(
        self, repository: str, number: int, kind: TopicKind
    ) -> Mapping[Topic, SaidComment]:
        """The comments of this kind on the pull request or issue, by topic."""

    def topic_of(self, repository: str, comment: int) -> Topic | None:
        """What our comment with this id is about; None when it is not recorded as ours."""

    def doubt(self, repository: str, comment: int) -> None:
        """Record that somebody changed or deleted our comment: it must be written again."""

    def waiting_issue(self, repository: str) -> SaidComment | None:
        """The issue about what waits: its number as ``comment``, and the hash of what it lists."""

    def put_waiting_issue(self, repository: str, number: int, listed: str) -> None:
        """Record the issue about what waits. It replaces the earlier record."""

    def checks(self, repository: str, commit: Sha) -> Mapping[str, str]:
        """The checks that were set on a commit: state and hex SHA-256 of the content, by name."""

    def put_check(self, repository: str, commit: Sha, name: str, body_hash: str) -> None:
        """Record the check. It replaces the earlier record of that name."""

    def forget_checks(self, repository: str, commit: Sha, names: Collection[str]) -> None:
        """Forget these checks of the commit, so that they are set again even if they are the same."""

    def told(self, repository: str, environment: str, occasion: str) -> frozenset[int]:
        """The pull requests that were told of this occasion in the environment."""

    def put_told(self, repository: str, number: int, environment: str, occasion: str) -> None:
        """Record that the pull request was told of the occasion."""


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


class Journal(Protocol):
    """Deliveries, repositories, applied tips and the audit trail."""

    def hear_delivery(self, delivery: str, event: str, at: datetime) -> bool:
        """Record a webhook delivery. Returns False when it was known already."""

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip of the last apply job that finished in the environment; None when none has."""

    def applied_times(self, environment: EnvironmentKey) -> int:
        """How often a tip was recorded for the environment; 0 when none ever was."""

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record the tip. It replaces the earlier one."""

    def note_repository(self, id_: str, full_name: str) -> None:
        """Record the name of the repository. Another repository with this name loses it."""

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository with this name, in any letter case; None when there is none."""

    def audit(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Json]
    ) -> None:
        """Append a row to the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records of one store."""

    runs: Runs
    commands: Commands
    claims: Claims
    said: Said
    pull_requests: PullRequests
    journal: Journal
