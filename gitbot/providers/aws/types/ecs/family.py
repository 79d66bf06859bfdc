"""Say how ECS names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described

ECS = Dialect(
    service="ecs",
    absent=frozenset(
        {"ClusterNotFoundException", "ClientException: Unable to describe task definition"}
    ),
    busy=frozenset(
        {
            "ClusterContainsContainerInstancesException",
            "ClusterContainsServicesException",
            "ClusterContainsTasksException",
        }
    ),
    renames=True,
)


def tags_of(arn: str) -> PlainTags:
    """The tags of an object whose description has its ARN under this name."""

    def target(described: Described) -> dict[str, str]:
        return {"ResourceArn": described[arn]}

    return PlainTags(dialect=ECS, target=target)


def weighed(one: Any) -> Any:
    """An element of a strategy with the base and weight that ECS shows where nobody gave them."""
    return {"Base": 0, "Weight": 0, **one} if isinstance(one, Mapping) else one
