"""Says in the specs that adopting writes what their types need and the cloud does not show. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gitbot.language.problems import listed
from gitbot.model.schema import TypeSchema

_RESOURCE: Final = re.compile(r"""    ["']?([a-z][a-z0-9_]*)["']?:""")
_PROPERTIES: Final = "      properties:"


def with_gaps_told(
    lines: Sequence[str],
    resources: Mapping[str, Mapping[str, Any]],
    schemas: Sequence[TypeSchema],
) -> list[str]:
    """The lines of a stack of these resources, with a comment where their types (``schemas``) need what they lack.

    A value in place of what is missing, such as the code of a function, would be sent by the next apply: there is none.
    """
    gaps = {
        key: _lacks(one["properties"], schema)
        for (key, one), schema in zip(resources.items(), schemas, strict=True)
    }
    found: list[str] = []
    key = ""
    for line in lines:
        named = _RESOURCE.fullmatch(line)
        key = named[1] if named else key
        if line.startswith(_PROPERTIES) and gaps.get(key):
            found += [f"      # {text}" for text in _todo(gaps[key])]
        found.append(line)
    return found


def _lacks(properties: Mapping[str, Any], schema: TypeSchema) -> tuple[str, ...]:
    needed = schema.json_schema.get("required", ())
    return tuple(name for name in needed if name not in properties)


def _todo(names: Sequence[str]) -> tuple[str, ...]:
    return (
        f"TO DO: AWS does not show {listed(names)}, and no spec of the type goes without. Add to the properties",
        "what the object was made with. Until then no plan is made of this spec.",
    )
