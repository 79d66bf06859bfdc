"""Convert runs and their documents to rows, and back. Shell."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from sqlalchemy.engine import Engine

from gitbot.adapters.stores.keys import command_ref, stack_columns, stack_of
from gitbot.adapters.stores.sealed import opened_if_any
from gitbot.adapters.stores.tables.runs import runs
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import Sha
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.model.values import canonical_json

T = TypeVar("T", Plan, WalkResult)


def document(value: Plan | WalkResult) -> str:
    """The JSON text of a plan or result. Raises TypeError on a sensitive value."""
    return canonical_json(to_data(value))


def read_document(text: str, type_: type[T]) -> T:
    """The plan or result that ``document`` made the text from."""
    return from_data(json.loads(text), type_)


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
        "does": run.does,
        "actor": run.actor,
        "command": None if run.command is None else str(run.command),
        "error": run.error,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "epoch": run.epoch,
        "shown_at": run.shown_at,
        "shown_whole": run.shown_whole,
    }


def run_of(engine: Engine, row: Any) -> Run:
    """The run that the row holds."""
    return Run(
        id=row.id,
        kind=RunKind(row.kind),
        stack=stack_of(row),
        commit=Sha(row.commit_id),
        head=None if row.head is None else Sha(row.head),
        tip=Sha(row.tip),
        pull_request=row.pull_request,
        status=RunStatus(row.status),
        digest=row.digest,
        reviewed_digest=row.reviewed_digest,
        does=row.does,
        actor=row.actor,
        command=None if row.command is None else command_ref(row.command),
        error=opened_if_any(engine, runs.c.error, row),
        started_at=row.started_at,
        finished_at=row.finished_at,
        epoch=row.epoch,
        shown_at=row.shown_at,
        shown_whole=row.shown_whole,
    )
