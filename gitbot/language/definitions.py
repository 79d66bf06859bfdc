"""Finds the definition of a map that a registry schema repeats where it is used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def place_of_map(definitions: Mapping[str, Any], node: Mapping[str, Any], place: str) -> str:
    """Where AWS describes the properties of the map ``node``: ``place``, or at its definition.

    The definition is the one with the same properties. Where several have them, it is the one whose
    name is that of the property, or of its items.
    """
    names = node.get("properties", {}).keys()
    if not names or (place.startswith("/definitions/") and place.count("/") == 2):
        return place
    fitting = [
        name
        for name, one in definitions.items()
        if isinstance(one, Mapping) and one.get("properties", {}).keys() == names
    ]
    if len(fitting) > 1:
        word = place.removesuffix("/items").rsplit("/", 1)[-1]
        fitting = [name for name in fitting if name in (word, word.removesuffix("s"))]
    return f"/definitions/{fitting[0]}" if len(fitting) == 1 else place
