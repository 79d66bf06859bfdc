"""Convert tags, read the ownership from them, and compute what an update changes. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found
from gitbot.model.tag_limits import TagLimits
from gitbot.model.tags import (
    EXPIRES_TAG,
    LINEAGE_TAG,
    OPERATION_TAG,
    RESOURCE_TAG,
    STACK_TAG,
    address_from,
)

MOST_TAGS = 50 - len((STACK_TAG, RESOURCE_TAG, OPERATION_TAG, LINEAGE_TAG, EXPIRES_TAG))
"""AWS takes 50 tags of an object, and five of them are gitbot's own."""
STRICT_TAGS = TagLimits(
    pattern=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$",
    says="letters, digits, spaces and _ . : / = + - @",
    most=MOST_TAGS,
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html"""
IAM_TAGS = replace(STRICT_TAGS, folds_case=True)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"""
EC2_TAGS = replace(STRICT_TAGS, pattern=r"^\P{Cc}*$", says="any characters that can be printed")
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"""


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The tags as ``[{Key, Value}]``, in order of keys."""
    return [{"Key": key, "Value": str(tags[key])} for key in sorted(tags)]


def tag_map(tags: Mapping[str, Any] | Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """The pairs as a map; if a key occurs twice, the last one wins. A map stays as it is."""
    if isinstance(tags, Mapping):
        return dict(tags)
    return {tag["Key"]: tag.get("Value", "") for tag in tags or ()}


def desired_tags(operation: Operation, property_: str = "Tags") -> dict[str, str]:
    """The tags that the operation declares in the property, a list or a map."""
    return tag_map(operation.properties.get(property_))  # type: ignore[arg-type]  # schema-checked


def creation_tags(operation: Operation, property_: str = "Tags") -> dict[str, str]:
    """The declared and ownership tags together, for the creating call."""
    return desired_tags(operation, property_) | dict(operation.ownership)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChanges:
    """The tags to put, and the keys to remove: once declared, and no longer."""

    put: Mapping[str, str]
    remove: tuple[str, ...]


def tag_changes(operation: Operation, property_: str = "Tags") -> TagChanges:
    """The changes that an update makes to tags; keys that gitbot never managed stay."""
    desired = desired_tags(operation, property_)
    managed = tag_map(operation.recorded.get(property_))  # type: ignore[arg-type]  # schema-checked
    return TagChanges(put=desired, remove=tuple(sorted(set(managed) - set(desired))))


def ownership_in(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """The ``gitbot:*`` tags among the tags: they say whose the object is."""
    return ownership_of(tag_map(tags))


def ownership_of(tags: Mapping[str, Any]) -> dict[str, str]:
    """The ``gitbot:*`` tags that say whose an object is, among tags by key."""
    named = (STACK_TAG, RESOURCE_TAG, OPERATION_TAG, LINEAGE_TAG)
    return {key: str(value) for key, value in tags.items() if key in named}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The ownership tags to search for: one of the addresses, and the lineage, or without one the
    label of the stack."""

    lineage: str | None
    stack: str
    addresses: frozenset[Address]

    @property
    def tag(self) -> tuple[str, str]:
        """The tag that names the owner."""
        return (STACK_TAG, self.stack) if self.lineage is None else (LINEAGE_TAG, self.lineage)

    def fit(self, one: Found) -> bool:
        """Whether the object has these tags."""
        owner = one.stack == self.stack if self.lineage is None else one.lineage == self.lineage
        return owner and one.address in self.addresses


def found(remote_id: str, tags: Mapping[str, str]) -> Found:
    """A ``Found`` for this identifier, with the ownership in the tags."""
    return Found(
        remote_id=RemoteId(remote_id),
        operation=tags.get(OPERATION_TAG),
        lineage=tags.get(LINEAGE_TAG),
        address=address_from(tags[RESOURCE_TAG]) if RESOURCE_TAG in tags else None,
        stack=tags.get(STACK_TAG),
    )


def generated_name(operation: Operation, longest: int) -> str:
    """A name for an object whose spec gives none, made from the address and the token.

    Lower-case letters, digits and hyphens, at most ``longest`` characters. The same operation gives
    the same name, so the object can be found again after a crash.
    """
    unique = hashlib.sha256(operation.token.encode()).hexdigest()[:_UNIQUE]
    return f"{generated_prefix(operation.address, longest)}{unique}"


def generated_prefix(address: Address, longest: int) -> str:
    """What every name begins with that is generated for the address."""
    words = re.sub(r"[^a-z0-9]+", "-", str(address).lower()).strip("-") or "gitbot"
    return f"{words[: longest - _UNIQUE - 1].rstrip('-')}-"


def is_generated(name: str, addresses: Iterable[Address], longest: int) -> bool:
    """Whether the name may have been generated for one of the addresses."""
    begins, digits = name[:-_UNIQUE], name[-_UNIQUE:]
    return bool(re.fullmatch(r"[0-9a-f]+", digits)) and begins in {
        generated_prefix(address, longest) for address in addresses
    }


_UNIQUE = 12
"""How many digits of a hash a generated name ends with."""
