"""Measure what the stores' queries cost as the history grows. Shell.

python -m benchmarks.history
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.stores import run_rows
from gitbot.adapters.stores.database import open_database, writing
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.adapters.stores.tables import runs as tables
from gitbot.model.commands import CommandRef, Source
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.plan import Action, Change, PathChange, Plan
from gitbot.model.recorded import RecordedResource
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.ports.records import Records
from gitbot.ports.state import StateStore

REPOSITORY = "7"
DEV = EnvironmentKey(repository=REPOSITORY, environment="dev")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# "1000x500" takes minutes to fill, so it is measured only on request.
SIZES = ["10x50", "100x50", "100x500"]
RESOURCES = 10
ROUNDS = 30
REQUESTS = 10
"""How many pull requests each stack has had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A database with a history."""

    records: Records
    state: StateStore
    stacks: int
    runs: int

    @property
    def stack(self) -> StackId:
        """One of the stacks, in the middle."""
        return stack(self.stacks // 2)

    @property
    def number(self) -> int:
        """The last pull request of that stack."""
        return request(self.stacks // 2, self.runs - 1, self.runs)


def main() -> None:
    """Fill a database for each size and print what each query costs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=main.__doc__)
    parser.add_argument("sizes", nargs="*", default=SIZES, help="STACKSxRUNS")
    figures: dict[str, Mapping[str, float]] = {}
    for size in parser.parse_args().sizes:
        stacks, runs = map(int, size.split("x"))
        figures[size] = measure(stacks, runs)
    names = next(iter(figures.values()))
    print(f"{'milliseconds':<34}" + "".join(f"{size:>12}" for size in figures))
    for name in names:
        print(f"{name:<34}" + "".join(f"{each[name] * 1000:>12.2f}" for each in figures.values()))


def measure(stacks: int, runs: int) -> Mapping[str, float]:
    """The median seconds of each query in a new database with ``runs`` runs of each stack."""
    with tempfile.TemporaryDirectory(prefix="gitbot-history-") as folder:
        engine = open_database(Path(folder) / "gitbot.db")
        begun = time.perf_counter()
        filled = fill(engine, stacks, runs)
        cost = {"(fill, seconds / 1000)": (time.perf_counter() - begun) / 1000}
        for name, ask in QUERIES.items():
            cost[name] = median_s(lambda ask=ask: ask(filled))
        cost["prune the older half, a run"] = _prune_s(filled)
        engine.dispose()
    return cost


def median_s(ask: Callable[[], object]) -> float:
    """The median wall time of the call, in seconds."""
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


QUERIES: dict[str, Callable[[Filled], object]] = {
    "get": lambda f: f.records.runs.get(f"plan:{f.stacks // 2}:0"),
    "plan": lambda f: f.records.runs.plan(f"plan:{f.stacks // 2}:0"),
    "of_stack, last 50": lambda f: f.records.runs.of_stack(f.stack, RunKind.PLAN),
    "of_stack, last applied": lambda f: f.records.runs.of_stack(
        f.stack, RunKind.APPLY, [RunStatus.APPLIED], limit=1
    ),
    "of_command": lambda f: f.records.runs.of_command(_command(f.runs)),
    "held": lambda f: f.records.runs.held(DEV),
    "untold": lambda f: f.records.runs.untold(DEV),
    "applied_by": lambda f: f.records.runs.applied_by(REPOSITORY, f.number),
    "environments_of": lambda f: f.records.runs.environments_of(REPOSITORY, f.number),
    "shown_plan": lambda f: f.records.runs.shown_plan(f.stack, f.number),
    "shown_plan, at": lambda f: f.records.runs.shown_plan(f.stack, f.number, BEGIN),
    "shown_with_digest": lambda f: f.records.runs.shown_with_digest(f.stack, f.number, "d" * 64),
    "add": lambda f: f.records.runs.add(
        replace(run(f.stack, 0, f.number), id=f"new:{time.perf_counter_ns()}"), plan(f.stack)
    ),
    "claims of the repository": lambda f: f.records.claims.of_repository(REPOSITORY),
    "headers of all stacks": lambda f: f.state.headers(REPOSITORY),
    "read_all of all stacks": lambda f: f.state.read_all(DEV),
}


