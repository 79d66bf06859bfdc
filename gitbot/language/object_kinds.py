"""Tells of which resource type the object is that an identifier or ARN names, and whether it belongs there. Pure.

The registry's formats say which type a property wants: ``AWS::EC2::SecurityGroup.Id``. Where it has none, ``names``
does, a keyword of gitbot's own: all kinds of objects that the property takes. Names are no identifiers: a log group
may well have the name of a function.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gitbot.model.schema import TypeSchema

_FORMAT: Final = re.compile(r"(AWS::\w+::\w+)\.(\w+)")
_NAMES: Final = frozenset({"Name", "Names"})
_PREFIXES: Final = {
    "acl": "AWS::EC2::NetworkAcl",
    "ami": "AWS::EC2::Image",
    "eipalloc": "AWS::EC2::EIP",
    "eni": "AWS::EC2::NetworkInterface",
    "i": "AWS::EC2::Instance",
    "igw": "AWS::EC2::InternetGateway",
    "lt": "AWS::EC2::LaunchTemplate",
    "nat": "AWS::EC2::NatGateway",
    "pl": "AWS::EC2::PrefixList",
    "rtb": "AWS::EC2::RouteTable",
    "sg": "AWS::EC2::SecurityGroup",
    "snap": "AWS::EC2::Snapshot",
    "subnet": "AWS::EC2::Subnet",
    "vol": "AWS::EC2::Volume",
    "vpc": "AWS::EC2::VPC",
    "vpce": "AWS::EC2::VPCEndpoint",
}
_ARNS: Final = (
    ("iam", "role/", "AWS::IAM::Role"),
    ("iam", "user/", "AWS::IAM::User"),
    ("iam", "group/", "AWS::IAM::Group"),
    ("iam", "policy/", "AWS::IAM::ManagedPolicy"),
    ("iam", "instance-profile/", "AWS::IAM::InstanceProfile"),
    ("kms", "key/", "AWS::KMS::Key"),
    ("kms", "alias/", "AWS::KMS::Alias"),
    ("lambda", "function:", "AWS::Lambda::Function"),
    ("sqs", "", "AWS::SQS::Queue"),
    ("sns", "", "AWS::SNS::Topic"),
    ("s3", "", "AWS::S3::Bucket"),
    ("acm", "certificate/", "AWS::ACM::Certificate"),
    ("dynamodb", "table/", "AWS::DynamoDB::Table"),
    ("ecs", "cluster/", "AWS::ECS::Cluster"),
    ("ecs", "task-definition/", "AWS::ECS::TaskDefinition"),
    ("eks", "cluster/", "AWS::EKS::Cluster"),
    ("elasticloadbalancing", "loadbalancer/", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    ("elasticloadbalancing", "targetgroup/", "AWS::ElasticLoadBalancingV2::TargetGroup"),
    ("kinesis", "stream/", "AWS::Kinesis::Stream"),
    ("logs", "log-group:", "AWS::Logs::LogGroup"),
)
"""Beginnings of ARNs, by service and resource."""
_OWN: Final[Mapping[str, tuple[str, ...]]] = {"AWS::EC2::EIP": ("AllocationId",)}
"""Attributes that are an identifier of the object, and called otherwise."""
_ALSO: Final[Mapping[str, frozenset[str]]] = {
    "AWS::ACM::Certificate": frozenset(
        {"AWS::CertificateManager::Certificate", "AWS::IAM::ServerCertificate"}
    ),
    "AWS::EC2::Image": frozenset({"AWS::ImageBuilder::Image"}),
    "AWS::IAM::Role": frozenset({"AWS::IAM::ServiceLinkedRole"}),
    "AWS::KMS::Key": frozenset({"AWS::KMS::ReplicaKey", "AWS::KMS::Alias"}),
    "AWS::Lambda::Function": frozenset(
        {"AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Serverless::Function"}
    ),
    "AWS::Route53::AliasTarget": frozenset({"AWS::Route53::HostedZone"}),
    "AWS::SNS::Topic": frozenset({"AWS::QuickSight::Topic"}),
}
"""The types whose objects fit too where one of a type is wanted."""


def misplaced(kind: str | None, wanted: Collection[str]) -> str:
    """Why an object of a type does not belong where one of the wanted types does; empty: it may."""
    if kind is None or not wanted or any(kind in {one, *_ALSO.get(one, ())} for one in wanted):
        return ""
    choices = " or ".join(f"an {one}" for one in sorted(wanted))
    return f"names an {kind}, and {choices} belongs here"


def wanted_by(schema: Mapping[str, Any] | None) -> frozenset[str]:
    """The types of which an object is wanted by a property with this schema; none: it does not say."""
    if schema is None:
        return frozenset()
    if "names" in schema:
        return frozenset(one.rpartition(".")[0] for one in schema["names"])
    named: set[str] = set()
    found: set[str] = set()
    for one in _formats(schema):
        told = _FORMAT.fullmatch(one or "")
        if told is None:
            return frozenset()
        (named if told[2] in _NAMES else found).add(told[1])
    return frozenset(found if named <= found else ())  # a name alone may be any text


def takes_names(schema: Mapping[str, Any]) -> bool:
    """Whether an object may be named by a name that people gave it, which another may have too."""
    return any(one.rpartition(".")[2] in _NAMES for one in schema.get("names", ()))


def _formats(schema: Mapping[str, Any]) -> Iterator[str | None]:
    """The format of each alternative; None for one that takes other values too."""
    if schema.get("format"):
        yield str(schema["format"])
        return
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not alternatives:
        yield None
    for one in alternatives:
        if "const" not in one:
            yield from _formats(one)


def kind_of_attribute(type_: TypeSchema, attribute: str) -> str | None:
    """The type of the object that an attribute names; None: it names none, or nobody says.

    An ARN, an id that is called like the type, or the whole identifier names the object itself; of any other the
    schema of the property tells.
    """
    schema = type_.json_schema.get("properties", {}).get(attribute)
    told = wanted_by(schema) or wanted_by((schema or {}).get("items"))
    if told:
        return next(iter(told)) if len(told) == 1 else None
    own = f"/{attribute}" in type_.read_only and attribute in _own_names(type_.name)
    if own or attribute == "Arn" or type_.primary_identifier == (f"/{attribute}",):
        return type_.name
    return None


def _own_names(type_name: str) -> tuple[str, ...]:
    """What the identifiers of an object of the type may be called: ``GroupId`` of a PlacementGroup is not among them."""
    last = type_name.rpartition("::")[2]
    return (f"{last}Arn", f"{last}ARN", f"{last}Id", *_OWN.get(type_name, ()))


def may_name(text: str) -> bool:
    """Whether the text may be an identifier or an ARN: a quick look at it."""
    return text.startswith("arn:") or (
        "-" in text and text.partition("-")[0] in _PREFIXES and " " not in text
    )


def kind_of_text(text: str) -> str | None:
    """The type of the object whose identifier or ARN this is plainly; None: of any."""
    found = re.fullmatch(r"([a-z]+)-[0-9a-f]{8,17}", text)
    if found is not None:
        return _PREFIXES.get(found[1])
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return None
    fits = (
        kind
        for service, begins, kind in _ARNS
        if parts[2] == service and parts[5].startswith(begins)
    )
    return next(fits, None)
