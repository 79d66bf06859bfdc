"""Cases of the types of KMS."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld


def policy(action: str) -> dict[str, Any]:
    """A key policy that lets the account administer the key, and do this besides."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": ["kms:*", action],
                "Resource": "*",
            }
        ],
    }


def _key(world: AwsWorld, name: str) -> str:
    def make() -> str:
        return str(world.aws.client("kms").create_key()["KeyMetadata"]["KeyId"])

    return str(world.thing(f"key-{name}", make))


def _beside(world: AwsWorld, name: str) -> dict[str, Any]:
    """A disabled key takes no change of its rotation, and a period is one of a rotation."""
    rotates = {"EnableKeyRotation": True} if name == "RotationPeriodInDays" else {}
    return {**rotates, "Enabled": True} if "Rotation" in name else {}


CASES = (
    Case(
        type="AWS::KMS::Key",
        one_value=frozenset({"EnableKeyRotation"}),
        creating="CreateKey",
        absent="1234abcd-12ab-34cd-56ef-1234567890ab",
        minimal=lambda world: {},
        full=lambda world: {
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": False,
            "Origin": "AWS_KMS",
            "Description": "encrypts models",
            "KeyPolicy": policy("kms:Encrypt"),
            "EnableKeyRotation": True,
            "RotationPeriodInDays": 180,
            "Enabled": False,
            "PendingWindowInDays": 7,
            "Tags": TAGS,
        },
        changes=lambda world: {
            "Description": "encrypts data",
            "KeyPolicy": json.dumps(policy("kms:Decrypt")),
            "EnableKeyRotation": True,
            "RotationPeriodInDays": 90,
            "Enabled": True,
            "PendingWindowInDays": 10,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn", "KeyId"}),
        samples={"KeyPolicy": [policy("kms:Encrypt"), policy("kms:Decrypt")]},
        beside={"": _beside},
        stack="""\
key:
  type: AWS::KMS::Key
  properties: {Description: models, EnableKeyRotation: true, PendingWindowInDays: 7}
alias:
  type: AWS::KMS::Alias
  properties: {AliasName: alias/every-type, TargetKeyId: "${key.Arn}"}
""",
    ),
    Case(
        type="AWS::KMS::Alias",
        creating="CreateAlias",
        absent="alias/gone",
        tagged=False,
        minimal=lambda world: {"AliasName": "alias/least", "TargetKeyId": _key(world, "a")},
        full=lambda world: {"AliasName": "alias/models", "TargetKeyId": _key(world, "a")},
        changes=lambda world: {"TargetKeyId": _key(world, "b")},
        samples={
            "AliasName": ["alias/a", "alias/b"],
            "TargetKeyId": lambda world: [_key(world, name) for name in "ab"],
        },
        stack="""\
key: {type: AWS::KMS::Key}
alias:
  type: AWS::KMS::Alias
  properties: {AliasName: alias/of-a-key, TargetKeyId: "${key.KeyId}"}
""",
    ),
)
