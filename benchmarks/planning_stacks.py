"""Make stacks of pairs of dependent resources, as values and as spec files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route, TagShape, TypeSchema
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.model.values import Unknown, Value

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
