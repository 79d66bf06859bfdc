"""Read from a registry schema what Cloud Control must know of a type. Pure.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from gitbot.model.schema import TagShape, TypeSchema
from gitbot.model.tags import LINEAGE_TAG, OPERATION_TAG, RESOURCE_TAG, STACK_TAG
from gitbot.model.timeouts import Timeouts

Schema: TypeAlias = Mapping[str, Any]

TOKEN_LASTS = timedelta(hours=36)
"""https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html"""
HANDLER_LIMIT = timedelta(minutes=120)
"""How long a handler may take that does not say:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """Where the tags of an object are, and whether ownership tags can be among them: put by the
    creating request, or by a later one.

    ``bare``: a tag may be without a value, and then has none: some of these types take no empty text.
    """

    property: str
    shape: TagShape
    at_creation: bool
    later: bool
    bare: bool = False


def resent(write_only: Sequence[str], create_only: Sequence[str]) -> frozenset[str]:
    """The top-level properties with something that nobody can read and an update can set."""
    return frozenset(
        path.split("/")[1]
        for path in write_only
        if not any(path == one or path.startswith(f"{one}/") for one in create_only)
    )


def natural_key(schema: Schema, identifier: Sequence[str], read_only: Sequence[str]) -> Any:
    """The properties by which an object is found before its identifier is known; None without.

    That is the identifier where specs give it, else an additional one.
    """
    further = schema.get("additionalIdentifiers") or ()
    keys = [identifier, *([path.removeprefix("/properties") for path in one] for one in further)]
    for paths in keys:
        if paths and not any(path in read_only or path.count("/") > 1 for path in paths):
            return tuple(path.removeprefix("/") for path in paths)
    return None


def timeouts_of(schema: Schema) -> Timeouts:
    """How long AWS lets the handlers take."""

    def limit(verb: str) -> timedelta:
        said = schema.get("handlers", {}).get(verb, {}).get("timeoutInMinutes")
        return HANDLER_LIMIT if said is None else timedelta(minutes=said)

    return Timeouts(create=limit("create"), update=limit("update"), delete=limit("delete"))


def tagging_of(schema: TypeSchema) -> Tagging | None:
    """How objects are tagged; None for a type without tags."""
    if schema.tags_path is None or schema.tag_shape is None:
        return None
    name = schema.tags_path.removeprefix("/")
    said = schema.json_schema.get("tagging") or {}
    ours = _takes_our_keys(schema.json_schema, name)
    fixed = not schema.updatable or schema.tags_path in schema.create_only
    return Tagging(
        property=name,
        shape=schema.tag_shape,
        at_creation=ours and said.get("tagOnCreate", True),
        later=ours and said.get("tagUpdatable", True) and not fixed,
        bare=_may_be_bare(schema.json_schema, name),
    )


def asked_to_list(schema: Schema) -> tuple[str, ...]:
    """The properties without which AWS does not list the objects: they name a parent."""
    return tuple(schema.get("handlers", {}).get("list", {}).get("required", ()))


def lists(schema: Schema) -> bool:
    """Whether AWS lists the objects at all."""
    return "list" in schema.get("handlers", {})


def _may_be_bare(schema: Schema, name: str) -> bool:
    """Whether the elements of a list of tags may lack a value."""
    tags = _resolved(schema, schema.get("properties", {}).get(name, {}))
    element = _resolved(schema, tags.get("items", {}))
    return "items" in tags and "Value" not in element.get("required", ())


def _takes_our_keys(schema: Schema, name: str) -> bool:
    """Whether the type's schema allows tags with gitbot's keys: some allow no colon."""
    tags = _resolved(schema, schema.get("properties", {}).get(name, {}))
    if "items" in tags:
        element = _resolved(schema, tags["items"])
        key = _resolved(schema, element.get("properties", {}).get("Key", {}))
        patterns = [key["pattern"]] if "pattern" in key else []
    else:
        patterns = ["|".join(tags.get("patternProperties") or ())]
    ours = (STACK_TAG, RESOURCE_TAG, OPERATION_TAG, LINEAGE_TAG)
    return all(_allows(pattern, key) for pattern in filter(None, patterns) for key in ours)


def _allows(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # a class such as \p{L}, which is in patterns that allow most of everything
        return True


def _resolved(schema: Schema, node: Any) -> Schema:
    for _ in range(8):
        name = node.get("$ref") if isinstance(node, Mapping) else None
        if not isinstance(name, str):
            break
        node = schema.get("definitions", {}).get(name.rsplit("/", 1)[-1], {})
    return node if isinstance(node, Mapping) else {}
