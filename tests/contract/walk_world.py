"""Plan, walk and recover a stack on the local AWS, and look at the cloud directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.secrets import KnownSecrets
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.jobs.steps.lease import hold
from gitbot.language.bind import bind
from gitbot.model.cloud import Purpose
from gitbot.model.desired import (
    DesiredOutput,
    DesiredResource,
    DesiredStack,
    Environment,
    Lifecycle,
)
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.values import Json, Unknown, Value, canonical_json, redactor, sha256_hex
from gitbot.ports.cloud import Cloud
from gitbot.ports.state import StateStore
from gitbot.providers.aws.catalog import Catalog
from gitbot.providers.aws.clouds import AwsClouds
from gitbot.reconciler.looked_up import out_of
from gitbot.reconciler.ownership import claims_of
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.reading import read_requests
from gitbot.walk.means import Tools
from gitbot.walk.ownership import owners_of
from gitbot.walk.recovery import recover
from gitbot.walk.walk import walk
from gitbot_sandbox.aws import LocalAws
from tests.contract.empty_database import open_empty

REGION = "us-east-1"
AMI = "ami-12c6146b"
STACK = StackId(repository="ml/infra", environment="dev", name="trainer", region=REGION)
SPAN = SourceSpan(file="specs/dev/trainer.yaml")
REDACTOR = redactor(b"k" * 32, "k1")
WINDOW = timedelta(seconds=0.2)


def evaluate(
    requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]],
) -> Sequence[Value]:
    """The language's own binder, in this process."""
    return [bind(unknown, attributes) for unknown, attributes in requests]


def ref(template: str) -> Unknown:
    """``${group.GroupId}`` as the loader leaves it."""
    name = template.removeprefix("${").split(".")[0]
    return Unknown(template=template, references={name: Address(name)})


def resource(
    address: str, type_: str, properties: Mapping[str, Value], **lifecycle: Any
) -> DesiredResource:
    """A desired resource that depends on what its unknowns use."""
    needs = lifecycle.pop("depends_on", ())
    return DesiredResource(
        address=Address(address),
        type=type_,
        properties=properties,
        lifecycle=Lifecycle(**lifecycle),
        depends_on=frozenset(Address(each) for each in needs),
        source=SPAN,
    )


def bucket(address: str = "bucket", **properties: Any) -> DesiredResource:
    name = properties.pop("name", f"ml-{address}-1")
    lifecycle = properties.pop("lifecycle", {})
    versioning: Any = {"VersioningConfiguration": {"Status": "Enabled"}}
    return resource(
        address, "AWS::S3::Bucket", {"BucketName": name, **versioning, **properties}, **lifecycle
    )


def group(cidr: str = "203.0.113.5/32", **properties: Any) -> DesiredResource:
    lifecycle = properties.pop("lifecycle", {})
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": cidr}
    return resource(
        "group",
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": "SSH from my address only",
            "SecurityGroupIngress": [rule],
            **properties,
        },
        **lifecycle,
    )


def instance(address: str = "trainer", **properties: Any) -> DesiredResource:
    lifecycle = properties.pop("lifecycle", {})
    return resource(
        address,
        "AWS::EC2::Instance",
        {
            "ImageId": AMI,
            "InstanceType": "t3.micro",
            "SecurityGroupIds": [ref("${group.GroupId}")],
            "Tags": [{"Key": "owner", "Value": "ml"}],
            **properties,
        },
        depends_on=("group",),
        **lifecycle,
    )


def stack_of(*resources: DesiredResource, **outputs: Value) -> DesiredStack:
    """A desired stack; its hash follows its content."""
    text = canonical_json([repr(each) for each in resources] + [repr(outputs)])
    return DesiredStack(
        environment="dev",
        name=STACK.name,
        region=REGION,
        resources={each.address: each for each in resources},
        outputs={name: DesiredOutput(value=value) for name, value in outputs.items()},
        hash=sha256_hex(text),
        source=SPAN,
    )


