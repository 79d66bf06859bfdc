"""How long planning alone takes: pairs of dependent resources, without a refresh. Shell.

    python -m benchmarks.planning [--pairs 1000 10000 20000] [--yaml]

Each size runs in a process of its own, so that the peak of memory is its own. ``first`` plans the
creation of everything, ``again`` an unchanged stack (nothing read, everything bound from state).
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route, SchemaLookup, TagShape, TypeSchema
from gitbot.model.values import Unknown, Value, redactor
from gitbot.reconciler.plan import make_plan

STACK = StackId(repository="1", environment="dev", name="bench", region="eu-west-1")
ACCOUNT = "111111111111"
GROUP = TypeSchema(
    name="AWS::EC2::SecurityGroup",
    route=Route.NATIVE,
    create_only=("/GroupDescription", "/GroupName", "/VpcId"),
    read_only=("/GroupId",),
    sets=frozenset({"/SecurityGroupIngress"}),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
)
INSTANCE = TypeSchema(
    name="AWS::EC2::Instance",
    route=Route.NATIVE,
    create_only=("/ImageId", "/SubnetId", "/BlockDeviceMappings"),
    read_only=("/InstanceId", "/PublicIp"),
    sets=frozenset({"/SecurityGroupIds"}),
    restarts=frozenset({"/InstanceType"}),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
)
SCHEMAS: SchemaLookup = {GROUP.name: GROUP, INSTANCE.name: INSTANCE}.get


def pair(number: int) -> tuple[DesiredResource, DesiredResource]:
    """A security group and the instance that uses it."""
    group, machine = Address(f"ssh_{number:05}"), Address(f"trainer_{number:05}")
    source = SourceSpan(file="specs/dev/bench.yaml", line=number + 1)
    tags = [{"Key": "owner", "Value": "ml-team"}, {"Key": "number", "Value": str(number)}]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "203.0.113.5/32"}
    uses = Unknown(template=f"${{{group}.GroupId}}", references={group: group})
    return (
        DesiredResource(
            address=group,
            type=GROUP.name,
            properties={
                "GroupDescription": "SSH from my IP only",
                "SecurityGroupIngress": [rule],
                "Tags": tags,
            },
            source=source,
        ),
        DesiredResource(
            address=machine,
            type=INSTANCE.name,
            properties={
                "ImageId": "ami-12c6146b",
                "InstanceType": "g4dn.xlarge",
                "SecurityGroupIds": [uses],
                "Tags": tags,
            },
            depends_on=frozenset({group}),
            source=source,
        ),
    )


def desired_stack(pairs: int) -> DesiredStack:
    """A stack of that many pairs."""
    resources = [item for number in range(pairs) for item in pair(number)]
    return DesiredStack(
        environment=STACK.environment,
        name=STACK.name,
        region=STACK.region,
        resources={item.address: item for item in resources},
        hash="bench",
        source=SourceSpan(file="specs/dev/bench.yaml"),
    )


def recorded_stack(desired: DesiredStack) -> RecordedStack:
    """State as if the stack had been applied."""

    def bound(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: bound(item) for key, item in value.items()}
        if isinstance(value, list):
            return [bound(item) for item in value]
        return f"sg-{value.template[2:-9]}" if isinstance(value, Unknown) else value

    resources: dict[Address, RecordedResource] = {}
    for address, item in desired.resources.items():
        properties = bound(item.properties)
        computed = {"GroupId": f"sg-{address}"} if item.type == GROUP.name else {"InstanceId": "i"}
        resources[address] = RecordedResource(
            address=address,
            type=item.type,
            remote_id=RemoteId(f"id-{address}"),
            properties=properties,
            attributes={**properties, **computed},
            depends_on=tuple(item.depends_on),
            account=ACCOUNT,
            region=STACK.region,
        )
    return RecordedStack(id=STACK, lineage="bench", serial=1, resources=resources)


def bind(requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Any]]]]) -> list[Value]:
    """Evaluates ``${name.Attribute}``; expressions at large are the language's benchmark."""
    answers: list[Value] = []
    for unknown, scope in requests:
        found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", unknown.template)
        known = scope.get(Address(found[1]), {}) if found else {}
        answers.append(known.get(found[2], unknown) if found else unknown)
    return answers


def planned(desired: DesiredStack, recorded: RecordedStack, schemas: SchemaLookup) -> Plan:
    """One plan, nothing read."""
    return make_plan(
        stack=STACK,
        desired=desired,
        recorded=recorded,
        observed={},
        schemas=schemas,
        account=ACCOUNT,
        commit=None,
        redactor=redactor(b"bench", "bench"),
        bind=bind,
        pack_version="bench",
    )


def measure(pairs: int) -> dict[str, float]:
    """Wall times in seconds and the process's peak of memory in megabytes."""
    desired = desired_stack(pairs)
    start = time.perf_counter()
    first = planned(desired, RecordedStack(id=STACK, lineage="bench"), SCHEMAS)
    first_s = time.perf_counter() - start
    assert len(first.effective) == 2 * pairs
    del first
    recorded = recorded_stack(desired)
    start = time.perf_counter()
    again = planned(desired, recorded, SCHEMAS)
    again_s = time.perf_counter() - start
    assert again.empty
    return {"first_s": first_s, "again_s": again_s, "peak_rss_mb": _peak_mb()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(pairs: int) -> dict[str, float]:
    """``measure`` in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.planning", "--one", str(pairs)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000, 10_000, 20_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure(arguments.one)))
        return
    print(f"{'pairs':>8} {'first':>9} {'again':>9} {'peak':>9}")
    for pairs in arguments.pairs:
        found = run(pairs)
        print(
            f"{pairs:>8} {found['first_s']:>7.2f} s {found['again_s']:>7.2f} s "
            f"{found['peak_rss_mb']:>6.0f} MB"
        )


if __name__ == "__main__":
    main()
