"""Make values for every handled path of a type from its schema.

A new type or property needs no line here. Where AWS wants more of a value than the schema says, the
type's case has ``samples`` for what names something, and ``beside`` for what AWS wants beside a
property.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.types.ec2.routes import TARGETS
from gitbot.reconciler.pointers import PatternSet
from tests.contract.aws.cases import CASES
from tests.contract.aws.cases.case import (
    AMI,
    OTHER_AMI,
    OTHER_TAGS,
    PUBLIC_KEY,
    TAGS,
    Beside,
    Samples,
    encoded,
    read_policy,
    trust,
)
from tests.contract.aws.cases.ec2 import route_alternatives, route_changes
from tests.contract.aws.cases.s3 import log_bucket
from tests.contract.aws.world import AwsWorld

Pattern: TypeAlias = tuple[str, ...]
Node: TypeAlias = Mapping[str, Any]


def _each(make: Callable[[AwsWorld, str], Any]) -> Callable[[AwsWorld], Sequence[Any]]:
    """Two objects in the cloud, made when they are first wanted."""

    def samples(world: AwsWorld) -> Sequence[Any]:
        return [world.thing(f"{make.__name__}-{name}", partial(make, world, name)) for name in "ab"]

    return samples


def _group(world: AwsWorld, name: str) -> str:
    group = world.aws.client("ec2").create_security_group(GroupName=f"g-{name}", Description="x")
    return str(group["GroupId"])


def _profile(world: AwsWorld, name: str) -> str:
    world.aws.client("iam").create_instance_profile(InstanceProfileName=f"profile-{name}")
    return f"profile-{name}"


def _role(world: AwsWorld, name: str) -> str:
    document = json.dumps(trust("ec2.amazonaws.com"))
    world.aws.client("iam").create_role(RoleName=f"r-{name}", AssumeRolePolicyDocument=document)
    return f"r-{name}"


def _policy(world: AwsWorld, name: str) -> str:
    document = json.dumps(read_policy("*"))
    policy = world.aws.client("iam").create_policy(PolicyName=name, PolicyDocument=document)
    return str(policy["Policy"]["Arn"])


def _snapshot(world: AwsWorld, name: str) -> str:
    ec2 = world.aws.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    return str(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])


def _target(name: str) -> Callable[[AwsWorld], Sequence[Any]]:
    """A target of routes: the first is the case's own, so that one sample is a change already."""

    def samples(world: AwsWorld) -> Sequence[Any]:
        targets = world.thing("targets", lambda: route_alternatives(world) | route_changes(world))
        return [targets[name]] * 2

    return samples


def _rule(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """A lifecycle rule must do something."""
    actions = ("Transition", "Expir", "Noncurrent", "Abort")
    return {} if name.startswith(actions) else {"ExpirationInDays": 400}


def _transition(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {} if name in ("TransitionInDays", "TransitionDate") else {"TransitionInDays": 30}


def _ports(world: AwsWorld, name: str) -> Mapping[str, Any]:
    ports = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 9}
    owned = name == "SourceSecurityGroupOwnerId"
    return ports | ({"SourceSecurityGroupId": _each(_group)(world)[0]} if owned else {})


_REPLICATOR = "arn:aws:iam::123456789012:role/replicator"
_VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
_OWNED = {
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    "PublicAccessBlockConfiguration": {"BlockPublicAcls": False, "IgnorePublicAcls": False},
}


def _bucket(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in ("ReplicationConfiguration", "ObjectLockEnabled", "ObjectLockConfiguration"):
        return _VERSIONED
    return _OWNED if name == "AccessControl" else {}


def _key(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"SSEAlgorithm": "aws:kms"} if name == "KMSMasterKeyID" else {}


def _volume(world: AwsWorld, name: str) -> Mapping[str, Any]:
    kms = {"Encrypted": True} if name == "KmsKeyId" else {}
    return {"VolumeSize": 20, **({"VolumeType": "gp3"} if name != "VolumeType" else {}), **kms}


BESIDE: Mapping[str, Beside] = {
    "AWS::S3::Bucket/LifecycleConfiguration/Rules/*": _rule,
    "AWS::S3::Bucket/LifecycleConfiguration/Rules/*/Transition": _transition,
    "AWS::S3::Bucket/LifecycleConfiguration/Rules/*/Transitions/*": _transition,
    "AWS::S3::Bucket/BucketEncryption/ServerSideEncryptionConfiguration/*": lambda world, name: (
        {} if name == "ServerSideEncryptionByDefault" else SSE
    ),
    "AWS::S3::Bucket/BucketEncryption/ServerSideEncryptionConfiguration/*"
    "/ServerSideEncryptionByDefault": _key,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::Bucket/WebsiteConfiguration": lambda world, name: (
        {} if name in ("RedirectAllRequestsTo", "IndexDocument") else {"IndexDocument": "i"}
    ),
    "AWS::S3::Bucket/WebsiteConfiguration/RoutingRules/*": lambda world, name: {
        "RedirectRule": {"HostName": "a.example"}
    },
    "AWS::S3::Bucket/LoggingConfiguration": lambda world, name: {
        "DestinationBucketName": log_bucket(world, "a")
    },
    "AWS::S3::Bucket/ReplicationConfiguration": lambda world, name: {"Role": _REPLICATOR},
    "AWS::S3::Bucket/ReplicationConfiguration/Rules/*": lambda world, name: (
        {}
        if name != "Filter"
        else {"Priority": 1, "DeleteMarkerReplication": {"Status": "Disabled"}}
    ),
    "AWS::EC2::SecurityGroup/SecurityGroupIngress/*": _ports,
    "AWS::EC2::SecurityGroup/SecurityGroupEgress/*": _ports,
    "AWS::EC2::SecurityGroupIngress": _ports,
    "AWS::EC2::SecurityGroupEgress": _ports,
    "AWS::EC2::Instance/BlockDeviceMappings/*/Ebs": _volume,
    **{
        f"{case.type}/{path}".rstrip("/"): wanted
        for case in CASES
        for path, wanted in case.beside.items()
    },
}
"""By the path of a map: what AWS wants in it beside a property, by the property's name. By that of a property that is
no map: what AWS wants in the spec beside it."""

SSE = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}

