"""Give tests a sandbox with a server to kill; read state, GitHub and AWS afterwards."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.model.names import EnvironmentKey
from gitbot.model.runs import Run, RunKind
from gitbot.ports.records import Records
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.github.entities import Comment
from gitbot_sandbox.sandbox import ADMIN, Sandbox, eventually
from gitbot_sandbox.stage import Stage, result_opening
from tests.e2e.conftest import base_files
from tests.e2e.specs import stack
from tests.idleness import idle

APPLIED = result_opening("dev")
LONG_S = 50.0
"""Shorter than the time for which gitbot waits for an answer of AWS."""


@contextmanager
def serving(
    root: Path, prefix: str, repositories: int, environ: Mapping[str, str]
) -> Iterator[Sandbox]:
    """A world with that many repositories and a running server.

    The worlds of one process share one cloud: ``prefix`` keeps what they make there apart.
    """
    with Sandbox(root, environ={"GITBOT_SWEEP_S": "86400", **environ}) as sandbox:
        for number in range(repositories):
            name = f"{prefix}{number:02}"
            sandbox.create_repository(name, base_files(name))
        sandbox.start_server()
        yield sandbox


def benches_here(request: pytest.FixtureRequest) -> int:
    """How many tests of the module take a bench: a server looks at each repository when it starts."""
    here = [item for item in request.session.items if item.path == request.path]
    return sum("bench" in getattr(item, "fixturenames", ()) for item in here)


class Stages:
    """Hands out the repositories of a world, each to one test."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._names = iter(sandbox.repositories)

    def next(self) -> Bench:
        """A repository that no other test touches, without faults, before a running server."""
        self.sandbox.aws.clear_faults()
        self.sandbox.github.faults.clear()
        self.sandbox.github.courier.drop(0)
        self.sandbox.github.courier.release()
        self.sandbox.aws.hold_instances()
        return Bench(self.sandbox, next(self._names))


class Bench(Stage):
    """A stage whose state, runs and cloud can be looked at."""

    @property
    def project(self) -> str:
        """The prefix of every name in this repository's specs."""
        return self.name.split("/")[1]

    def key(self, environment: str = "dev") -> EnvironmentKey:
        """An environment's key in the stores."""
        repository = self.github.repository(self.name)
        return EnvironmentKey(repository=str(repository.id), environment=environment)

    # --- acting

    def planned(self, branch: str, files: dict[str, str | None]) -> int:
        """A pull request whose plan was shown in an earlier second than this one; its number.

        GitHub's times are whole seconds, so a command of the same second is refused.
        """
        number = self.open(branch, f"Bring {branch}", files)
        self.plan_comment(number)
        self.wait_second()
        return number

    def wait_second(self) -> None:
        """Wait until GitHub's next second: its times are whole ones."""
        time.sleep(1 - time.time() % 1)

    def merge(self, number: int) -> str:
        """Ada merges; the new tip."""
        return self.github.merge(self.name, number, ADMIN)

    # --- looking

    def live(self) -> list[str]:
        """Identifiers of all that AWS has of this repository."""
        ec2, s3 = self.sandbox.aws.client("ec2"), self.sandbox.aws.client("s3")
        groups = ec2.describe_security_groups()["SecurityGroups"]
        buckets = s3.list_buckets()["Buckets"]
        mine = f"{self.project}-"
        return sorted(
            [
                *(each["InstanceId"] for each in self.machines()),
                *(each["GroupId"] for each in groups if each["GroupName"].startswith(mine)),
                *(each["Name"] for each in buckets if each["Name"].startswith(mine)),
            ]
        )

    def machines(self) -> list[dict[str, object]]:
        """The repository's instances that are not terminated."""
        return [
            instance
            for instance in self.instances()
            for tag in instance.get("Tags", ())  # type: ignore[attr-defined]
            if tag["Key"] == "Name" and tag["Value"].startswith(f"{self.project}-")
        ]

    def recorded(self) -> list[str]:
        """Identifiers of all that state knows; nothing of it is open or unfinished."""
        found: list[str] = []
        with stores(self.sandbox) as (_, state):
            for name in state.stacks(self.key()) + state.stacks(self.key("prod")):
                recorded = state.read(name)
                assert not recorded.intents, recorded.intents
                assert recorded.complete, name
                resources = (*recorded.resources.values(), *(d.resource for d in recorded.deposed))
                assert not any(each.tainted for each in resources), resources
                found += [str(each.remote_id) for each in resources]
        return sorted(found)

    def intents(self, environment: str = "dev") -> int:
        """How many mutations are announced and not settled."""
        key = self.key(environment)
        with stores(self.sandbox) as (_, state):
            return sum(len(state.read(name).intents) for name in state.stacks(key))

    def applies(self) -> list[Run]:
        """Every run of an apply, oldest first."""
        with stores(self.sandbox) as (records, state):
            stacks = [*state.stacks(self.key()), *state.stacks(self.key("prod"))]
            found = [run for name in stacks for run in records.runs.of_stack(name, RunKind.APPLY)]
        return sorted(found, key=lambda run: run.started_at)

    def applied_tip(self, environment: str = "dev") -> str | None:
        """The tip of the environment's last finished apply."""
        with stores(self.sandbox) as (records, _):
            return records.journal.applied_tip(self.key(environment))

    def said(self, number: int, marker: str = "") -> list[Comment]:
        """What gitbot has said on a pull request, or only with that marker, oldest first."""
        return [
            comment
            for comment in self.github.comments(self.name, number)
            if comment.author == self.sandbox.app.login and marker in comment.body
        ]

    def deployments(self) -> Counter[tuple[str, str]]:
        """How many deployments there are by environment and final state."""
        found = self.github.repository(self.name).deployments.values()
        return Counter((d.environment, d.statuses[-1].state if d.statuses else "") for d in found)

    def assert_whole(self, objects: int) -> None:
        """AWS has exactly so many objects, and state knows exactly these."""
        live = self.live()
        assert live == self.recorded()
        assert len(live) == objects, live

    def quiet(self) -> None:
        """Wait until every delivery is heard and every job has ended."""
        eventually(
            lambda: self.github.courier.wait_idle(0.1) and idle(self.sandbox),
            what="the server to have nothing left to do",
        )


