"""Make types, stacks and a cloud of dictionaries for the planner's tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gitbot.model.cloud import Power
from gitbot.model.desired import DesiredOutput, DesiredResource, DesiredStack, Lifecycle
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Absent, Observation, Present
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import (
    Deposed,
    Intent,
    IntentKind,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
    StackHeader,
)
from gitbot.model.schema import Removal, ReplaceOrder, Route, TagShape, TypeSchema
from gitbot.model.values import Unknown, Value, redact, redactor, reveal
from gitbot.reconciler.outputs import output_value
from gitbot.reconciler.plan import make_plan

STACK = StackId(repository="1", environment="dev", name="web", region="eu-west-1")
ACCOUNT = "111111111111"
SPAN = SourceSpan(file="specs/dev/web.yaml", line=7)
REDACT = redactor(b"key", "k1")

BUCKET = TypeSchema(
    name="Test::Bucket",
    route=Route.NATIVE,
    create_only=("/BucketName",),
    read_only=("/Arn",),
    natural_key=("/BucketName",),
    primary_identifier=("/BucketName",),
    removals={
        "/Versioning": Removal(default={"Status": "Suspended"}, says="versioning is suspended"),
        "/Lifecycle": Removal(default=None, says="lifecycle rules are deleted"),
    },
    identities={"/Lifecycle/Rules": ("Id",)},
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
    stateful=True,
)
GROUP = TypeSchema(
    name="Test::Group",
    route=Route.NATIVE,
    create_only=("/Description",),
    read_only=("/GroupId", "/Version"),
    follows={"/Version": frozenset({"Ingress"})},
    sets=frozenset({"/Ingress"}),
    removals={"/Ingress": Removal(default=[], says="no rule is left")},
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
)
MACHINE = TypeSchema(
    name="Test::Machine",
    route=Route.NATIVE,
    create_only=("/Image", "/Disks/*/Size", "/Subnet"),
    read_only=("/InstanceId", "/PublicIp", "/Power"),
    write_only=("/Password",),
    restarts=frozenset({"/Size"}),
    volatile=frozenset({"/PublicIp", "/Power"}),
    power="/Power",
    sets=frozenset({"/Groups"}),
    open_lists=frozenset({"/Addresses"}),
    identities={"/Disks": ("Name",)},
    removals={"/Password": Removal(default=None, says="the password is deleted")},
    tags_path="/Tags",
    tag_shape=TagShape.MAP,
    replace_order=ReplaceOrder.DELETE_FIRST,
)
SEALED = TypeSchema(name="Test::Sealed", route=Route.NATIVE, updatable=False)
REMOTE = TypeSchema(
    name="Test::Remote",
    route=Route.CLOUD_CONTROL,
    conditional_create_only=("/Engine",),
    read_only=("/Endpoint",),
)
TYPES = {schema.name: schema for schema in (BUCKET, GROUP, MACHINE, SEALED, REMOTE)}


def unknown(template: str, *, sensitive: bool = False, **inputs: Value) -> Unknown:
    """``${a.B}`` as the loader leaves it."""
    names = re.findall(r"\$\{([a-z_0-9]+)\.", template)
    return Unknown(
        template=template,
        inputs=inputs,
        references={name: Address(name) for name in names},
        sensitive=sensitive,
    )


def resource(
    address: str,
    type_: TypeSchema | str = BUCKET,
    properties: Mapping[str, Value] | None = None,
    *,
    needs: Sequence[str] = (),
    lifecycle: Lifecycle | None = None,
) -> DesiredResource:
    properties = properties or {}
    return DesiredResource(
        address=Address(address),
        type=type_ if isinstance(type_, str) else type_.name,
        properties=properties,
        lifecycle=lifecycle or Lifecycle(),
        depends_on=frozenset(map(Address, needs)),
        source=SPAN,
    )


def stack(
    *resources: DesiredResource,
    outputs: Mapping[str, DesiredOutput] | None = None,
    name: str = "web",
    hash_: str = "h1",
    depends_on: Sequence[str] = (),
    moved_from: str | None = None,
    environment: str = "dev",
) -> DesiredStack:
    return DesiredStack(
        environment=environment,
        name=name,
        region=STACK.region,
        resources={item.address: item for item in resources},
        outputs=outputs or {},
        hash=hash_,
        depends_on=frozenset(depends_on),
        moved_from=moved_from,
        source=SourceSpan(file=f"specs/{environment}/{name}.yaml"),
    )


def record(
    address: str,
    type_: TypeSchema = BUCKET,
    properties: Mapping[str, Value] | None = None,
    *,
    needs: Sequence[str] = (),
    **more: Any,
) -> RecordedResource:
    return RecordedResource(
        **{
            "address": Address(address),
            "type": type_.name,
            "remote_id": RemoteId(f"id-{address}"),
            "properties": properties or {},
            "depends_on": tuple(map(Address, needs)),
            "account": ACCOUNT,
            "region": STACK.region,
            **more,
        }
    )


def state(*resources: RecordedResource, **more: Any) -> RecordedStack:
    return RecordedStack(
        **{
            "id": STACK,
            "lineage": "line",
            "serial": 3,
            "resources": {item.address: item for item in resources},
            **more,
        }
    )


def power_intent(owner: RecordedResource, power: Power = Power.RUNNING) -> Intent:
    """The open intent to give a machine this power, which an apply left behind."""
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    return Intent(
        operation=f"power-{owner.address}",
        kind=IntentKind.POWER,
        address=owner.address,
        resource=owner,
        remote_id=owner.remote_id,
        epoch=1,
        begun_at=begun,
        deadline=begun,
        power=power,
    )


def present(address: str, **properties: Any) -> dict[Address, Observation]:
    return {Address(address): Present(remote_id=RemoteId(f"id-{address}"), properties=properties)}


def absent(address: str) -> dict[Address, Observation]:
    return {Address(address): Absent()}


def bind(requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Any]]]]) -> list[Value]:
    """Evaluates ``${a.B}`` and texts around it, and ``${a["B"]}``; undecided stays unknown."""
    assert requests, "an empty batch is not worth a call"
    return [_evaluate(wanted, scope) for wanted, scope in requests]


def _evaluate(wanted: Unknown, scope: Mapping[Address, Mapping[str, Any]]) -> Value:
    whole = re.fullmatch(r'\$\{([a-z_0-9]+)(?:\.|\[")([\w:]+)(?:"\])?\}', wanted.template)
    if whole:
        return scope.get(Address(whole[1]), {}).get(whole[2], wanted)
    text = wanted.template
    for name, attribute in re.findall(r"\$\{([a-z_0-9]+)\.(\w+)\}", wanted.template):
        value = scope.get(Address(name), {}).get(attribute)
        if value is None:
            return wanted
        text = text.replace(f"${{{name}.{attribute}}}", str(value))
    return text


def plan_of(
    desired: DesiredStack | None,
    recorded: RecordedStack | None = None,
    observed: Mapping[Address, Observation] | None = None,
    **more: Any,
) -> Plan:
    return make_plan(
        **{
            "stack": STACK,
            "desired": desired,
            "recorded": recorded or state(),
            "observed": observed or {},
            "owners": {},
            "schemas": TYPES.get,
            "account": ACCOUNT,
            "commit": None,
            "redactor": REDACT,
            "bind": bind,
            "pack_version": "p1",
            **more,
        }
    )


def change_of(plan: Plan, address: str) -> Change:
    (found,) = [item for item in plan.changes if item.address == address]
    return found


def actions(plan: Plan) -> dict[str, str]:
    return {item.address: item.action.value for item in plan.changes}


class SmallCloud:
    """Objects by identifier, and a walk simple enough to be obviously right."""

    def __init__(self) -> None:
        self.objects: dict[RemoteId, dict[str, Any]] = {}
        self._count = 0

    def observe(self, recorded: RecordedStack) -> dict[Address, Observation]:
        return {
            address: Present(remote_id=item.remote_id, properties=self.objects[item.remote_id])
            if item.remote_id in self.objects
            else Absent()
            for address, item in recorded.resources.items()
        }

    def apply(
        self, plan: Plan, desired: DesiredStack | None, recorded: RecordedStack
    ) -> RecordedStack:
        resources = dict(recorded.resources)
        for change in plan.changes:
            if change.moved_from is not None:
                resources[change.address] = resources.pop(change.moved_from)
        for change in plan.changes:
            if change.deposed_operation is not None:
                self.objects.pop(change.remote_id, None)
            elif change.action in (Action.DELETE, Action.FORGET):
                del resources[change.address]
                if change.action is Action.DELETE:
                    self.objects.pop(change.remote_id, None)
            else:
                assert desired is not None
                self._carry_out(change, desired.resources[change.address], resources)
        return replace(
            recorded,
            serial=recorded.serial + 1,
            resources=resources,
            deposed=(),
            outputs=self._outputs(desired, resources),
            desired_hash=plan.desired_hash,
        )

    def _carry_out(
        self,
        change: Change,
        wanted: DesiredResource,
        resources: dict[Address, RecordedResource],
    ) -> None:
        properties = self._bound(wanted.properties, resources)
        if change.action in (Action.CREATE, Action.REPLACE):
            if change.remote_id is not None:
                self.objects.pop(change.remote_id, None)
            remote = self._create(wanted.type, properties)
        else:
            remote = change.remote_id or resources[change.address].remote_id
            live = self.objects[remote]
            for path in change.paths:
                top = path.path.split("/")[1]
                if path.removed and path.path.count("/") == 1:
                    live.pop(top, None)
                    if path.after is not None:
                        live[top] = path.after
                elif top in properties:
                    live[top] = reveal(properties[top])
                else:
                    live.pop(top, None)
        resources[change.address] = record(
            change.address,
            TYPES[wanted.type],
            redact(properties, REDACT),
            needs=tuple(sorted(wanted.depends_on)),
            remote_id=remote,
            protect=wanted.lifecycle.protect,
            retain=wanted.lifecycle.retain,
        )

    def _create(self, type_: str, properties: Mapping[str, Any]) -> RemoteId:
        self._count += 1
        remote = RemoteId(f"{type_}-{self._count}")
        computed = {path.strip("/"): f"{remote}{path}" for path in TYPES[type_].read_only}
        self.objects[remote] = {**computed, **reveal(properties)}
        return remote

    def _bound(self, tree: Any, resources: Mapping[Address, RecordedResource]) -> Any:
        if isinstance(tree, Mapping):
            return {key: self._bound(item, resources) for key, item in tree.items()}
        if isinstance(tree, (list, tuple)):
            return [self._bound(item, resources) for item in tree]
        if isinstance(tree, Unknown):
            scope = {
                address: self.objects[resources[address].remote_id]
                for address in tree.references.values()
            }
            return bind([(tree, scope)])[0]
        return tree

    def _outputs(
        self, desired: DesiredStack | None, resources: Mapping[Address, RecordedResource]
    ) -> dict[str, RecordedOutput]:
        wanted = desired.outputs if desired is not None else {}
        return {
            name: RecordedOutput(
                value=output_value(output, self._bound(output.value, resources), REDACT),
                sensitive=output.sensitive,
            )
            for name, output in wanted.items()
        }


def deposed(address: str, operation: str, type_: TypeSchema = BUCKET) -> Deposed:
    return Deposed(
        resource=record(address, type_, remote_id=RemoteId(f"former-{address}")),
        operation=operation,
    )


def header_of(stack: RecordedStack) -> StackHeader:
    """The state's header, as a store makes it."""
    parts = (
        *stack.resources.values(),
        *(each.resource for each in stack.deposed),
        *(each.resource for each in stack.intents),
    )
    return StackHeader(
        id=stack.id,
        lineage=stack.lineage,
        serial=stack.serial,
        resources=len(stack.resources),
        left=len(parts),
        places=frozenset((part.account, part.region) for part in parts),
        desired_hash=stack.desired_hash,
        commit=stack.commit,
        complete=stack.complete,
    )