class WalkWorld:
    """One stack, its state, and the cloud."""

    def __init__(self, aws: LocalAws, catalog: Catalog, folder: Path) -> None:
        """``aws`` may be any object with the ``url`` of a local AWS, as long as nothing looks at
        the cloud directly."""
        self.aws = aws
        self.clouds = AwsClouds(
            catalog,
            SystemClock(),
            hide=str,
            endpoint_url=aws.url,
            access_key_id="AKIASANDBOX",
            secret_access_key="sandbox",
        )
        self.cloud: Cloud = self.clouds.open(
            Environment(name="dev", region=REGION, source=SPAN), Purpose.APPLY
        )
        self.clock = SystemClock()
        self.engine = open_empty(folder / "gitbot.db")
        self.store: StateStore = SqlStateStore(self.engine, self.clock, LocalProcesses())
        self.told: list[tuple[str, str, str]] = []
        self.stop: Callable[[], bool] = lambda: False
        self.turn = timedelta(minutes=5)

    def recorded(self) -> RecordedStack:
        return self.store.read(STACK)

    def plan(self, desired: DesiredStack | None, recorded: RecordedStack | None = None) -> Plan:
        recorded = recorded or self.recorded()
        requests = read_requests(desired, recorded, self.clouds.schemas)
        observed = self.cloud.read(requests) if requests else {}
        claims = claims_of(recorded, requests, observed)
        owners = owners_of(self.cloud, self.store, self.clouds.schemas, list(claims.values()))
        return make_plan(
            stack=STACK,
            desired=desired,
            recorded=recorded,
            observed=observed,
            owners=dict(zip(claims, owners, strict=True)),
            schemas=self.clouds.schemas,
            account=self.cloud.account(),
            commit=None,
            redactor=REDACTOR,
            bind=evaluate,
            pack_version="1",
            answering=out_of(recorded.lookups.values(), (), fresh=True),
        )

    def apply(self, desired: DesiredStack | None) -> WalkResult:
        """Recover, plan and walk under a lease, as an apply does."""
        with self.lease() as lease:
            recorded = self.recover(lease)
            return self.walk(lease, self.plan(desired, recorded), desired, recorded)

    def recover(self, lease: Callable[[], Lease]) -> RecordedStack:
        return recover(self.tools(lease), self.recorded(), window=WINDOW)

    def walk(
        self,
        lease: Callable[[], Lease],
        plan: Plan,
        desired: DesiredStack | None,
        recorded: RecordedStack,
    ) -> WalkResult:
        return walk(
            self.tools(lease),
            plan=plan,
            desired=desired,
            recorded=recorded,
            bind=evaluate,
            redactor=REDACTOR,
            commit=None,
            now=self.clock.now(),
            stop=lambda: self.stop(),
        )

    def tools(self, lease: Callable[[], Lease]) -> Tools:
        return Tools(
            cloud=self.cloud,
            store=self.store,
            lease=lease,
            schemas=self.clouds.schemas,
            clock=self.clock,
            progress=self.progress,
            hiding=KnownSecrets().hiding,
            turn=self.turn,
        )

    def lease(self) -> Any:
        return hold(
            self.store,
            STACK.environment_key,
            LocalProcesses().name("test"),
            ttl=timedelta(seconds=30),
            clock=self.clock,
        )

    def progress(self, address: Address, action: str, phase: str, detail: str) -> None:
        self.told.append((address, action, phase))

    # --- what really is there

    def instances(self) -> list[Any]:
        """Instances that are not terminated."""
        answer = self.aws.client("ec2").describe_instances()
        return [
            each
            for reservation in answer["Reservations"]
            for each in reservation["Instances"]
            if each["State"]["Name"] not in ("terminated", "shutting-down")
        ]

    def groups(self) -> list[Any]:
        """Security groups that are not a VPC's own."""
        answer = self.aws.client("ec2").describe_security_groups()
        return [each for each in answer["SecurityGroups"] if each["GroupName"] != "default"]

    def buckets(self) -> list[str]:
        return [each["Name"] for each in self.aws.client("s3").list_buckets()["Buckets"]]

    def assert_state_is_the_cloud(self) -> None:
        """Everything in the cloud is in state, once, and nothing is open."""
        state = self.recorded()
        assert not state.intents
        known = sorted(each.remote_id for each in state.resources.values()) + sorted(
            old.resource.remote_id for old in state.deposed
        )
        there = (
            [each["InstanceId"] for each in self.instances()]
            + [each["GroupId"] for each in self.groups()]
            + self.buckets()
        )
        assert sorted(known) == sorted(there)
