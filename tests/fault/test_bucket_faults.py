"""Whatever goes wrong at whichever request of a write to a bucket, its caller is told no untruth."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import pytest

from gitbot.adapters.object_store.key_rows import BucketKeyRows
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.leases import Leases
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.state import S3StateStore
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.sealing.key_rows import KeyRow
from gitbot.errors import TransientError
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from gitbot_sandbox.aws.conflicts import CONFLICT
from tests.contract.state_world import MINUTE, STACK, ManualClock, bucket_client, resource
from tests.fault.conftest import MET_FAULTS

LOST_REPLY = Fault(kind=FaultKind.LOST_REPLY, service="s3")
LOST_REQUEST = Fault(kind=FaultKind.LOST_REQUEST, service="s3")
FAULTS = {
    "lost reply": LOST_REPLY,
    "lost request": LOST_REQUEST,
    "busy": Fault(kind=FaultKind.ERROR, service="s3", status=503, code="SlowDown"),
    "failed": Fault(kind=FaultKind.ERROR, service="s3", status=500, code="InternalError"),
    # Only what is asked on a condition is refused so.
    "conflict": replace(CONFLICT, service="s3", operation="PutObject"),
    "moved": Fault(
        kind=FaultKind.ERROR,
        service="s3",
        operation="PutObject",
        status=412,
        code="PreconditionFailed",
    ),
}
MOST_REQUESTS = 20


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as started:
        started.client("s3").create_bucket(Bucket="state")
        yield started


@pytest.fixture(scope="module")
def client(aws: LocalAws) -> Any:
    return bucket_client(aws.url, 1)


@dataclass
class World:
    """An environment of its own in the bucket, and a store that holds its lease or wants it."""

    client: Any
    clock: ManualClock = field(default_factory=ManualClock)
    name: str = field(default_factory=lambda: secrets.token_hex(4))

    def __post_init__(self) -> None:
        self.key = EnvironmentKey(repository="7", environment=self.name)
        self.stack = replace(STACK, environment=self.name)
        self.store = self.other()
        self.lease: Lease | None = None

    def other(self) -> S3StateStore:
        """The store of another process."""
        objects = Objects(self.client, "state", b"k" * 32, wait=lambda _: None)
        return S3StateStore(objects, Layout(""), self.clock, LocalProcesses())

    def held(self) -> Lease:
        assert self.lease is not None
        return self.lease

    # --- writes, each of which may be tried again

    def take(self) -> None:
        self.lease = self.store.acquire(self.key, "ada", 2 * MINUTE)

    def renew(self) -> None:
        self.lease = self.store.renew(self.held(), 3 * MINUTE)

    def put(self) -> None:
        self.store.put(self.held(), self.stack, "l", resource("a", "r-a"))

    def rename(self) -> None:
        if self.stack in self.store.stacks(self.key):
            self.store.rename(self.held(), self.stack, "api")

    def give_back(self) -> None:
        self.store.release(self.held())

    def truth(self) -> tuple[object, ...]:
        """What another process reads: who holds the lease until when, and what is in each stack."""
        other = self.other()
        lease = other.lease(self.key)
        held = lease and (lease.holder, lease.epoch, lease.holder and lease.expires_at)
        return held, [(one.id.name, list(one.resources)) for one in other.read_all(self.key)]


Step = Callable[[World], None]


def taken_over(world: World) -> None:
    """The next step takes the lease over from one whose holder is gone."""
    World.take(world)
    World.put(world)
    world.clock.at += 5 * MINUTE
    world.store = world.other()


WRITES: dict[str, tuple[tuple[Step, ...], Step]] = {
    "take": ((), World.take),
    "take over": ((taken_over,), World.take),
    "put": ((World.take,), World.put),
    "renew at first": ((World.take,), World.renew),
    "renew again": ((World.take, World.renew), World.renew),
    "rename": ((World.take, World.put), World.rename),
    "give back": ((World.take, World.put, World.renew, World.rename), World.give_back),
}


def try_everywhere(aws: LocalAws, client: Any, write: str, fault: Fault) -> int:
    """Let the fault meet the write at each of its requests; it is told no untruth. How many there were."""
    before, step = WRITES[write]
    wanted = good(client, write)
    for skip in range(MOST_REQUESTS):
        world = World(client)
        for one in before:
            one(world)
        if not told(aws, replace(fault, skip=skip), partial(step, world)):
            step(world)
        assert world.truth() == wanted, skip
        if not any(call.fault for call in aws.calls):
            return skip
        aws.forget_calls()
    raise AssertionError(f"more than {MOST_REQUESTS} requests")


@cache
def good(client: Any, write: str) -> tuple[object, ...]:
    """The truth after the write when nothing goes wrong. It is the same in each environment."""
    before, step = WRITES[write]
    world = World(client)
    for one in (*before, step):
        one(world)
    return world.truth()


def told(aws: LocalAws, fault: Fault, step: Callable[[], None]) -> bool:
    """Whether the step says that it is done, while the fault meets it."""
    aws.inject(fault)
    try:
        step()
    except TransientError:
        return False
    finally:
        aws.clear_faults()
    return True


@pytest.mark.parametrize("write", ["take", "put", "give back"])
def test_a_write_that_is_told_as_done_stands_and_one_of_which_nobody_knows_can_be_tried_again(
    aws: LocalAws, client: Any, write: str
) -> None:
    """S3 is away after it has done what the request asked for."""
    try_everywhere(aws, client, write, replace(LOST_REPLY, count=None))


@pytest.mark.full
@pytest.mark.timeout(120)  # a write that never ends is a failure, not a wait
@pytest.mark.parametrize("lasts", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("write", WRITES)
def test_so_it_is_with_each_fault(
    aws: LocalAws,
    client: Any,
    write: str,
    name: str,
    lasts: bool,
    record_property: Callable[[str, object], None],
) -> None:
    fault = replace(FAULTS[name], count=None if lasts else 1)
    record_property(MET_FAULTS, try_everywhere(aws, client, write, fault))


def test_a_write_that_is_refused_again_and_again_is_given_up(aws: LocalAws, client: Any) -> None:
    """Who writes over what stands there reads it anew each time, but not for ever."""
    world = World(client)
    world.take()
    objects, layout = Objects(client, "state", b"k" * 32, wait=lambda _: None), Layout(world.name)
    leases, row = Leases(objects, layout), KeyRow(id="k", kms="", wrapped=b"w", whole=False)
    writes: tuple[Callable[[], object], ...] = (
        lambda: leases.put(world.held()),
        lambda: leases.close("elsewhere"),
        lambda: BucketKeyRows(objects, layout).put(row),
    )
    for write in writes:
        aws.inject(replace(FAULTS["moved"], count=None))
        with pytest.raises(TransientError, match="again and again"):
            write()
        aws.clear_faults()
        write()


def test_a_write_in_doubt_is_read_by_its_own_store_as_it_stands(aws: LocalAws, client: Any) -> None:
    world = World(client)
    world.take()
    aws.inject(replace(LOST_REPLY, operation="PutObject", count=None))
    with pytest.raises(TransientError, match="nobody knows yet whether"):
        world.put()
    aws.clear_faults()
    assert list(world.store.read(world.stack).resources) == ["a"]
    aws.inject(replace(LOST_REQUEST, operation="PutObject", count=None))
    with pytest.raises(TransientError, match="nobody knows yet whether"):
        world.store.put(world.held(), world.stack, "l", resource("b", "r-b"))
    aws.clear_faults()
    assert list(world.store.read(world.stack).resources) == ["a"]
    world.give_back()
    assert world.truth()[1] == [("trainer", ["a"])]


def test_a_lease_is_given_back_also_where_its_leavings_cannot_be_deleted(
    aws: LocalAws, client: Any
) -> None:
    world = World(client)
    world.take()
    world.put()
    world.renew()
    assert told(aws, replace(LOST_REQUEST, operation="Delete*", count=None), world.give_back)
    assert world.truth() == (("", 1, ""), [("trainer", ["a"])])
    world.take()
