"""Runs, commands and claims as rows, and back. Pure."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.run import Claim, Command, Run, RunKind, RunStatus
from gitbot.model.values import canonical_json


def of_environment(
    table: sa.Table, environment: EnvironmentKey
) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the environment's rows."""
    return (
        table.c.repository == environment.repository,
        table.c.environment == environment.environment,
    )


def of_stack(table: sa.Table, stack: StackId) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the stack's rows."""
    return (
        *of_environment(table, stack.environment_key),
        table.c.stack == stack.name,
        table.c.region == stack.region,
    )


def of_pull_request(
    table: sa.Table, repository: str, number: int
) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for the pull request's rows."""
    return (table.c.repository == repository, table.c.pull_request == number)


def stack_columns(stack: StackId) -> dict[str, str]:
    """The columns that name a stack."""
    return {
        "repository": stack.repository,
        "environment": stack.environment,
        "stack": stack.name,
        "region": stack.region,
    }


def _stack(row: Any) -> StackId:
    return StackId(
        repository=row.repository,
        environment=row.environment,
        name=row.stack,
        region=row.region,
    )


def document(value: Plan | WalkResult) -> str:
    """The JSON text of a plan or result. Raises TypeError on a sensitive value."""
    return canonical_json(to_data(value))


def run_row(run: Run) -> dict[str, Any]:
    """The run's row."""
    return {
        **stack_columns(run.stack),
        "id": run.id,
        "kind": run.kind.value,
        "commit_id": run.commit,
        "head": run.head,
        "tip": run.tip,
        "pull_request": run.pull_request,
        "status": run.status.value,
        "digest": run.digest,
        "reviewed_digest": run.reviewed_digest,
        "actor": run.actor,
        "plan": None if run.plan is None else document(run.plan),
        "result": None if run.result is None else document(run.result),
        "error": run.error,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "epoch": run.epoch,
        "shown_at": run.shown_at,
    }


def run_of(row: Any) -> Run:
    """The run that the row holds."""
    return Run(
        id=row.id,
        kind=RunKind(row.kind),
        stack=_stack(row),
        commit=Sha(row.commit_id),
        head=None if row.head is None else Sha(row.head),
        tip=Sha(row.tip),
        pull_request=row.pull_request,
        status=RunStatus(row.status),
        digest=row.digest,
        reviewed_digest=row.reviewed_digest,
        actor=row.actor,
        plan=None if row.plan is None else from_data(json.loads(row.plan), Plan),
        result=None if row.result is None else from_data(json.loads(row.result), WalkResult),
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
        epoch=row.epoch,
        shown_at=row.shown_at,
    )


def command_row(command: Command) -> dict[str, Any]:
    """The command's row: what is asked for by, and the whole as it was heard."""
    return {
        "comment": command.comment,
        "line": command.line,
        "repository": command.repository,
        "status": command.status.value,
        "answer": command.answer,
        "written_at": command.written_at,
        "body": canonical_json(to_data(command)),
    }


def command_of(row: Any) -> Command:
    """The command that the row holds, with what has become of it."""
    heard: dict[str, Any] = json.loads(row.body)
    return from_data({**heard, "status": row.status, "answer": row.answer}, Command)


def claim_row(claim: Claim) -> dict[str, Any]:
    """The claim's row."""
    return {
        **stack_columns(claim.stack),
        "pull_request": claim.pull_request,
        "claimed_by": claim.claimed_by,
        "claimed_at": claim.claimed_at,
        "head": claim.head,
        "closed": claim.closed,
    }


def claim_of(row: Any) -> Claim:
    """The claim that the row holds."""
    return Claim(
        stack=_stack(row),
        pull_request=row.pull_request,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        head=Sha(row.head),
        closed=row.closed,
    )
