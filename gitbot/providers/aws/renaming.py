"""Translate names between CloudFormation (``RoleArn``) and the API of a service (``roleArn``). Pure.

The service's model says what is a structure, whose names are translated, and what is a map, whose keys
are the user's own. Only the first letter differs, or the case of letters: a name that differs in more is
translated by the type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def to_api(shape: Any, value: Any) -> Any:
    """The value with the names of the API. A name that the shape lacks stays, for botocore to refuse."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names = {name.lower(): name for name in shape.members}
        return {
            (own := names.get(name.lower(), name)): to_api(shape.members.get(own), inner)
            for name, inner in value.items()
        }
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [to_api(shape.member, inner) for inner in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: to_api(shape.value, inner) for name, inner in value.items()}
    return value


def from_api(shape: Any, value: Any) -> Any:
    """The value with CloudFormation's names: those of structures begin with a capital."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            f"{name[:1].upper()}{name[1:]}": from_api(shape.members.get(name), inner)
            for name, inner in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [from_api(shape.member, inner) for inner in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: from_api(shape.value, inner) for name, inner in value.items()}
    return value