@contextmanager
def stores(sandbox: Sandbox) -> Iterator[tuple[Records, SqlStateStore]]:
    """The server's stores, for looking."""
    engine = open_database(sandbox.data / "gitbot.db")
    try:
        yield sql_records(engine), SqlStateStore(engine, SystemClock(), LocalProcesses())
    finally:
        engine.dispose()


def trainer(name: str = "trainer") -> str:
    """A stack with a security group and an instance behind it."""
    return stack(
        name,
        "ssh:\n"
        "  type: AWS::EC2::SecurityGroup\n"
        "  properties:\n"
        f"    GroupName: ${{env.project}}-${{env.name}}-{name}\n"
        "    GroupDescription: SSH from one address only\n"
        "machine:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties:\n"
        "    ImageId: ami-0a1b2c3d4e5f60718\n"
        "    InstanceType: g4dn.xlarge\n"
        '    SecurityGroupIds: ["${ssh.GroupId}"]\n'
        "    Tags:\n"
        f"      - {{Key: Name, Value: '${{env.project}}-${{env.name}}-{name}'}}\n",
        "machine: ${machine.InstanceId}\n",
    )


def called(sandbox: Sandbox, operation: str, *, times: int = 1) -> Callable[[], bool]:
    """Whether AWS has completed that many calls of an operation since the log was cleared."""

    def look() -> bool:
        return sum(call.operation == operation for call in sandbox.aws.calls) >= times

    return look


def slow(sandbox: Sandbox, operation: str, seconds: float, count: int | None = 1) -> None:
    """Let the next calls of an operation take that long before they have effect.

    ``LONG_S`` is until the faults are cleared: what is to happen meanwhile may take its time.
    """
    sandbox.aws.inject(
        Fault(kind=FaultKind.DELAY, operation=operation, seconds=seconds, count=count)
    )


def all_met(sandbox: Sandbox) -> bool:
    """Whether each fault of AWS has met its calls; one that delays a call meets it at its beginning."""
    with urllib.request.urlopen(f"{sandbox.aws.url}/_sandbox/faults", timeout=10) as reply:
        return json.load(reply) == []