SAMPLES: Mapping[str, Samples] = {
    "Tags": [TAGS, OTHER_TAGS],
    **{
        f"AWS::S3::Bucket/NotificationConfiguration/{kind}Configurations/*/Filter/S3Key/Rules/*/Name": [
            "prefix",
            "suffix",
        ]
        for kind in ("Lambda", "Queue", "Topic")
    },
    "AWS::S3::Bucket/AccessControl": ["PublicRead", "AuthenticatedRead"],
    "AWS::S3::Bucket/ObjectLockEnabled": [True, True],
    "DestinationBucketName": lambda world: [log_bucket(world, name) for name in "ab"],
    "HttpErrorCodeReturnedEquals": ["404", "403"],
    "HttpRedirectCode": ["301", "302"],
    "Event": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
    "Queue": [f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in "ab"],
    "Topic": [f"arn:aws:sns:us-east-1:123456789012:{name}" for name in "ab"],
    "Function": [f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in "ab"],
    "AWS::S3::Bucket/ReplicationConfiguration/Role": [_REPLICATOR, f"{_REPLICATOR}-2"],
    "Bucket": ["arn:aws:s3:::replica-a", "arn:aws:s3:::replica-b"],
    "UserData": [encoded("one"), encoded("two")],
    "AssumeRolePolicyDocument": [trust("ec2.amazonaws.com"), trust("sagemaker.amazonaws.com")],
    "PolicyDocument": [read_policy("arn:aws:s3:::a/*"), read_policy("arn:aws:s3:::b/*")],
    "Policies": [],
    "CidrIp": ["10.0.0.0/8", "192.0.2.0/24"],
    "CidrIpv6": ["2001:db8::/32", "2001:db9::/32"],
    "CidrBlock": ["10.1.0.0/16", "10.1.0.0/20"],
    "IpProtocol": ["tcp", "udp"],
    "FromPort": [1, 2],
    "ToPort": [9, 8],
    "SourceSecurityGroupId": _each(_group),
    "DestinationSecurityGroupId": _each(_group),
    "GroupSet": lambda world: [[one] for one in _each(_group)(world)],
    "SecurityGroupIds": lambda world: [[one] for one in _each(_group)(world)],
    "SecurityGroups": lambda world: [[f"g-{name}"] for name in "ab" if _each(_group)(world)],
    "SourcePrefixListId": ["pl-0123456789abcdef0", "pl-0123456789abcdef1"],
    "DestinationPrefixListId": ["pl-0123456789abcdef0", "pl-0123456789abcdef1"],
    "SourceSecurityGroupOwnerId": ["123456789012", "123456789012"],
    **{f"AWS::EC2::Route/{name}": _target(name) for name in TARGETS},
    "KMSMasterKeyID": ["alias/aws/s3", "alias/other"],
    "KmsKeyId": ["alias/aws/ebs", "alias/other"],
    "ExpirationDate": ["2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"],
    "TransitionDate": ["2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"],
    "ObjectSizeGreaterThan": ["1000", "2000"],
    "ObjectSizeLessThan": ["1000", "2000"],
    "ImageId": [AMI, OTHER_AMI],
    "InstanceType": ["t3.micro", "t3.large"],
    "SubnetId": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "VpcId": ["vpc-0123456789abcdef0", "vpc-0123456789abcdef1"],
    "GroupId": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
    "SnapshotId": _each(_snapshot),
    "IamInstanceProfile": _each(_profile),
    "PublicKeyMaterial": [PUBLIC_KEY, PUBLIC_KEY.replace("AAAAIO38", "AAAAIO39")],
    "DestinationCidrBlock": ["10.0.0.0/8", "192.0.2.0/24"],
    "DestinationIpv6CidrBlock": ["2001:db8::/32", "2001:db9::/32"],
    "PrivateIpAddress": ["172.31.0.10", "172.31.0.11"],
    "AvailabilityZone": ["us-east-1a", "us-east-1b"],
    "Tenancy": ["default", "dedicated"],
    "VolumeSize": [20, 40],
    "Iops": [4000, 5000],
    "DeviceName": ["/dev/sdf", "/dev/sdg"],
    "Path": ["/a/", "/b/"],
    "PermissionsBoundary": _each(_policy),
    "ManagedPolicyArns": lambda world: [[one] for one in _each(_policy)(world)],
    "Roles": lambda world: [[one] for one in _each(_role)(world)],
    "MaxSessionDuration": [7200, 3600],
    **{f"{case.type}/{path}": two for case in CASES for path, two in case.samples.items()},
}
"""Two samples by the name of a property, by its type and path, or by its type, ``**`` and its name."""


