"""How long planning alone takes: pairs of dependent resources, without a refresh. Shell.

    python -m benchmarks.planning [--pairs 1000 10000 20000] [--yaml]

Each size runs in a process of its own, so that its peak of memory is measured alone. ``first``
plans the creation of everything, ``again`` an unchanged stack (nothing read, everything bound from
state). ``--yaml`` begins with spec files of 1,000 pairs each: ``load`` is YAML to desired state
with every property checked against its schema, and the plans then use the shipped types and
evaluate CEL. ``cpu_s`` is the processor time of loading and the first plan.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measuring import own_peak_bytes
from gitbot.language.bind import bind as evaluate
from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route, SchemaLookup, TagShape, TypeSchema
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.model.values import Unknown, Value, redactor
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.binding import Binder
from gitbot.reconciler.plan import make_plan

STACK = StackId(repository="1", environment="dev", name="bench", region="eu-west-1")
ACCOUNT = "111111111111"
STACK_PAIRS = 1_000
ENVIRONMENT_TEXT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {region: eu-west-1}\n"
)
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
    tags: list[Value] = [
        {"Key": "owner", "Value": "ml-team"},
        {"Key": "number", "Value": str(number)},
    ]
    rule: dict[str, Value] = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "CidrIp": "203.0.113.5/32",
    }
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
    """The state after the stack was applied."""

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


def spec_text(name: str, pairs: int) -> str:
    """The spec of that many pairs, as YAML."""
    lines = ["apiVersion: gitbot/v1", "kind: Stack", f"metadata: {{name: {name}}}", "spec:"]
    lines.append("  resources:")
    for number in range(pairs):
        lines += [
            f"    ssh_{number:05}:",
            "      type: AWS::EC2::SecurityGroup",
            "      properties:",
            "        GroupDescription: SSH from my IP only",
            "        SecurityGroupIngress:",
            "          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}",
            f'        Tags: [{{Key: owner, Value: ml-team}}, {{Key: number, Value: "{number}"}}]',
            f"    trainer_{number:05}:",
            "      type: AWS::EC2::Instance",
            "      properties:",
            "        ImageId: ami-12c6146b",
            "        InstanceType: g4dn.xlarge",
            f'        SecurityGroupIds: ["${{ssh_{number:05}.GroupId}}"]',
            f'        Tags: [{{Key: owner, Value: ml-team}}, {{Key: number, Value: "{number}"}}]',
        ]
    return "\n".join(lines) + "\n"


def spec_tree(pairs: int) -> SpecTree:
    """The spec files of an environment with one stack for each thousand pairs."""
    texts = {"specs/dev/environment.yaml": ENVIRONMENT_TEXT}
    for first in range(0, pairs, STACK_PAIRS):
        name = f"bench-{first // STACK_PAIRS}"
        texts[f"specs/dev/{name}.yaml"] = spec_text(name, min(STACK_PAIRS, pairs - first))
    entries = {path: TreeEntry(content=text.encode()) for path, text in texts.items()}
    return SpecTree(id="bench", entries=entries)


def evaluated(requests: Sequence[tuple[Unknown, Mapping[Address, Any]]]) -> list[Value]:
    """The values of the requests, evaluated in this process instead of the loader's child."""
    return [evaluate(unknown, attributes) for unknown, attributes in requests]


def measure_yaml(pairs: int) -> dict[str, float]:
    """The figures of ``measure``, from YAML and with the shipped types."""
    catalog = open_catalog()
    tree = spec_tree(pairs)
    cpu_s = time.process_time()
    start = time.perf_counter()
    loaded = load_tree(tree, catalog.lookup, catalog.names)
    load_s = time.perf_counter() - start
    assert not loaded.diagnostics, loaded.diagnostics[:3]
    start = time.perf_counter()
    for stack in loaded.stacks:
        planned(stack, RecordedStack(id=STACK, lineage="bench"), catalog.lookup, evaluated)
    first_s = time.perf_counter() - start
    cpu_s = time.process_time() - cpu_s
    states = [recorded_stack(stack) for stack in loaded.stacks]
    start = time.perf_counter()
    for stack, state in zip(loaded.stacks, states, strict=True):
        assert planned(stack, state, catalog.lookup, evaluated).empty
    again_s = time.perf_counter() - start
    found = {"load_s": load_s, "first_s": first_s, "again_s": again_s, "cpu_s": cpu_s}
    return found | {"peak_rss_mb": _peak_mb()}


def bind(requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Any]]]]) -> list[Value]:
    """Evaluate ``${name.Attribute}`` and no other expression, which measures planning alone."""
    answers: list[Value] = []
    for unknown, scope in requests:
        found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", unknown.template)
        known = scope.get(Address(found[1]), {}) if found else {}
        answers.append(known.get(found[2], unknown) if found else unknown)
    return answers


def planned(
    desired: DesiredStack, recorded: RecordedStack, schemas: SchemaLookup, binder: Binder
) -> Plan:
    """A plan for which nothing is read."""
    return make_plan(
        stack=STACK,
        desired=desired,
        recorded=recorded,
        observed={},
        schemas=schemas,
        account=ACCOUNT,
        commit=None,
        redactor=redactor(b"bench", "bench"),
        bind=binder,
        pack_version="bench",
    )


def measure(pairs: int) -> dict[str, float]:
    """Wall times in seconds and the process's peak of memory in megabytes."""
    desired = desired_stack(pairs)
    cpu_s = time.process_time()
    start = time.perf_counter()
    first = planned(desired, RecordedStack(id=STACK, lineage="bench"), SCHEMAS, bind)
    first_s = time.perf_counter() - start
    cpu_s = time.process_time() - cpu_s
    assert len(first.effective) == 2 * pairs
    del first
    recorded = recorded_stack(desired)
    start = time.perf_counter()
    again = planned(desired, recorded, SCHEMAS, bind)
    again_s = time.perf_counter() - start
    assert again.empty
    found = {"first_s": first_s, "again_s": again_s, "cpu_s": cpu_s}
    return found | {"peak_rss_mb": _peak_mb()}


def _peak_mb() -> float:
    return own_peak_bytes() / 1024**2


def run(pairs: int, *, from_yaml: bool) -> dict[str, float]:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.planning", "--one", str(pairs)]
    command += ["--yaml"] if from_yaml else []
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000, 10_000, 20_000])
    parser.add_argument("--yaml", action="store_true", help="begin with spec files")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        found = measure_yaml(arguments.one) if arguments.yaml else measure(arguments.one)
        print(json.dumps(found))
        return
    print(f"{'pairs':>8} {'load':>9} {'first':>9} {'again':>9} {'peak':>9}")
    for pairs in arguments.pairs:
        found = run(pairs, from_yaml=arguments.yaml)
        load = f"{found['load_s']:>7.2f} s" if "load_s" in found else f"{'-':>9}"
        print(
            f"{pairs:>8} {load} {found['first_s']:>7.2f} s {found['again_s']:>7.2f} s "
            f"{found['peak_rss_mb']:>6.0f} MB"
        )


if __name__ == "__main__":
    main()
