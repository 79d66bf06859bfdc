"""Say what a case of a native type has. Its service has a module beside this one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.contract.aws.world import AwsWorld

PUBLIC_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO38ZLJUuITc84Fwx0iL/hvYWwscRG6aOB5C77pSo45R ann@example"
)
AMI = "ami-12c6146b"
OTHER_AMI = "ami-03cf127a"
TAGS = [{"Key": "owner", "Value": "ml"}, {"Key": "cost", "Value": "research"}]
OTHER_TAGS = [{"Key": "owner", "Value": "platform"}, {"Key": "stage", "Value": "dev"}]
SUBNETS = [["subnet-0123456789abcdef0"], ["subnet-0123456789abcdef1"]]
GROUPS = [["sg-0123456789abcdef0"], ["sg-0123456789abcdef1"]]
SILENT = frozenset({"AWS::IAM::Group", "AWS::Lambda::LayerVersion"})
"""The types whose objects take no tags and are part of nothing: only state says whose they are."""

Spec = Callable[[AwsWorld], dict[str, Any]]
Samples: TypeAlias = "Sequence[Any] | Callable[[AwsWorld], Sequence[Any]]"
Beside: TypeAlias = Callable[[AwsWorld, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One type.

    ``creating`` is the call that makes an object, ``absent`` the identifier of one that never was;
    ``tagged``: objects carry ownership tags. ``minimal`` has only what is required, ``full``
    declares all that is handled; ``changes`` gives another value for each top-level property that
    is changed in place.

    Where exactly one of several properties may be given, ``full`` has one of them, ``alternatives``
    are the others, each with a value that takes its place. ``others`` gives, for an object without
    tags that only its natural key names, properties that make it another object. ``elsewhere`` are
    properties that ``full`` cannot have beside its own; tests of their own change them. ``one_value`` are
    properties that have no second value beside the others, ``needed`` those that can only be removed together
    with another change; tests of their own, too. ``bars`` are those that keep AWS from changing others: an object
    that had one serves no other row of the generated tests.

    ``stack`` are the resources of a stack with such an object. ``samples`` has two values for the
    paths below a property that a schema cannot give, ``beside`` what AWS wants in a map beside a
    property, by the path of the map and the property's name; see ``samples.py``.
    """

    type: str
    creating: str
    absent: str
    minimal: Spec
    full: Spec
    changes: Callable[[AwsWorld], Mapping[str, Any]]
    attributes: frozenset[str] = field(default_factory=frozenset)
    alternatives: Spec | None = None
    others: Spec = field(default=lambda world: {})
    elsewhere: frozenset[str] = frozenset()
    one_value: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    bars: frozenset[str] = frozenset()
    tagged: bool = True
    stack: str
    samples: Mapping[str, Samples] = field(default_factory=dict)
    beside: Mapping[str, Beside] = field(default_factory=dict)


def trust(service: str) -> dict[str, Any]:
    """A trust policy, written the short way."""
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        },
    }


def made_role(world: AwsWorld, service: str, name: str = "a") -> str:
    """The ARN of a role that the service may assume."""
    name = f"{service.partition('.')[0]}-{name}"
    document = json.dumps(trust(service))

    def make() -> str:
        iam = world.aws.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        return str(made["Role"]["Arn"])

    return str(world.thing(f"role-{name}", make))


def read_policy(resource: str) -> dict[str, Any]:
    """A policy that allows reading."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}],
    }


def encoded(text: str) -> str:
    """User data as a spec has it."""
    return base64.b64encode(text.encode()).decode()
