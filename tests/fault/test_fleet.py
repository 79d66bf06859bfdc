"""Two servers on one PostgreSQL: one that is asked to stop leaves its rest to the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import eventually
from tests.e2e.specs import group
from tests.fault.fleet_world import Served, serving_together
from tests.fault.server_world import called

pytestmark = pytest.mark.full


@pytest.fixture
def two(postgres_url: str, tmp_path: Path) -> Iterator[Served]:
    with serving_together(postgres_url, tmp_path, "two", 2, {}) as served:
        yield served


def test_a_server_that_is_asked_to_stop_leaves_its_rest_to_the_other_at_once(two: Served) -> None:
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
