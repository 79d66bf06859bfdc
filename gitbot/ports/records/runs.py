"""The port to plans and applies. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from gitbot.model.commands import CommandRef
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Run, RunKind, RunStatus


class Runs(Protocol):
    """Plans and applies. The plan and the result of a run are read separately, on demand."""

    def add(self, run: Run, plan: Plan, *, instead_of: str | None = None) -> None:
        """Insert a run with its plan, and supersede the held run ``instead_of`` in the same step.

        Does nothing when the id is known already.
        """

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
