"""Give tests a local AWS, a connection to it, and the steps of a resource's life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gitbot.adapters.clock import SystemClock
from gitbot.model.cloud import Operation, Purpose
from gitbot.model.desired import Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Observation, Present, ReadRequest, Remembered
from gitbot.model.plan import PathChange
from gitbot.model.schema import Route, TypeSchema
from gitbot.model.tags import OPERATION_TAG
from gitbot.model.values import redactor
from gitbot.providers.aws.catalog import Catalog
from gitbot.providers.aws.cloud import AwsCloud
from gitbot.providers.aws.clouds import AwsClouds
from gitbot.reconciler.compare import compare
from gitbot.reconciler.operations import split_by_restart
from gitbot_sandbox.aws import LocalAws

REGION = "us-east-1"
ADDRESS = Address("thing")
TOKEN = "4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e"
REDACTOR = redactor(b"key", "k1")


def environment(**values: Any) -> Environment:
    """A dev environment with the given fields."""
    fields = {
        "name": "dev",
        "region": REGION,
        "source": SourceSpan(file="specs/dev/environment.yaml"),
    }
    return Environment(**(fields | values))


def ownership(token: str = TOKEN) -> dict[str, str]:
    """The tags that the walk puts on what it creates."""
    return {
        "gitbot:stack": "dev/test",
        "gitbot:resource": str(ADDRESS),
        "gitbot:operation": token,
        "gitbot:lineage": "lineage-1",
    }


class AwsWorld:
    """A cloud and the way to it."""

    def __init__(self, aws: LocalAws, catalog: Catalog) -> None:
        self.aws = aws
        self.catalog = catalog
        self.clouds = AwsClouds(
            catalog,
            SystemClock(),
            hide=str,
            endpoint_url=aws.url,
            access_key_id="AKIASANDBOX",
            secret_access_key="sandbox",
        )
        self.cloud: AwsCloud
        self.reopen()
        self._things: dict[tuple[str, str], Any] = {}
        self._receipts: dict[str, str] = {}

    def reset(self) -> None:
        """Empty the cloud, and forget what it told."""
        self.aws.reset()
        self.reopen()
        self._things.clear()
        self._receipts.clear()

    def reopen(self) -> None:
        """Begin a new run, which asks the cloud again."""
        self.cloud = self.clouds.open(environment(), Purpose.APPLY)

    def thing(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` returned when its module first asked for the name since the cloud was empty."""
        key = (getattr(make, "func", make).__module__, name)
        if key not in self._things:
            self._things[key] = make()
        return self._things[key]

    def schema(self, type_: str) -> TypeSchema:
        """The type's schema."""
        schema = self.catalog.lookup(type_)
        assert schema is not None
        return schema

    def operation(
        self, type_: str, properties: Mapping[str, Any], *, within_s: float = 30, **fields: Any
    ) -> Operation:
        """A mutation of ``thing``."""
        token = fields.get("token", TOKEN)
        values: dict[str, Any] = {
            "token": token,
            "address": ADDRESS,
            "type": type_,
            "route": Route.NATIVE,
            "properties": properties,
            "ownership": ownership(token),
            "accepted": lambda receipt: self._receipts.update({token: receipt}),
            "deadline": datetime.now(UTC) + timedelta(seconds=within_s),
        }
        if self.schema(type_).client_token:
            values["request_token"] = token
        return Operation(**(values | fields))

    def again(self, operation: Operation) -> Operation:
        """The operation as whoever goes on with it has it: with the receipt that state keeps."""
        return replace(operation, receipt=self._receipts.get(operation.token))

    def create(self, type_: str, properties: Mapping[str, Any], **fields: Any) -> RemoteId:
        """Create and settle."""
        operation = self.operation(type_, properties, **fields)
        remote_id = self.cloud.create(operation)
        self.cloud.settle(operation, remote_id)
        return remote_id

    def update(
        self,
        type_: str,
        remote_id: RemoteId,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        within_s: float = 30,
    ) -> None:
        """Bring what differs between the two specs about, with removals as the type declares."""
        properties = dict(after)
        removed = frozenset(before) - frozenset(after)
        for name in removed:
            removal = self.schema(type_).removals[f"/{name}"]
            if removal.default is not None and not removal.asked:
                properties[name] = removal.default
        changed = frozenset(name for name in after if after[name] != before.get(name))
        gone = frozenset(name for name in removed if name not in properties)
        operation = self.operation(
            type_,
            properties,
            changed=changed | (removed - gone),
            removed=gone,
            recorded=before,
            within_s=within_s,
        )
        at_once, when_stopped = split_by_restart(operation, self.schema(type_))
        if at_once.changed or at_once.removed:
            self.cloud.update(at_once, remote_id)
        if when_stopped.changed or when_stopped.removed:
            self.cloud.stop(when_stopped, remote_id)
            self.cloud.update(when_stopped, remote_id)
            self.cloud.start(when_stopped, remote_id)

    def observe(
        self,
        type_: str,
        remote_id: RemoteId,
        surfaces: Any = None,
        recorded: Mapping[str, Any] | None = None,
    ) -> Observation:
        """Read one object; by default with everything that the type handles. ``recorded``: as state has it."""
        marks = {key: one for key, one in ownership().items() if key != OPERATION_TAG}
        if surfaces is None:
            surfaces = {path.split("/")[1] for path in self.schema(type_).handled or ()}
        request = ReadRequest(
            address=ADDRESS,
            type=type_,
            remote_id=remote_id,
            route=Route.NATIVE,
            surfaces=frozenset(surfaces),
            remembered=None if recorded is None else Remembered(properties=recorded, marks=marks),
        )
        return self.cloud.read([request])[ADDRESS]

    def properties(self, type_: str, remote_id: RemoteId) -> Mapping[str, Any]:
        """What an existing object looks like."""
        observed = self.observe(type_, remote_id)
        assert isinstance(observed, Present)
        assert observed.remote_id == remote_id
        return observed.properties

    def is_absent(self, type_: str, remote_id: RemoteId) -> bool:
        """Whether the cloud says that there is no such object."""
        return isinstance(self.observe(type_, remote_id), Absent)

    def differences(
        self, type_: str, remote_id: RemoteId, spec: Mapping[str, Any]
    ) -> tuple[PathChange, ...]:
        """What the plan would change if ``spec`` was applied and is wanted again."""
        return compare(
            self.schema(type_),
            desired=spec,
            recorded=spec,
            observed=self.properties(type_, remote_id),
            redactor=REDACTOR,
        )
