"""Give tests a state store with its clock, and make the values that it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Intent,
    IntentKind,
    Lease,
    RecordedResource,
    RecordedStack,
)

DEV = EnvironmentKey(repository="7", environment="dev")
STACK = StackId(repository="7", environment="dev", name="trainer", region="eu-west-1")
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUCKET = Address("bucket")
COMMIT = Sha("c" * 40)


@dataclass
class ManualClock:
    """A clock that stands still until it is moved."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class StoreWorld:
    """A store and its clock; ``again`` is another process's view of the same database."""

    engine: Engine
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.store = SqlStateStore(self.engine, self.clock, LocalProcesses())

    def again(self) -> SqlStateStore:
        return SqlStateStore(self.engine, self.clock, LocalProcesses())

    def lease(self, holder: str = "me") -> Lease:
        return self.store.acquire(DEV, holder, MINUTE)


def resource(address: str = "bucket", remote_id: str = "r-1", **more: Any) -> RecordedResource:
    return RecordedResource(
        address=Address(address),
        type="AWS::S3::Bucket",
        remote_id=RemoteId(remote_id),
        **{
            "account": "123456789012",
            "region": "eu-west-1",
            "properties": {"BucketName": "b"},
            **more,
        },
    )


def intent(
    lease: Lease, kind: IntentKind = IntentKind.CREATE, operation: str = "op-1", **more: Any
) -> Intent:
    return Intent(
        operation=operation,
        kind=kind,
        epoch=lease.epoch,
        begun_at=NOON,
        deadline=NOON + MINUTE,
        **{"address": BUCKET, "resource": resource(), **more},
    )


def recorded(world: StoreWorld, lease: Lease, *resources: RecordedResource) -> RecordedStack:
    state = world.store.read(STACK)
    for item in resources:
        state = world.store.put(lease, STACK, state.lineage, item)
    return state
