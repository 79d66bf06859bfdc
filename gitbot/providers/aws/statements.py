"""Writes statements of IAM policies. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

_PARTITIONS: Final[Mapping[str, str]] = {"cn": "aws-cn"}


def allow(name: str, actions: Collection[str]) -> dict[str, Any]:
    """A statement that allows the actions for every resource."""
    return {
        "Sid": f"GitbotMay{name}",
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": "*",
    }


def partition_of(region: str) -> str:
    """What ARNs of the region begin with after ``arn:``."""
    start = region.partition("-")[0]
    return "aws-us-gov" if region.startswith("us-gov-") else _PARTITIONS.get(start, "aws")
