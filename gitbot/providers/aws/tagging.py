"""Tags: lists of pairs, the ownership that they tell, and what an update changes. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.names import RemoteId
from gitbot.model.observed import Found
from gitbot.model.tags import LINEAGE_TAG, OPERATION_TAG, RESOURCE_TAG


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """``[{Key, Value}]``, in order of keys."""
    return [{"Key": key, "Value": str(tags[key])} for key in sorted(tags)]


def tag_map(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """The pairs as a map; the last one wins where a key occurs twice."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags or ()}


def desired_tags(operation: Operation) -> dict[str, str]:
    """The tags that the operation declares."""
    return tag_map(operation.properties.get("Tags"))  # type: ignore[arg-type]  # schema-checked


def creation_tags(operation: Operation) -> dict[str, str]:
    """Declared tags and ownership together: what goes into the creating call."""
    return desired_tags(operation) | dict(operation.ownership)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChanges:
    """Tags to put, and keys to take away: those that were managed and are no longer declared."""

    put: Mapping[str, str]
    remove: tuple[str, ...]


def tag_changes(operation: Operation) -> TagChanges:
    """What an update does to tags; keys that gitbot never managed stay."""
    desired = desired_tags(operation)
    managed = tag_map(operation.recorded.get("Tags"))  # type: ignore[arg-type]  # schema-checked
    return TagChanges(put=desired, remove=tuple(sorted(set(managed) - set(desired))))


def found(remote_id: str, tags: Mapping[str, str]) -> Found:
    """A ``Found`` for this identifier, with the ownership that the tags tell."""
    return Found(
        remote_id=RemoteId(remote_id),
        operation=tags.get(OPERATION_TAG),
        lineage=tags.get(LINEAGE_TAG),
        address=tags.get(RESOURCE_TAG),
    )


def generated_name(operation: Operation, longest: int) -> str:
    """A name for an object whose spec gives none: the address for people, the token for gitbot.

    Lower-case letters, digits and hyphens, at most ``longest`` characters; the same for the same
    operation, so that it can be found again after a crash.
    """
    unique = hashlib.sha256(operation.token.encode()).hexdigest()[:12]
    words = re.sub(r"[^a-z0-9]+", "-", str(operation.address).lower()).strip("-") or "gitbot"
    return f"{words[: longest - len(unique) - 1].rstrip('-')}-{unique}"
