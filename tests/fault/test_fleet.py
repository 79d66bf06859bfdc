"""Two servers on one PostgreSQL: one that is asked to stop leaves its rest to the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.fleet import Fleet
from gitbot_sandbox.sandbox import Sandbox, eventually
from gitbot_sandbox.server_process import ServerProcess
from tests.contract.postgres_server import new_database, written
from tests.e2e.conftest import base_files
from tests.e2e.specs import group
from tests.fault.server_world import Bench, called

pytestmark = pytest.mark.full


class Two:
    """Two servers that run, what they serve, and a look at their queue."""

    def __init__(self, sandbox: Sandbox, fleet: Fleet, engine: sa.Engine) -> None:
        self.bench = Bench(sandbox, sandbox.repositories[0])
        self.fleet = fleet
        self._engine = engine

    def jobs(self, like: str) -> list[sa.Row[tuple[str, str, str]]]:
        """Id, status and process of the jobs whose id is like that, in the order of ids."""
        query = sa.text(
            "SELECT workflow_uuid, status, executor_id FROM dbos.workflow_status"
            " WHERE workflow_uuid LIKE :like ORDER BY workflow_uuid"
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query, {"like": like}).all())

    def runs_apply(self) -> ServerProcess | None:
        """The server that applies now."""
        for _, status, name in self.jobs("apply:%"):
            for one in self.fleet.members:
                if status == "PENDING" and f":{one.pid}:" in name:
                    return one
        return None


@pytest.fixture
def two(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    environ = {"GITBOT_SWEEP_S": "3600", "GITBOT_DRAIN_S": "20"}
    with (
        new_database(postgres_url) as url,
        Sandbox(tmp_path_factory.mktemp("two"), environ=environ) as sandbox,
    ):
        sandbox.create_repository("two", base_files("two"))
        with Fleet(sandbox, written(url), 2) as fleet:
            engine = sa.create_engine(url)
            yield Two(sandbox, fleet, engine)
            engine.dispose()


def test_a_server_that_is_asked_to_stop_leaves_its_rest_to_the_other_at_once(two: Two) -> None:
    bench = two.bench
    first = bench.planned("one", {"specs/dev/one.yaml": group("one")})
    second = bench.planned("two", {"specs/dev/two.yaml": group("two")})
    slow = Fault(kind=FaultKind.DELAY, operation="CreateSecurityGroup", seconds=3, count=None)
    bench.sandbox.aws.inject(slow)
    bench.sandbox.aws.forget_calls()
    bench.merge(first)
    bench.merge(second)
    eventually(lambda: bench.sandbox.aws.calls or None, what="a call of an apply")
    stops = eventually(two.runs_apply, what="a server that applies")

    assert stops.stop() == 0
    # Nobody waits for the other's lock to be free for ten seconds: what is left was handed over.
    assert "died" not in "".join(one.log_text() for one in two.fleet.members)
    for number in (first, second):
        bench.result(number, "dev", "✓ Applied")
    assert called(bench.sandbox, "CreateSecurityGroup", times=2)()
    assert not called(bench.sandbox, "CreateSecurityGroup", times=3)()
    assert len(bench.live()) == 2
    for number in (first, second):
        assert len(bench.said(number, "<!-- gitbot:apply:dev")) == 1