def paths_of(schema: TypeSchema) -> tuple[Pattern, ...]:
    """Every path that the type handles and a spec may set, down to what has no parts of its own."""
    return tuple(_Tree(schema).leaves())


def sample(world: AwsWorld, schema: TypeSchema, pattern: Pattern, which: int) -> Any:
    """A value of the top-level property, with the ``which``-th sample (0 or 1) at the path."""
    tree = _Tree(schema)
    return tree.build(world, tree.properties[pattern[0]], pattern, 1, which)


def beside(world: AwsWorld, schema: TypeSchema, path: Pattern) -> Mapping[str, Any]:
    """What AWS wants in a spec beside this path, or else beside its top-level property; null: not that."""
    wanted = BESIDE.get(f"{schema.name}/{'/'.join(path)}") or BESIDE.get(schema.name)
    return {} if wanted is None else wanted(world, path[0])


@dataclass(frozen=True, slots=True)
class Edge:
    """A value at the edge of what a schema takes, made from a usual one."""

    name: str
    value: Callable[[Any], Any]


def edges_of(schema: TypeSchema) -> Iterator[tuple[Pattern, Pattern, Edge]]:
    """The edges of every handled path, each with a path below it that has samples."""
    seen: set[Pattern] = set()
    tree = _Tree(schema)
    for leaf in tree.leaves():
        for length in range(1, len(leaf) + 1):
            path = leaf[:length]
            if path not in seen:
                seen.add(path)
                yield from ((leaf, path, edge) for edge in _edges(tree.node_at(path)))


_MANY = 100
"""Of an enumeration with more choices, as of types of machines, a few stand for all."""


def _edges(node: Node) -> Iterator[Edge]:
    kinds = node.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if "array" in kinds:
        yield Edge("none", lambda usual: [])
        yield Edge("twice", lambda usual: [usual[0], usual[0]])
    elif node.get("properties"):
        yield Edge("empty", lambda usual: {})
    choices = node.get("enum", ())
    for choice in choices[:6] if len(choices) > _MANY else choices:
        yield Edge(str(choice), lambda usual, choice=choice: choice)
    if "string" in kinds and "enum" not in node:
        yield Edge("blank", lambda usual: "")
        if "object" in kinds:
            yield Edge("as text", lambda usual: json.dumps(usual))
    if "boolean" in kinds:
        yield Edge("false", lambda usual: False)
    if "minimum" in node:
        yield Edge("least", lambda usual: node["minimum"])
    if "maximum" in node:
        yield Edge("most", lambda usual: node["maximum"])