def _prune_s(filled: Filled) -> float:
    """The seconds that a call takes for each run that it deletes, when it deletes half of them."""
    begun = time.perf_counter()
    now = BEGIN + timedelta(minutes=filled.runs)
    deleted = filled.records.runs.prune(timedelta(minutes=filled.runs // 2), now)
    return (time.perf_counter() - begun) / max(deleted, 1)


# --- a history -----------------------------------------------------------------------------------


def fill(engine: Engine, stacks: int, runs: int) -> Filled:
    """Write the state and runs of ``stacks`` stacks; half of the runs are plans."""
    state = SqlStateStore(engine, SystemClock())
    lease = state.acquire(DEV, "benchmark", timedelta(hours=1))
    for number in range(stacks):
        for each in range(RESOURCES):
            state.put(lease, stack(number), f"lineage-{number}", resource(each))
    # Add one run to every stack at a time, as in real life: then a stack's rows are not adjacent.
    for age in range(runs):
        made = [
            run(stack(number), age, request(number, age, runs), number) for number in range(stacks)
        ]
        with writing(engine) as connection:
            connection.execute(sa.insert(tables.runs), [run_rows.run_row(each) for each in made])
            connection.execute(sa.insert(tables.run_documents), list(_documents(made)))
    _note_stacks(engine)
    return Filled(records=sql_records(engine), state=state, stacks=stacks, runs=runs)


def _documents(made: list[Run]) -> Iterator[dict[str, Any]]:
    for each in made:
        yield {"run": each.id, "plan": run_rows.document(plan(each.stack)), "result": None}


def _note_stacks(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO pull_request_stacks SELECT DISTINCT repository, pull_request,"
                " environment, stack, region, 1 FROM runs"
            )
        )


def stack(number: int) -> StackId:
    """The stack of this number."""
    return StackId(
        repository=REPOSITORY, environment="dev", name=f"s{number:05}", region="eu-west-1"
    )


def request(number: int, age: int, runs: int) -> int:
    """The pull request that the run belongs to: each stack has ``REQUESTS`` of its own."""
    return number * REQUESTS + age * REQUESTS // runs


def _command(age: int) -> CommandRef:
    return CommandRef(source=Source.COMMENT, comment=age // 2, text_at=BEGIN, line=0)


def run(of: StackId, age: int, pull_request: int, number: int = 0) -> Run:
    """The run of this age: every other run is an apply and reported, and one in ten of those
    failed."""
    plans = age % 2 == 0
    failed = age % 20 == 1
    at = BEGIN + timedelta(minutes=age)
    applied = RunStatus.FAILED if failed else RunStatus.APPLIED
    return Run(
        id=f"{'plan' if plans else 'apply'}:{number}:{age}",
        kind=RunKind.PLAN if plans else RunKind.APPLY,
        stack=of,
        commit=Sha("c" * 40),
        head=Sha("a" * 40) if plans else None,
        tip=Sha("b" * 40),
        pull_request=pull_request,
        status=RunStatus.PLANNED if plans else applied,
        digest="d" * 64,
        does=True,
        actor="ana",
        command=None if plans or number else _command(age),
        started_at=at,
        finished_at=at,
        shown_at=at,
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
        account="123456789012",
        commit=None,
        serial=3,
        lineage="l",
        desired_hash="h",
        changes=(change,) * 4,
        digest="d" * 64,
    )


def resource(number: int) -> RecordedResource:
    """A recorded resource."""
    return RecordedResource(
        address=Address(f"bucket_{number}"),
        type="AWS::S3::Bucket",
        remote_id=RemoteId(f"bucket-{number}"),
        properties={"BucketName": f"bucket-{number}"},
        account="123456789012",
        region="eu-west-1",
    )


if __name__ == "__main__":
    main()
