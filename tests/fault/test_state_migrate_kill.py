"""A move of state is killed at each of its writes: no stack is ever kept twice, and the next run ends it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import open_state, open_stores
from gitbot.decisions.state_migration import Names
from gitbot.errors import UserError
from gitbot.jobs.steps.migrate_state import Migration, Side, migrate
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.places import BucketPlace, Place, place_of
from gitbot.model.recorded import Deposed, Moved, RecordedStack
from gitbot.ports.state import StateStore
from gitbot_sandbox.aws import LocalAws
from tests.contract.postgres_server import new_database, written
from tests.contract.state_world import DEV, MINUTE, STACK, intent, resource
from tests.fault.kill_boundaries import Boundaries

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(500),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
WRITES = ("acquire", "release", "bring", "retire", "settle", "close", "reopen")
PROD = replace(DEV, environment="prod")
IDLE = replace(DEV, environment="idle")
API = replace(STACK, name="api")
WEB = replace(STACK, environment="prod", name="web")


class Killing:
    """A store in which the process may end before and after each write."""

    def __init__(self, store: StateStore, boundaries: Boundaries) -> None:
        self._store = store
        self._boundaries = boundaries

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        return self._boundaries.around(name, method) if name in WRITES else method


def opened(place: Place) -> AbstractContextManager[StateStore]:
    return open_state(place, SystemClock(), LocalProcesses())


@dataclass(frozen=True)
class Pair:
    """A store with state in it, and one to which that moves."""

    source: Place
    target: Place
    records: Place

    def fill(self) -> Mapping[StackId, RecordedStack]:
        with opened(self.source) as store:
            for key, stacks in {DEV: (STACK, API), PROD: (WEB,), IDLE: ()}.items():
                lease = store.acquire(key, "filling", MINUTE)
                for stack in stacks:
                    store.bring(lease, RecordedStack(id=stack, lineage=f"of-{stack.name}"))
                    store.put(lease, stack, f"of-{stack.name}", resource(remote_id=stack.name))
                if key == DEV:
                    old = tuple(Deposed(resource=resource("x", n), operation=n) for n in "zya")
                    store.rewrite(lease, replace(store.read(API), deposed=old))
                    store.begin(lease, STACK, f"of-{STACK.name}", intent(lease))
                store.release(lease)
            return self.states(store)

    def states(self, store: StateStore) -> Mapping[StackId, RecordedStack]:
        return {one.id: one for key in store.known() for one in store.read_all(key)}

    def move(self, boundaries: Boundaries | None = None) -> None:
        with (
            opened(self.source) as ours,
            opened(self.target) as theirs,
            open_stores(self.records, SystemClock(), LocalProcesses()) as stores,
        ):

            def side(state: StateStore, place: Place) -> Side:
                killing: Any = state if boundaries is None else Killing(state, boundaries)
                return Side(
                    state=killing, journal=stores.records.journal, fresh=lambda: opened(place)
                )

            migrate(
                Migration(
                    source=side(ours, self.source),
                    target=side(theirs, self.target),
                    names=Names(source="first", target="second", repositories={}),
                    holder=LocalProcesses().name("a move"),
                    actor="ada",
                    clock=SystemClock(),
                    ttl=timedelta(minutes=5),
                    tell=lambda line: None,
                )
            )

    def killed(self, at: int) -> bool:
        """Move in a process that ends at this boundary; False if it came to its end before."""
        child = os.fork()
        if child == 0:
            status = 1
            try:
                self.move(Boundaries(at))
                status = 0
            finally:
                os._exit(status)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, -signal.SIGKILL)
        return code != 0


@pytest.fixture
def in_a_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Place]]:
    with LocalAws() as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="moves")
        s3.put_bucket_versioning(Bucket="moves", VersioningConfiguration={"Status": "Enabled"})

        def made(number: int) -> Place:
            place = place_of(f"s3://moves/{number}?region=us-east-1")
            assert isinstance(place, BucketPlace)
            return replace(place, key="k" * 32)

        yield made


@pytest.fixture
def in_a_file(tmp_path: Path) -> Callable[[str], Place]:
    """A new store in a file; a copy of an empty one costs less than the migrations."""
    empty = tmp_path / "empty.db"
    with open_stores(place_of(str(empty)), SystemClock(), LocalProcesses()):
        pass

    def made(name: str) -> Place:
        return place_of(str(shutil.copy(empty, tmp_path / f"{name}.db")))

    return made


def test_a_file_moves_to_another_file(in_a_file: Callable[[str], Place]) -> None:
    records = in_a_file("records")

    def pair(number: int) -> Pair:
        return Pair(in_a_file(f"a{number}"), in_a_file(f"b{number}"), records)

    assert kills(pair) > 35


def test_a_file_moves_to_a_bucket(
    in_a_file: Callable[[str], Place], in_a_bucket: Callable[[int], Place]
) -> None:
    records = in_a_file("records")
    assert kills(lambda n: Pair(in_a_file(f"a{n}"), in_a_bucket(n), records), step=5) > 35


def test_a_bucket_moves_to_postgresql(
    postgres_url: str, in_a_file: Callable[[str], Place], in_a_bucket: Callable[[int], Place]
) -> None:
    records = in_a_file("records")
    with new_database(postgres_url) as url:
        # The same database again and again: what was moved away from it may come back.
        place = place_of(written(url))
        assert kills(lambda n: Pair(in_a_bucket(n), place, records), step=5, empty=place) > 35


def kills(pair: Callable[[int], Pair], step: int = 1, empty: Place | None = None) -> int:
    """Kill a move of a new pair at each (fifth …) boundary, and end it then; how many there were."""
    at = 1
    while True:
        place = pair(at)
        before = place.fill()
        killed = place.killed(at)
        kept_once(place, before)
        place.move()
        arrived(place, before)
        if not killed:
            return at - 1
        if empty is not None:
            clear(empty)
        at += step


def kept_once(place: Pair, before: Mapping[StackId, RecordedStack]) -> None:
    """At most one store takes changes of a stack, and the former one still has all of it."""
    with opened(place.source) as ours, opened(place.target) as theirs:
        here, there = place.states(ours), place.states(theirs)
    for stack, state in before.items():
        kept = [found[stack].moved is None for found in (here, there) if stack in found]
        assert kept.count(True) <= 1
        assert (here[stack].resources, here[stack].deposed) == (state.resources, state.deposed)


def arrived(place: Pair, before: Mapping[StackId, RecordedStack]) -> None:
    with opened(place.source) as ours, opened(place.target) as theirs:
        there = place.states(theirs)
        assert set(there) == set(before)
        for stack, state in before.items():
            bare = replace(there[stack], serial=state.serial, done=None)
            assert bare == replace(state, done=None)
        assert ours.moved_to() == "second"
        for key in (DEV, PROD, IDLE, EnvironmentKey(repository="8", environment="new")):
            with pytest.raises(UserError, match="moved to second"):
                ours.acquire(key, "late", MINUTE)
        theirs.release(theirs.acquire(DEV, "next", MINUTE))


def clear(place: Place) -> None:
    """Leave only copies in the store, as a move away from it does."""
    with opened(place) as store:
        for key in store.known():
            lease = store.acquire(key, "clearing", MINUTE)
            for state in store.read_all(key):
                moved = Moved(to="first", lineage=state.lineage, serial=state.serial)
                store.retire(lease, state.id, moved)
            store.release(lease)
        store.close("first")
