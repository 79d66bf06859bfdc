"""Say how EFS names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/efs/latest/ug/api-reference.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described

EFS = Dialect(
    service="efs",
    prefix="elasticfilesystem",
    absent=frozenset({"FileSystemNotFound", "MountTargetNotFound", "AccessPointNotFound"}),
    busy=frozenset({"FileSystemInUse"}),
)


def tags_of(declared: str, identifier: str) -> PlainTags:
    """The tags of an object whose description has its identifier under this name."""

    def target(described: Described) -> dict[str, str]:
        return {"ResourceId": described[identifier]}

    return PlainTags(dialect=EFS, target=target, declared=declared)


def is_there(described: Described) -> bool:
    """``exists`` for all objects of EFS."""
    return described["LifeCycleState"] not in ("deleting", "deleted")


def is_available(described: Described) -> bool:
    """``ready`` for all objects of EFS."""
    return bool(described["LifeCycleState"] == "available")


def failed(described: Described) -> str:
    """``failed`` for all objects of EFS."""
    return "EFS could not make it" if described["LifeCycleState"] == "error" else ""
