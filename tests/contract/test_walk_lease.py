"""An apply renews its lease while it runs, notices its loss, and releases it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.cli.signals import ending_in_order
from gitbot.errors import LeaseLostError, LeaseUnavailableError
from gitbot.jobs.steps.lease import hold
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from tests.contract.empty_database import open_empty

DEV = EnvironmentKey(repository="ml/infra", environment="dev")
# Long beside a write to a busy disk: a renewal that comes late must not look like a lost lease.
TTL = timedelta(seconds=6)
CLOCK = SystemClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStateStore]:
    engine = open_empty(tmp_path / "gitbot.db")
    yield SqlStateStore(engine, CLOCK, LocalProcesses())
    engine.dispose()


def test_a_lease_outlives_its_ttl_while_the_block_runs(store: SqlStateStore) -> None:
    with hold(store, DEV, LocalProcesses().name("test"), ttl=TTL, clock=CLOCK) as lease:
        first = lease()
        time.sleep(1.2 * TTL.total_seconds())
        assert lease().expires_at > first.expires_at
        assert lease().epoch == first.epoch
        with pytest.raises(LeaseUnavailableError, match="test"):
            store.acquire(DEV, "somebody else", TTL)


def test_a_lease_is_given_back_also_after_an_error(store: SqlStateStore) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        hold(store, DEV, LocalProcesses().name("test"), ttl=timedelta(hours=1), clock=CLOCK),
    ):
        raise ZeroDivisionError
    assert store.acquire(DEV, "next", TTL).epoch == 2


class EndedAt(SqlStateStore):
    """Ends the process right after one call is written."""

    at = ""

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        lease = super().acquire(environment, holder, ttl)
        self._end("acquire")
        return lease

    def release(self, lease: Lease) -> None:
        self._end("release")
        super().release(lease)

    def _end(self, at: str) -> None:
        if at == self.at:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)


@pytest.mark.parametrize("at", ["acquire", "release"])
def test_a_command_that_is_ended_as_it_takes_or_gives_back_a_lease_leaves_none(
    tmp_path: Path, at: str
) -> None:
    """The kind: the lease was written, and the signal came before anybody knew of it."""
    engine = open_empty(tmp_path / "gitbot.db")
    ended = EndedAt(engine, CLOCK, LocalProcesses())
    ended.at = at
    with (
        pytest.raises(SystemExit) as caught,
        ending_in_order(sys.exit),
        hold(ended, DEV, LocalProcesses().name("test"), ttl=timedelta(hours=1), clock=CLOCK),
    ):
        pass
    assert caught.value.code == 128 + signal.SIGTERM
    ended.at = ""
    assert ended.acquire(DEV, "next", TTL).epoch == 2
    engine.dispose()


def ask_again_and_again(lease: Callable[[], object]) -> None:
    ends = time.monotonic() + 100
    while time.monotonic() < ends:
        lease()
        time.sleep(0.05)


def test_the_holder_notices_a_lost_lease(store: SqlStateStore) -> None:
    with hold(store, DEV, LocalProcesses().name("test"), ttl=TTL, clock=CLOCK) as lease:
        store.release(lease())
        with pytest.raises(LeaseLostError):
            ask_again_and_again(lease)


def test_a_holder_is_known_to_be_alive_and_names_its_purpose() -> None:
    name = LocalProcesses().name("apply of dev")
    assert name.endswith(" apply of dev")
    assert not LocalProcesses().is_dead(name)
