"""Read tags key by key, in either of the two shapes that types have for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.schema import TypeSchema
from gitbot.model.tags import RESERVED_TAG_PREFIXES
from gitbot.model.values import Unknown


def managed_tag(key: str) -> bool:
    """Whether a spec can manage the key: AWS keeps ``aws:`` and gitbot keeps ``gitbot:``."""
    return not key.startswith(RESERVED_TAG_PREFIXES)


def tags_of(value: Any) -> dict[str, Any]:
    """Key to value of a tags property in either shape; empty for anything else.

    A key that is unknown stands under its expression's text.
    """
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, (list, tuple)):
        return {}
    found: dict[str, Any] = {}
    for item in value:
        if isinstance(item, Mapping) and "Key" in item:
            key = item["Key"]
            found[key.template if isinstance(key, Unknown) else str(key)] = item.get("Value", "")
    return found


def details_of(value: Any, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """What the tags of a list say under these names, beside their keys and values, by key."""
    items = value if names and isinstance(value, (list, tuple)) else ()
    return {
        str(item["Key"]): {name: item[name] for name in names if name in item}
        for item in items
        if isinstance(item, Mapping) and "Key" in item
    }


def tag_value(schema: TypeSchema, properties: Mapping[str, Any], key: str) -> str | None:
    """The value of the tag among the object's properties; None without such a tag."""
    tags = properties.get((schema.tags_path or "").strip("/"))
    value = tags_of(tags).get(key)
    return None if value is None else str(value)
