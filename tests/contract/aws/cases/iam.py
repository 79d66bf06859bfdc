"""Cases of the types of IAM."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import (
    OTHER_TAGS,
    TAGS,
    Case,
    read_policy,
    trust,
)
from tests.contract.aws.cases.stacks import STACKS
from tests.contract.aws.world import AwsWorld


def _managed(world: AwsWorld, name: str) -> str:
    policy = world.aws.client("iam").create_policy(
        PolicyName=name, PolicyDocument=json.dumps(read_policy("*"))
    )
    return str(policy["Policy"]["Arn"])


def role(world: AwsWorld) -> dict[str, Any]:
    return {
        "RoleName": "contract",
        "Path": "/ml/",
        "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
        "Description": "trains models",
        "MaxSessionDuration": 7200,
        "PermissionsBoundary": _managed(world, "boundary"),
        "ManagedPolicyArns": [_managed(world, "first"), _managed(world, "second")],
        "Policies": [
            {"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::a/*")},
            {"PolicyName": "more", "PolicyDocument": json.dumps(read_policy("arn:aws:s3:::b/*"))},
        ],
        "Tags": TAGS,
    }


def role_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "AssumeRolePolicyDocument": trust("sagemaker.amazonaws.com"),
        "Description": "serves models",
        "MaxSessionDuration": 3600,
        "PermissionsBoundary": _managed(world, "other-boundary"),
        "ManagedPolicyArns": [_managed(world, "third")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::c/*")}],
        "Tags": OTHER_TAGS,
    }


def _role_name(world: AwsWorld, name: str) -> str:
    world.aws.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
    )
    return name


CASES = (
    Case(
        type="AWS::IAM::Role",
        stack=STACKS["AWS::IAM::Role"],
        creating="CreateRole",
        absent="gone",
        minimal=lambda world: {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")},
        full=role,
        changes=role_changes,
        attributes=frozenset({"Arn", "RoleId"}),
    ),
    Case(
        type="AWS::IAM::InstanceProfile",
        stack=STACKS["AWS::IAM::InstanceProfile"],
        creating="CreateInstanceProfile",
        absent="gone",
        minimal=lambda world: {"Roles": [_role_name(world, "one")]},
        full=lambda world: {
            "InstanceProfileName": "contract",
            "Path": "/ml/",
            "Roles": [_role_name(world, "one")],
        },
        changes=lambda world: {"Roles": [_role_name(world, "two")]},
        attributes=frozenset({"Arn"}),
    ),
)