class _Tree:
    def __init__(self, schema: TypeSchema) -> None:
        self._schema = schema
        self._handled = PatternSet(schema.handled or ())
        self._read_only = PatternSet(schema.read_only)
        self.properties: Mapping[str, Node] = {
            name: self.resolved(node) for name, node in schema.json_schema["properties"].items()
        }

    def resolved(self, node: Node) -> Node:
        """The node, with the definition that it refers to and all its alternatives merged in."""
        while "$ref" in node:
            name = node["$ref"].removeprefix("#/definitions/")
            node = self._schema.json_schema["definitions"][name]
        branches = [one for key in ("oneOf", "anyOf") for one in node.get(key, ())]
        properties = {k: v for one in branches for k, v in one.get("properties", {}).items()}
        if properties:
            return {**node, "properties": {**properties, **node.get("properties", {})}}
        return node

    def leaves(self) -> Iterator[Pattern]:
        for name, node in sorted(self.properties.items()):
            yield from self._leaves((name,), node)

    def _leaves(self, path: Pattern, node: Node) -> Iterator[Pattern]:
        if self._read_only.reaches(path) or not self._handled.touches(path):
            return
        below = node.get("properties")
        whole = "/" + "/".join(path)
        if whole == self._schema.tags_path or f"{self._schema.name}{whole}" in SAMPLES:
            yield path
        elif node.get("type") == "array":
            items = self.resolved(node.get("items", {}))
            if items.get("properties"):
                yield from self._leaves((*path, "*"), items)
            else:
                yield path
        elif below:
            for name, child in sorted(below.items()):
                yield from self._leaves((*path, name), self.resolved(child))
        else:
            yield path

    def node_at(self, path: Pattern) -> Node:
        """The schema of the value at the path."""
        node: Node = {"properties": self.properties}
        for step in path:
            below = node["items"] if step == "*" else node["properties"][step]
            node = self.resolved(below)
        return node

    def build(self, world: AwsWorld, node: Node, pattern: Pattern, depth: int, which: int) -> Any:
        """A value for the node at the first ``depth`` steps of the pattern."""
        if depth == len(pattern):
            return self.leaf(world, node, pattern, which)
        step = pattern[depth]
        if step == "*":
            items = self.resolved(node["items"])
            return [self.build(world, items, pattern, depth + 1, which)]
        below = node["properties"]
        done = {
            name: self.whole(world, self.resolved(below[name]), (*pattern[:depth], name))
            for name in node.get("required", ())
            if name != step
        }
        done |= self._beside(world, node, pattern[:depth], step)
        done[step] = self.build(world, self.resolved(below[step]), pattern, depth + 1, which)
        return done

    def whole(self, world: AwsWorld, node: Node, path: Pattern) -> Any:
        """A value for a required node: of what has parts, only the required ones."""
        if node.get("type") == "array":
            items = self.resolved(node.get("items", {}))
            return (
                [self.whole(world, items, (*path, "*"))]
                if items.get("properties")
                else (self.leaf(world, node, path, 0))
            )
        if "properties" in node:
            done = {
                name: self.whole(world, self.resolved(node["properties"][name]), (*path, name))
                for name in node.get("required", ())
            }
            return done | self._beside(world, node, path, "")
        return self.leaf(world, node, path, 0)

    def _beside(self, world: AwsWorld, node: Node, path: Pattern, name: str) -> dict[str, Any]:
        """What else a map needs that has the property ``name``, or nothing but required ones."""
        wanted = BESIDE.get(f"{self._schema.name}/{'/'.join(path)}")
        done = dict(wanted(world, name)) if wanted is not None else {}
        for group in node.get("requiredXor", ()) and [node["requiredXor"]]:
            if name not in group and not done.keys() & set(group):
                first = next(one for one in group if self._handled.touches((*path, one)))
                done[first] = self.whole(
                    world, self.resolved(node["properties"][first]), (*path, first)
                )
        return done

    def leaf(self, world: AwsWorld, node: Node, path: Pattern, which: int) -> Any:
        """The ``which``-th sample for a node without parts."""
        name = path[-1]
        full = f"{self._schema.name}/{'/'.join(path)}"
        for key in (full, f"{self._schema.name}/**/{name}", name):
            if key in SAMPLES:
                samples = SAMPLES[key]
                return (samples(world) if callable(samples) else samples)[which]
        kind = node.get("type")
        if kind == "array":
            item = {**self.resolved(node.get("items", {}))}
            return [self.leaf(world, item, (*path, "*"), which)]
        for choices in (node.get("enum"), node.get("enumCaseInsensitive")):
            if choices:
                return choices[which % len(choices)]
        if kind == "boolean":
            return which == 0
        if kind in ("integer", "number"):
            least = max(node.get("minimum", 1), 1)
            return least + which
        if kind == "object":
            return {}
        return f"sample-{'ab'[which]}"


def xors_of(node: Node) -> Iterator[list[str]]:
    """The groups of properties of the node of which exactly one may be set."""
    for one in (node, *node.get("allOf", ())):
        if "requiredXor" in one:
            yield one["requiredXor"]
        for name, others in one.get("dependentExcluded", {}).items():
            yield from ([name, other] for other in others)
