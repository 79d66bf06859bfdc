"""Give tests a state store with its clock, and make the values that it keeps."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from sqlalchemy.engine import Engine

from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.state import S3StateStore
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.sealing.sealer import PLAIN, Sealer, data_key
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Intent,
    IntentKind,
    Lease,
    RecordedResource,
    RecordedStack,
)
from gitbot.ports.state import StateStore
from gitbot.ports.time import Clock
from gitbot_sandbox.aws import LocalAws

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
    """A store and its clock; ``again`` is another process's view of the same place."""

    make: Callable[[Clock], StateStore]
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.store = self.make(self.clock)

    def again(self) -> StateStore:
        return self.make(self.clock)

    def lease(self, holder: str = "me") -> Lease:
        return self.store.acquire(DEV, holder, MINUTE)


@dataclass
class SqlWorld(StoreWorld):
    """A store in a database."""

    @property
    def engine(self) -> Engine:
        assert isinstance(self.store, SqlStateStore)
        return self.store._engine


def sealer_of(*numbers: int) -> Sealer:
    """A sealer that writes with the first of these keys and reads all."""
    keys = [data_key(bytes([number]) * 32) for number in numbers]
    return Sealer(keys[0], keys)


def sql_world(engine: Engine) -> SqlWorld:
    return SqlWorld(lambda clock: SqlStateStore(engine, clock, LocalProcesses()))


def bucket_client(url: str, attempts: int = 2) -> Any:
    """A client of the local AWS as gitbot has one: its calls are counted, and meet the faults."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="AKIASANDBOX",
        aws_secret_access_key="sandbox",
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": attempts},
            max_pool_connections=30,
        ),
    )


def bucket_store(
    aws: LocalAws,
    bucket: str,
    prefix: str = "",
    clock: Clock | None = None,
    sealer: Sealer = PLAIN,
) -> S3StateStore:
    """A store in a bucket of the local AWS."""
    objects = Objects(bucket_client(aws.url), bucket, b"k" * 32)
    return S3StateStore(objects, Layout(prefix), clock or ManualClock(), LocalProcesses(), sealer)


def bucket_world(aws: LocalAws, sealer: Sealer = PLAIN) -> StoreWorld:
    """A store in a new bucket of the local AWS."""
    bucket = f"state-{secrets.token_hex(8)}"
    aws.client("s3").create_bucket(Bucket=bucket)
    return StoreWorld(lambda clock: bucket_store(aws, bucket, "team/", clock, sealer))


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
        deadline=NOON + MINUTE,
        **{"begun_at": NOON, "address": BUCKET, "resource": resource(), **more},
    )


def recorded(world: StoreWorld, lease: Lease, *resources: RecordedResource) -> RecordedStack:
    state = world.store.read(STACK)
    for item in resources:
        state = world.store.put(lease, STACK, state.lineage, item)
    return state
