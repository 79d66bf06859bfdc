"""Measure how soon people are told of a merge that changes many environments. Shell.

The server and the local AWS are processes of their own. What is not changed is written into the
store as if it had been applied; the stacks that change were planned on a pull request and applied by
its merge, as any other.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.cloud import AwsProcess
from benchmarks.history_rows import ACCOUNT
from benchmarks.measuring import Figure, cpu_s_of
from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack
from gitbot.model.expiry import Life
from gitbot.model.names import EnvironmentKey, RemoteId, StackId
from gitbot.model.recorded import Lease, RecordedResource
from gitbot.model.runs import RunKind
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.sandbox import ADMIN, Sandbox
from gitbot_sandbox.stage import Stage, result_opening

STACKS, ENVIRONMENTS = 1_000, 20
MERGES = 5
PATIENCE_S = 600.0
QUIET_S = 2.0
_CHANGED = 0
"""The number of the stack that changes in every environment."""
_REGION = "us-east-1"
_NAMES = tuple(f"e{number:02}" for number in range(ENVIRONMENTS))
_ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {{name: {name}}}
spec: {{region: us-east-1, drift: off}}
"""
_STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: bench-{environment}-{name}
        Tags: [{{Key: note, Value: "{note}"}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One merge: seconds from the end of an apply until it was told, and the server's work for all."""

    each_s: Sequence[float]
    """From the end of an environment's apply until its own result was told."""
    last_s: float
    """From the end of the last apply until all was told."""
    last_cpu_s: float
    """The server's processor time meanwhile, and up to two looks more."""
    whole_s: float
    """From the merge until all was told."""
    cpu_s: float
    calls: int


def measure(root: Path, say: Callable[[str], None]) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """Several merges, each of one stack in every environment; one more goes first and is not counted."""
    with (
        AwsProcess() as aws,
        Sandbox(root, environ={"GITBOT_SWEEP_S": "3600", **aws.environ}) as sandbox,
    ):
        say(f"telling: {STACKS} stacks in {ENVIRONMENTS} environments")
        files = _environments() | _stacks(range(1, STACKS // ENVIRONMENTS), "first")
        stage = Stage(sandbox, sandbox.create_repository("bench", files))
        stage.patience_s = PATIENCE_S
        _fill(stage, files)
        sandbox.start_server()
        _wait_until_quiet(sandbox)
        # The first makes the stacks that the others change, and is not counted.
        found = [_one(stage, number, say) for number in range(MERGES + 1)][1:]
    cpu_s = statistics.median(one.cpu_s for one in found)
    calls = round(statistics.median(one.calls for one in found))
    each = [took for one in found for took in one.each_s]
    last = [one.last_s for one in found]
    for name, wall_s in {
        "end of an apply until it is told, median": statistics.median(each),
        "end of an apply until it is told, worst": max(each),
        "end of the last apply until all is told, median": statistics.median(last),
        "end of the last apply until all is told, worst": max(last),
        "merge until all is told, median": statistics.median(one.whole_s for one in found),
    }.items():
        yield (
            f"{name}; {STACKS:,} stacks, {ENVIRONMENTS} environments",
            {"gitbot": Figure(wall_s=wall_s, cpu_s=cpu_s, calls=calls)},
        )


def _fill(stage: Stage, files: Mapping[str, str]) -> None:
    """Record all stacks of the files as applied."""
    catalog = open_catalog()
    entries = {path: TreeEntry(content=text.encode()) for path, text in files.items()}
    tree = SpecTree(id="bench", entries=entries)
    loaded = load_tree(tree, catalog.lookup, catalog.names, catalog.native_names)
    assert not loaded.diagnostics, loaded.diagnostics
    repository = str(stage.github.repository(stage.name).id)
    engine = open_database(stage.sandbox.data / "gitbot.db")
    try:
        store = SqlStateStore(engine, SystemClock(), LocalProcesses())
        for name in _NAMES:
            key = EnvironmentKey(repository=repository, environment=name)
            lease = store.acquire(key, "benchmark", timedelta(hours=1))
            for stack in loaded.stacks:
                if stack.environment == name:
                    _record(store, lease, repository, stack)
            store.release(lease)
    finally:
        engine.dispose()


def _record(store: SqlStateStore, lease: Lease, repository: str, stack: DesiredStack) -> None:
    id_ = StackId(
        repository=repository, environment=stack.environment, name=stack.name, region=stack.region
    )
    for address, desired in stack.resources.items():
        resource = RecordedResource(
            address=address,
            type=desired.type,
            remote_id=RemoteId(str(desired.properties["BucketName"])),
            properties=desired.properties,
            account=ACCOUNT,
            region=stack.region,
        )
        store.put(lease, id_, "benchmark", resource)
    store.complete(lease, id_, "benchmark", {}, stack.hash, None, Life(at=SystemClock().now()))


def _one(stage: Stage, number: int, say: Callable[[str], None]) -> Merge:
    """Change one stack in every environment by one merge."""
    sandbox = stage.sandbox
    pull, tip, looks = _merge(stage, _stacks([_CHANGED], f"merge {number}"), f"merge-{number}")
    _wait_until_quiet(sandbox)
    began, before_s = looks[0]
    cpu_s = cpu_s_of([sandbox.server_pid]) - before_s
    ends = _ends(stage)
    told = {name: max(_told(stage, pull, tip, name)) for name in _NAMES}
    end, all_told = max(ends.values()), max(told.values())
    each = [(told[name] - ends[name]).total_seconds() for name in _NAMES]
    calls = [
        call
        for call in sandbox.github.faults.calls()
        if call.login == sandbox.app.login and call.status != 304 and ".git/" not in call.path
    ]
    merge = Merge(
        each_s=each,
        last_s=(all_told - end).total_seconds(),
        last_cpu_s=min(cpu for at, cpu in looks if at >= all_told)
        - max(cpu for at, cpu in looks if at <= end),
        whole_s=(all_told - began).total_seconds(),
        cpu_s=cpu_s,
        calls=len(calls),
    )
    say(
        f"merge {number}: told {min(each):.2f} to {max(each):.2f} s after each apply,"
        f" {merge.last_s:.2f} s after the last, with {merge.last_cpu_s:.2f} s of CPU time; all in"
        f" {merge.whole_s:.1f} s; {cpu_s:.1f} s of CPU time,"
        f" {merge.calls} calls to GitHub; load {os.getloadavg()[0]:.0f}"
    )
    return merge


def _merge(
    stage: Stage, files: Mapping[str, str], branch: str
) -> tuple[int, str, Sequence[tuple[datetime, float]]]:
    """Merge the files once they are planned, and wait until all is told.

    Returns the pull request, the new tip, and looks from the merge to the end: when, and the server's
    processor time so far.
    """
    sandbox = stage.sandbox
    pull = stage.open(branch, branch, dict(files))
    stage.check(pull, "gitbot")  # it comes after the last comment of the plan
    _wait_until_quiet(sandbox)
    sandbox.github.faults.forget_calls()
    looks = [_look(sandbox)]
    tip = sandbox.github.merge(stage.name, pull, ADMIN)
    deadline = time.monotonic() + PATIENCE_S
    while not all(len(_told(stage, pull, tip, name)) == 3 for name in _NAMES):
        assert time.monotonic() < deadline, "not all was told"
        looks.append(_look(sandbox))
        time.sleep(0.25)  # GitHub is in this process: whoever looks often keeps it from answering
    return pull, tip, [*looks, _look(sandbox)]


def _look(sandbox: Sandbox) -> tuple[datetime, float]:
    return SystemClock().now(), cpu_s_of([sandbox.server_pid])


def _told(stage: Stage, pull: int, tip: str, environment: str) -> list[datetime]:
    """When the comment, the check and the deployment came that tell of the environment's apply."""
    repository = stage.github.repository(stage.name)
    marker = result_opening(environment) + ":"
    comments = [
        one.updated_at
        for one in stage.github.comments(stage.name, pull)
        if marker in one.body and "✓ Applied" in one.body
    ]
    checks = [
        one.completed_at
        for one in [*repository.check_runs.values()]
        if (one.sha, one.name, one.conclusion) == (tip, f"gitbot/{environment}/apply", "success")
        and one.completed_at is not None
    ]
    deployments = [
        status.created_at
        for one in [*repository.deployments.values()]
        if (one.sha, one.environment) == (tip, environment)
        for status in one.statuses
        if status.state == "success"
    ]
    return [*comments[-1:], *checks[-1:], *deployments[-1:]]


def _ends(stage: Stage) -> Mapping[str, datetime]:
    """When the run of the changed stack ended, by environment."""
    engine = open_database(stage.sandbox.data / "gitbot.db")
    try:
        runs = sql_records(engine).runs
        repository = str(stage.github.repository(stage.name).id)
        found = {}
        for name in _NAMES:
            stack = StackId(
                repository=repository, environment=name, name=_name_of(_CHANGED), region=_REGION
            )
            (run,) = runs.of_stack(stack, RunKind.APPLY, limit=1)
            assert run.finished_at is not None
            found[name] = run.finished_at
        return found
    finally:
        engine.dispose()


def _wait_until_quiet(sandbox: Sandbox) -> None:
    """Wait until the server has called GitHub no more for a while."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        count = sandbox.github.faults.count()
        if count != seen:
            seen, since = count, time.monotonic()
        time.sleep(0.05)


def _name_of(number: int) -> str:
    return f"s{number:03}"


def _environments() -> dict[str, str]:
    return {f"specs/{name}/environment.yaml": _ENVIRONMENT.format(name=name) for name in _NAMES}


def _stacks(numbers: Sequence[int] | range, note: str) -> dict[str, str]:
    """The stacks with these numbers in every environment, by path."""
    return {
        f"specs/{environment}/{_name_of(number)}.yaml": _STACK.format(
            name=_name_of(number), environment=environment, note=note
        )
        for number in numbers
        for environment in _NAMES
    }
