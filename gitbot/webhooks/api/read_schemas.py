"""The schemas of what the reading routes answer. Pure."""

from __future__ import annotations

from typing import Any

from gitbot.model.time import Work

TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
TIME = {"type": "string", "format": "date-time"}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def shape(**properties: Any) -> dict[str, Any]:
    """An object that has all of these properties."""
    return {"type": "object", "required": sorted(properties), "properties": properties}


_COMMIT = _maybe({"type": "string", "pattern": "^[0-9a-f]{40}$"})

REGION = {
    "region": {
        "type": "string",
        "pattern": r"^[a-z0-9-]{1,32}$",
        "description": "the region, where stacks of this name were applied in several",
    }
}

ENVIRONMENT = shape(
    name=TEXT, in_specs=_FLAG, region=_maybe(TEXT), timezone=_maybe(TEXT), applied=_COMMIT
)

LISTED_STACK = shape(
    name=TEXT,
    region=TEXT,
    serial={"type": "integer"},
    commit=_COMMIT,
    complete=_FLAG,
    edited=_FLAG,
    empty=_FLAG,
    moved_to=_maybe(TEXT),
    resources={"type": "object", "additionalProperties": TEXT},
    types={"type": "object", "additionalProperties": TEXT},
)

_RESOURCE = shape(
    address=TEXT,
    type=TEXT,
    remote_id=TEXT,
    properties={"type": "object"},
    attributes={"type": "object"},
    account=TEXT,
    region=TEXT,
)

STACK = shape(
    id=shape(repository=TEXT, environment=TEXT, name=TEXT, region=TEXT),
    lineage=TEXT,
    serial={"type": "integer"},
    complete=_FLAG,
    commit=_COMMIT,
    resources={"type": "object", "additionalProperties": _RESOURCE},
    outputs={"type": "object", "additionalProperties": {"type": "object"}},
)

OUTPUTS = shape(
    outputs={
        "type": "object",
        "additionalProperties": shape(value={}, sensitive=_FLAG),
    }
)

SCHEDULE = shape(
    schedules={
        "type": "array",
        "items": shape(
            environment=TEXT,
            work={"type": "string", "enum": [work.value for work in Work]},
            name=TEXT,
            at=TIME,
            local=TIME,
            timezone=TEXT,
            why=TEXT,
            lastFired=_maybe(TIME),
        ),
    }
)
