"""The ports to what gitbot keeps: runs, commands, claims, comments, pull requests, journal. Pure.

Every method raises ``TransientError`` when the store is locked, full or away; nothing was written
then. All are safe to call from several threads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gitbot.model.commands import Accepted, Command, CommandRef, CommandStatus, Source
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Claim, Run, RunKind, RunStatus
from gitbot.model.said import ForkHead, PlannedMark, SaidComment, Topic
from gitbot.model.values import Json


class Runs(Protocol):
    """Plans and applies. A run is light; its plan and result are read on demand."""

    def add(self, run: Run, plan: Plan) -> None:
        """Insert a run with its plan; a run whose id is known is left as it is."""

    def move(
        self,
        run_id: str,
        status: RunStatus,
        *,
        at: datetime,
        result: WalkResult | None = None,
        error: str | None = None,
    ) -> None:
        """Set the status of a run, unless its status is final. What is None stays as it is.

        Raises:
            InvariantError: there is no such run.
        """

    def release(self, run_id: str, actor: str, at: datetime) -> None:
        """Move a held run to released, by ``actor``; a run that is not held is left alone."""

    def get(self, run_id: str) -> Run | None:
        """The run, if there is one."""

    def plan(self, run_id: str) -> Plan:
        """The run's plan. Raises InvariantError when there is no such run."""

    def result(self, run_id: str) -> WalkResult | None:
        """What the run's walk did, once it has ended."""

    def of_stack(
        self,
        stack: StackId,
        kind: RunKind,
        statuses: Collection[RunStatus] = (),
        *,
        limit: int = 50,
    ) -> tuple[Run, ...]:
        """The stack's runs of this kind, newest first; of these statuses only, where given."""

    def of_command(self, command: CommandRef) -> tuple[Run, ...]:
        """The applies that the command asked for, oldest first."""

    def held(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the environment that wait for consent, oldest first."""

    def untold(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the tip (``head`` None) that are applied, failed or held and that nobody was
        told of yet, oldest first."""

    def applied_by(self, repository: str, number: int) -> tuple[StackId, ...]:
        """The stacks that this pull request has begun to apply before its merge, however long ago."""

    def environments_of(self, repository: str, number: int) -> tuple[str, ...]:
        """The environments that the pull request has ever had a plan or apply in, by name."""

    def shown_plan(self, stack: StackId, number: int, at: datetime | None = None) -> Run | None:
        """The plan run of the stack that was shown last on that pull request; at that instant,
        where given."""

    def shown_with_digest(self, stack: StackId, number: int, digest: str) -> Run | None:
        """The newest shown plan run of the stack on that pull request that has this digest."""

    def mark_shown(self, run_ids: Sequence[str], at: datetime) -> None:
        """Record that GitHub shows what the runs have to tell; the first time counts."""

    def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete ended runs that started longer ago, with their documents; returns how many.

        A planned run counts as ended. Kept are the newest run of each stack, kind and status, the
        plan shown last of each stack on each pull request, and what is running, held or untold.
        """


class Commands(Protocol):
    """What people asked for. Commands are kept for ever, and what they ask never changes."""

    def hear(self, command: Command) -> bool:
        """Keep a command; False when it was known already."""

    def get(self, ref: CommandRef) -> Command | None:
        """The command as it stands."""

    def of_comment(self, source: Source, comment: int) -> tuple[Command, ...]:
        """The comment's commands, of all its texts, in order of text and line."""

    def open(self, repository: str) -> tuple[Command, ...]:
        """The commands that are heard or accepted, so that somebody waits for an answer, oldest
        first."""

    def accept(self, ref: CommandRef, accepted: Accepted) -> None:
        """Set a heard command to accepted; a command with another status is left alone."""

    def close(self, ref: CommandRef, status: CommandStatus, answer: str | None) -> None:
        """Set an open command to done or refused; the first answer of a command stays."""


class Claims(Protocol):
    """Which pull request holds which stack."""

    def claim(self, claims: Sequence[Claim]) -> Mapping[StackId, Claim]:
        """Take all claims or none, in one transaction; the pull request's own are renewed.

        Returns the claims of *other* pull requests that stand in the way; empty: all were taken.
        """

    def of_environment(self, environment: EnvironmentKey) -> tuple[Claim, ...]:
        """The environment's standing claims, by stack."""

    def of_repository(self, repository: str) -> tuple[Claim, ...]:
        """All standing claims of the repository, by stack."""

    def of_pull_request(self, repository: str, number: int) -> tuple[Claim, ...]:
        """The pull request's standing claims, by stack."""

    def close(self, repository: str, number: int) -> None:
        """Mark the claims of a pull request that was closed unmerged: they end when the tip has
        been applied again."""

    def release(self, stacks: Collection[StackId]) -> None:
        """End the claims."""


class Said(Protocol):
    """What gitbot has said, and where: to say it again edits the comment, or does nothing."""

    def comment(self, repository: str, number: int, topic: Topic) -> SaidComment | None:
        """The comment about the topic, if one was written."""

    def put_comment(
        self, repository: str, number: int, topic: Topic, comment: int, body_hash: str
    ) -> None:
        """Record the comment about the topic; it replaces the one recorded before."""

    def checks(self, repository: str, commit: Sha) -> Mapping[str, str]:
        """The checks that were set on a commit: name to hex SHA-256 of what was said."""

    def put_check(self, repository: str, commit: Sha, name: str, body_hash: str) -> None:
        """Record the check; it replaces the one of that name recorded before."""

    def told(self, repository: str, environment: str, occasion: str) -> frozenset[int]:
        """The pull requests that have been told of this occasion of the environment."""

    def put_told(self, repository: str, number: int, environment: str, occasion: str) -> None:
        """Record that the pull request was told of the occasion."""


class PullRequests(Protocol):
    """What is known of pull requests beside what GitHub says."""

    def note_push(self, repository: str, head: Sha, pusher: str) -> None:
        """Record who pushed this head to a pull request; the first name recorded stays."""

    def pusher(self, repository: str, head: Sha) -> str | None:
        """Who pushed this head, if a delivery told us."""

    def tell_fork_head(self, repository: str, number: int, head: Sha, at: datetime) -> None:
        """Record that gitbot has told people of a fork's head; the first time counts."""

    def give_leave(self, repository: str, number: int, head: Sha, command: str) -> None:
        """Record that this command lets the fork's head be planned.

        Raises:
            InvariantError: gitbot has not told anybody of that head.
        """

    def fork_head(self, repository: str, number: int, head: Sha) -> ForkHead | None:
        """What is known of a fork's head."""

    def planned(self, repository: str, numbers: Collection[int]) -> Mapping[int, PlannedMark]:
        """What the shown plans of these pull requests depend on; without those never planned."""

    def put_planned(self, repository: str, number: int, mark: PlannedMark) -> None:
        """Record what the shown plan depends on; it replaces the mark recorded before."""


class Journal(Protocol):
    """Deliveries, repositories, applied tips and the audit."""

    def hear_delivery(self, delivery: str, event: str, at: datetime) -> bool:
        """Remember a webhook delivery; False when it was known already."""

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip that the environment's last finished apply job was made for."""

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record the tip; it replaces the one recorded before."""

    def note_repository(self, id_: str, full_name: str) -> None:
        """Record the repository's name; another repository that had this name loses it."""

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository that has this name now, in any letter case, if it was noted."""

    def audit(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Json]
    ) -> None:
        """Append an audit row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records of one store."""

    runs: Runs
    commands: Commands
    claims: Claims
    said: Said
    pull_requests: PullRequests
    journal: Journal
