"""Cases of the types of ECR."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case


def _lifecycle(days: int) -> dict[str, str]:
    """A lifecycle policy, written with spaces."""
    rule = {
        "rulePriority": 1,
        "description": "images that nobody tagged",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
        "action": {"type": "expire"},
    }
    return {"LifecyclePolicyText": json.dumps({"rules": [rule]}, indent=2)}


def _pulls(account: str) -> dict[str, Any]:
    """A policy that lets another account pull."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }
        ],
    }


def exceptions(tag: str) -> list[dict[str, str]]:
    return [
        {
            "ImageTagMutabilityExclusionFilterType": "WILDCARD",
            "ImageTagMutabilityExclusionFilterValue": tag,
        }
    ]


CASES = (
    Case(
        type="AWS::ECR::Repository",
        creating="CreateRepository",
        absent="gone",
        minimal=lambda world: {},
        full=lambda world: {
            "RepositoryName": "ml/serve",
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": "alias/ml"},
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "IMMUTABLE",
            "LifecyclePolicy": _lifecycle(14),
            "RepositoryPolicyText": _pulls("111111111111"),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ImageScanningConfiguration": {"ScanOnPush": False},
            "ImageTagMutability": "MUTABLE",
            "LifecyclePolicy": _lifecycle(30),
            "RepositoryPolicyText": json.dumps(_pulls("222222222222")),
            "Tags": OTHER_TAGS,
        },
        elsewhere=frozenset({"ImageTagMutabilityExclusionFilters"}),
        attributes=frozenset({"Arn", "RepositoryUri"}),
        stack="""\
images:
  type: AWS::ECR::Repository
  properties: {RepositoryName: ml/serve, ImageTagMutability: IMMUTABLE}
""",
        samples={
            "LifecyclePolicy/LifecyclePolicyText": [
                _lifecycle(days)["LifecyclePolicyText"] for days in (14, 30)
            ],
            "RepositoryPolicyText": [_pulls("111111111111"), _pulls("222222222222")],
        },
        beside={
            "": lambda world, name: (
                {"ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}
                if name == "ImageTagMutabilityExclusionFilters"
                else {}
            )
        },
    ),
)
