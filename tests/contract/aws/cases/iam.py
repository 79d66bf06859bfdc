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
from tests.contract.aws.cases.stacks import STACKS, TRUST
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


def _user_name(world: AwsWorld, name: str) -> str:
    world.thing(f"user-{name}", lambda: world.aws.client("iam").create_user(UserName=name))
    return name


def _group_name(world: AwsWorld, name: str) -> str:
    world.thing(f"group-{name}", lambda: world.aws.client("iam").create_group(GroupName=name))
    return name


def managed_policy(world: AwsWorld) -> dict[str, Any]:
    return {
        "ManagedPolicyName": "contract",
        "Path": "/ml/",
        "Description": "reads the data",
        "PolicyDocument": read_policy("arn:aws:s3:::a/*"),
        "Roles": [_role_name(world, "first-role"), _role_name(world, "second-role")],
        "Users": [_user_name(world, "ada")],
        "Groups": [_group_name(world, "ml")],
    }


def managed_policy_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "PolicyDocument": json.dumps(read_policy("arn:aws:s3:::b/*")),
        "Roles": [_role_name(world, "third-role")],
        "Users": [_user_name(world, "bob")],
        "Groups": [_group_name(world, "ops")],
    }


def user(world: AwsWorld) -> dict[str, Any]:
    return {
        "UserName": "contract",
        "Path": "/ml/",
        "PermissionsBoundary": _managed(world, "boundary"),
        "Groups": [_group_name(world, "ml"), _group_name(world, "ops")],
        "ManagedPolicyArns": [_managed(world, "first"), _managed(world, "second")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::a/*")}],
        "LoginProfile": {"Password": "correct horse", "PasswordResetRequired": True},
        "Tags": TAGS,
    }


def user_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "Path": "/ops/",
        "PermissionsBoundary": _managed(world, "other-boundary"),
        "Groups": [_group_name(world, "ml"), _group_name(world, "web")],
        "ManagedPolicyArns": [_managed(world, "third")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::b/*")}],
        "LoginProfile": {"Password": "battery staple", "PasswordResetRequired": False},
        "Tags": OTHER_TAGS,
    }


def group(world: AwsWorld) -> dict[str, Any]:
    return {
        "GroupName": "contract",
        "Path": "/ml/",
        "ManagedPolicyArns": [_managed(world, "first"), _managed(world, "second")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::a/*")}],
    }


def group_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "Path": "/ops/",
        "ManagedPolicyArns": [_managed(world, "third")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::b/*")}],
    }


def inline_policy(world: AwsWorld) -> dict[str, Any]:
    return {
        "PolicyName": "read",
        "PolicyDocument": read_policy("arn:aws:s3:::a/*"),
        "Roles": [world.thing("holder", lambda: _role_name(world, "holder"))],
    }


THUMBPRINT = "6938fd4d98bab03faadb97b34396831e3780aea1"

CASES = (
    Case(
        type="AWS::IAM::ManagedPolicy",
        creating="CreatePolicy",
        absent="arn:aws:iam::123456789012:policy/gone",
        minimal=lambda world: {"PolicyDocument": read_policy("arn:aws:s3:::a/*")},
        full=managed_policy,
        changes=managed_policy_changes,
        attributes=frozenset({"PolicyArn", "PolicyId", "DefaultVersionId"}),
        samples={
            "ManagedPolicyName": ["one", "two"],
            "Users": lambda world: [[_user_name(world, name)] for name in ("ada", "bob")],
            "Groups": lambda world: [[_group_name(world, name)] for name in ("ml", "ops")],
        },
        stack=f"""\
role:
  type: AWS::IAM::Role
  properties: {{AssumeRolePolicyDocument: {TRUST}}}
readers:
  type: AWS::IAM::ManagedPolicy
  properties:
    Path: /ml/
    Roles: ["${{role.RoleName}}"]
    PolicyDocument:
      Version: 2012-10-17
      Statement: [{{Effect: Allow, Action: "s3:GetObject", Resource: "*"}}]
person:
  type: AWS::IAM::User
  properties: {{ManagedPolicyArns: ["${{readers.PolicyArn}}"]}}
""",
    ),
    Case(
        type="AWS::IAM::Policy",
        creating="PutRolePolicy",
        absent="role/gone/gone",
        minimal=inline_policy,
        full=inline_policy,
        changes=lambda world: {"PolicyDocument": read_policy("arn:aws:s3:::b/*")},
        attributes=frozenset({"Id"}),
        tagged=False,
        samples={
            "PolicyName": ["one", "two"],
            "Users": lambda world: [[_user_name(world, name)] for name in ("ada", "bob")],
            "Groups": lambda world: [[_group_name(world, name)] for name in ("ml", "ops")],
        },
        stack=f"""\
role:
  type: AWS::IAM::Role
  properties: {{AssumeRolePolicyDocument: {TRUST}}}
person: {{type: AWS::IAM::User}}
of_role:
  type: AWS::IAM::Policy
  properties:
    PolicyName: read
    Roles: ["${{role.RoleName}}"]
    PolicyDocument:
      Version: 2012-10-17
      Statement: [{{Effect: Allow, Action: "s3:GetObject", Resource: "*"}}]
of_person:
  type: AWS::IAM::Policy
  properties:
    PolicyName: list
    Users: ["${{person.UserName}}"]
    PolicyDocument:
      Version: 2012-10-17
      Statement: [{{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}}]
""",
    ),
    Case(
        type="AWS::IAM::User",
        creating="CreateUser",
        absent="gone",
        minimal=lambda world: {},
        full=user,
        changes=user_changes,
        attributes=frozenset({"Arn"}),
        samples={
            "UserName": ["one", "two"],
            "Groups": lambda world: [[_group_name(world, name)] for name in ("ml", "ops")],
        },
        stack="""\
person:
  type: AWS::IAM::User
  properties:
    Path: /ml/
    Policies:
      - PolicyName: read
        PolicyDocument:
          Version: 2012-10-17
          Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
""",
    ),
    Case(
        type="AWS::IAM::Group",
        creating="CreateGroup",
        absent="gone",
        minimal=lambda world: {},
        full=group,
        changes=group_changes,
        attributes=frozenset({"Arn"}),
        tagged=False,
        samples={"GroupName": ["one", "two"]},
        stack="""\
team:
  type: AWS::IAM::Group
  properties:
    Path: /ml/
    Policies:
      - PolicyName: read
        PolicyDocument:
          Version: 2012-10-17
          Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
member:
  type: AWS::IAM::User
  properties: {Groups: ["${team.GroupName}"]}
""",
    ),
    Case(
        type="AWS::IAM::OIDCProvider",
        creating="CreateOpenIDConnectProvider",
        absent="arn:aws:iam::123456789012:oidc-provider/gone.example.com",
        minimal=lambda world: {"Url": "https://token.actions.githubusercontent.com"},
        full=lambda world: {
            "Url": "https://token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com", "ml"],
            "ThumbprintList": [THUMBPRINT],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ClientIdList": ["ml", "ops"],
            "ThumbprintList": [THUMBPRINT[::-1]],
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn"}),
        samples={
            "Url": ["https://one.example.com", "https://two.example.com"],
            "ThumbprintList": [[THUMBPRINT], [THUMBPRINT[::-1]]],
        },
        stack="""\
github:
  type: AWS::IAM::OIDCProvider
  properties:
    Url: https://token.actions.githubusercontent.com
    ClientIdList: [sts.amazonaws.com]
""",
    ),
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
