"""Where what was heard, planned and done is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.run import Claim, Command, CommandStatus, Run, RunStatus
from gitbot.model.values import Json


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
