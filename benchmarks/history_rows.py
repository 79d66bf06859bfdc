"""Fill a database with the state and the runs of many stacks. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores import run_rows
from gitbot.adapters.stores.database import insert_once, writing
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.adapters.stores.tables import runs as run_tables
from gitbot.adapters.stores.tables import state as state_tables
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.plan import Action, Change, PathChange, Plan
from gitbot.model.recorded import RecordedResource
from gitbot.model.runs import Run, RunKind, RunStatus

ACCOUNT = "123456789012"
REGION = "eu-west-1"
RESOURCES = 3
RUNS_OF_PULL_REQUEST = 5
"""Four plans and one apply."""
FIRST_NUMBER = 10_000
"""The pull requests of the history have this number or a higher one; none of them is open."""
KEPT = timedelta(days=180)
_TEMPLATE = "template"


def fill(engine: Engine, repository: str, stacks: int, runs: int, now: datetime) -> None:
    """Write ``stacks`` stacks in dev, each with ``runs`` runs of the last 180 days.

    For the 180 days before that, each stack has what retention keeps: the plan shown last on each
    pull request. The stores write one stack, and the database copies its rows.
    """
    template = stack_id(repository, _TEMPLATE)
    _put_state(engine, template)
    _put_runs(engine, history(template, stacks, runs, now))
    with writing(engine) as connection:
        for statement in (*_COPIES, *_DELETES):
            connection.execute(
                sa.text(statement), {"stacks": stacks, "template": _TEMPLATE} | _plan(statement)
            )
        connection.execute(sa.text("ANALYZE"))


def _plan(statement: str) -> dict[str, bytes]:
    if ":plan" not in statement:
        return {}
    return {"plan": run_rows.document(plan(stack_id("", "s00000"))).encode()}


def name_of(number: int) -> str:
    """The name of the stack with this number."""
    return f"s{number:05}"


def stack_id(repository: str, name: str) -> StackId:
    """The identity of a stack of dev."""
    return StackId(repository=repository, environment="dev", name=name, region=REGION)


def last_number(number: int, stacks: int, runs: int) -> int:
    """The newest pull request in the history of the stack with this number."""
    requests = runs // RUNS_OF_PULL_REQUEST
    return FIRST_NUMBER + (2 * requests - 1) * stacks + number


def history(of: StackId, stacks: int, runs: int, now: datetime) -> Sequence[Run]:
    """The runs of one stack, oldest first: what retention keeps of the time before, then all runs.

    The stack's pull requests have numbers ``stacks`` apart, so that each stack has its own.
    """
    requests = runs // RUNS_OF_PULL_REQUEST
    step = KEPT / (runs + 1)
    old = [
        run(of, f"old:{age}", now - 2 * KEPT + age * (KEPT / requests), FIRST_NUMBER + age * stacks)
        for age in range(requests)
    ]
    new = []
    for age in range(runs):
        number = FIRST_NUMBER + (requests + age // RUNS_OF_PULL_REQUEST) * stacks
        applies = age % RUNS_OF_PULL_REQUEST == RUNS_OF_PULL_REQUEST - 1
        at = now - KEPT + (age + 1) * step
        new.append(run(of, f"run:{age}", at, number, applies=applies))
    return (*old, *new)


def run(
    of: StackId, name: str, at: datetime, number: int, *, applies: bool = False, told: bool = True
) -> Run:
    """A shown plan, or an apply of the tip that succeeded."""
    return Run(
        id=f"{name}:{of.name}",
        kind=RunKind.APPLY if applies else RunKind.PLAN,
        stack=of,
        commit=Sha("c" * 40),
        head=None if applies else Sha("a" * 40),
        tip=Sha("b" * 40),
        pull_request=number,
        status=RunStatus.APPLIED if applies else RunStatus.PLANNED,
        digest="d" * 64,
        does=True,
        actor="bob",
        started_at=at,
        finished_at=at,
        shown_at=at if told else None,
    )


def plan(of: StackId) -> Plan:
    """A plan of a few changes."""
    change = Change(
        address=Address("bucket"),
        type="AWS::S3::Bucket",
        action=Action.CREATE,
        paths=(PathChange(path="/BucketName", after="b", added=True),),
    )
    return Plan(
        stack=of,
        account=ACCOUNT,
        commit=None,
        serial=3,
        lineage="l",
        desired_hash="h",
        changes=(change,) * RESOURCES,
        digest="d" * 64,
    )


def _put_state(engine: Engine, of: StackId) -> None:
    store = SqlStateStore(engine, SystemClock(), LocalProcesses())
    environment = EnvironmentKey(repository=of.repository, environment="dev")
    lease = store.acquire(environment, "benchmark", timedelta(hours=1))
    for each in range(RESOURCES):
        resource = RecordedResource(
            address=Address(f"bucket_{each}"),
            type="AWS::S3::Bucket",
            remote_id=RemoteId(f"bucket-{each}"),
            properties={"BucketName": f"bucket-{each}"},
            account=ACCOUNT,
            region=of.region,
        )
        store.put(lease, of, "lineage", resource)
    store.release(lease)


def _put_runs(engine: Engine, made: Sequence[Run]) -> None:
    with writing(engine) as connection:
        for each in made:
            insert_once(connection, run_tables.runs, run_rows.run_row(each))


def _copied(table: sa.Table, key: str, **other: str) -> str:
    """Copy the template's rows of the table for each number ``n.k`` below ``:stacks``.

    ``other`` has the expressions of the columns that differ.
    """
    columns = [column.name for column in table.columns if column.name not in ("sequence", "id")]
    columns += ["id"] if "id" in other else []
    values = [other.get(name, f"t.{name}") for name in columns]
    return (
        "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k + 1 < :stacks)"
        f" INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM {table.name} AS t CROSS JOIN n WHERE {key}"
    )


_NAME = "printf('s%05d', n.k)"
_COPIES = (
    _copied(state_tables.stacks, "t.name = :template", name=_NAME),
    _copied(
        state_tables.resources,
        "t.stack = (SELECT id FROM stacks WHERE name = :template)",
        stack=f"(SELECT id FROM stacks WHERE name = {_NAME})",
    ),
    # Order by age, as in real life: then the rows of a stack are not adjacent.
    _copied(
        run_tables.runs,
        "t.stack = :template ORDER BY t.sequence, n.k",
        id=f"replace(t.id, :template, {_NAME})",
        stack=_NAME,
        pull_request="t.pull_request + n.k",
    ),
    "INSERT INTO run_documents (run, plan) SELECT id, :plan FROM runs WHERE stack != :template",
    "INSERT INTO pull_request_stacks (repository, pull_request, environment, stack, region,"
    " applied_before_merge) SELECT DISTINCT repository, pull_request, environment, stack, region, 0"
    " FROM runs WHERE stack != :template",
)
_DELETES = (
    "DELETE FROM runs WHERE stack = :template",
    "DELETE FROM resources WHERE stack = (SELECT id FROM stacks WHERE name = :template)",
    "DELETE FROM stacks WHERE name = :template",
)
