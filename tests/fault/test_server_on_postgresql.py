"""A server keeps what it knows in PostgreSQL, so that another one on another machine goes on for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN, Sandbox, eventually
from gitbot_sandbox.stage import Stage
from tests.contract.postgres_server import new_database, written
from tests.e2e.conftest import base_files
from tests.fault.conftest import TOOK
from tests.fault.server_world import trainer


@pytest.fixture
def sandbox(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    environ = {
        "GITBOT_SWEEP_S": "86400",
        # Longer than the test waits: nobody may need the lease of the dead server to run out.
        "GITBOT_LEASE_S": "300",
    }
    with new_database(postgres_url) as url:
        environ["GITBOT_DATABASE"] = written(url)
        with Sandbox(tmp_path_factory.mktemp("served"), environ=environ) as sandbox:
            sandbox.create_repository("served", base_files("served"))
            sandbox.start_server()
            yield sandbox


@pytest.mark.full
def test_another_server_with_nothing_but_the_database_finishes_the_apply_of_a_dead_one(
    sandbox: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    stage = Stage(sandbox, sandbox.repositories[0])
    number = stage.open("trainer", "Train", {"specs/dev/t.yaml": trainer()})
    stage.plan_comment(number)
    lost = Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None)
    sandbox.aws.inject(lost)
    sandbox.github.merge(stage.name, number, ADMIN)
    (machine,) = eventually(stage.instances, what="the instance whose start nobody heard of")

    sandbox.kill_server()
    killed_at = time.monotonic()
    sandbox.aws.clear_faults()
    assert not (sandbox.data / "gitbot.db").exists()
    sandbox.data = sandbox.root / "another machine"
    sandbox.start_server()
    stage.result(number, "dev", "✓ Applied", "2 created")
    record_property(TOOK, round(time.monotonic() - killed_at, 1))
    assert [one["InstanceId"] for one in stage.instances()] == [machine["InstanceId"]]
