"""Decide what an update sends, what of it needs a stop, and what state may keep of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.plan import PathChange
from gitbot.model.requests import AT_ONCE, Requests
from gitbot.model.schema import TagShape, TypeSchema
from gitbot.model.values import Json, Value, reveal
from gitbot.reconciler.pointers import MISSING, Path, matches, parse, put, value_at, values_at
from gitbot.reconciler.recording import has_redacted
from gitbot.reconciler.tags import tags_of


def operation_properties(
    schema: TypeSchema,
    desired: Mapping[str, Value],
    paths: Sequence[PathChange],
    *,
    observed: Mapping[str, Json] | None = None,
    ignore: Sequence[str] = (),
) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
    """The properties to send, and the names of the top-level ones to set and to delete.

    ``desired`` has no unknowns; its sensitive values are revealed here. A removed path that has a
    default gets it, unless the handler finds it out (``Removal.asked``). Paths in ``ignore`` get the observed value: handlers set top-level properties
    whole, so leaving those paths out would undo what others have set there.
    """
    properties: dict[str, Any] = reveal(desired)
    changed: set[str] = set()
    removed: set[str] = set()
    tags = parse(schema.tags_path) if schema.tags_path is not None else None
    for change in paths:
        path = parse(change.path)
        if tags is not None and path[:-1] == tags:
            changed.add(path[0])
            if value_at(properties, tags) is MISSING:
                properties = put(properties, tags, {} if schema.tag_shape is TagShape.MAP else [])
        elif not change.removed:
            changed.add(path[0])
        elif change.after is not None and not _is_asked(schema, change.path):
            changed.add(path[0])
            properties = put(properties, path, change.after)
        else:
            (removed if len(path) == 1 else changed).add(path[0])
    for pattern in map(parse, ignore):
        if observed is not None and pattern and pattern[0] in changed:
            properties = _as_observed(properties, observed, pattern, tags)
    return properties, frozenset(changed - removed), frozenset(removed)


def _is_asked(schema: TypeSchema, path: str) -> bool:
    removal = schema.removals.get(path)
    return removal is not None and removal.asked


def split_by_restart(
    operation: Operation, schema: TypeSchema | None
) -> tuple[Operation, Operation]:
    """The update in two: what can be changed at once, and what only a stopped object takes."""
    stopped = {path.split("/")[1] for path in schema.restarts} if schema is not None else set()
    return (
        replace(
            operation, changed=operation.changed - stopped, removed=operation.removed - stopped
        ),
        replace(
            operation, changed=operation.changed & stopped, removed=operation.removed & stopped
        ),
    )


def requests_of(schema: TypeSchema | None) -> Requests:
    """How requests for objects of the type are made; as usual, where nobody knows the type any more."""
    return AT_ONCE if schema is None else schema.requests


def storable(
    operation: Operation, recorded: Mapping[str, Value], schema: TypeSchema | None
) -> tuple[Mapping[str, Json], tuple[str, ...], tuple[str, ...]]:
    """What an intent may keep of an update: values to set, names whose values are withheld, and names to delete.

    The operation's properties are sent in the clear; ``recorded`` are the same ones as state will have them,
    redacted. Withheld as a whole is each property with a redacted leaf, and each whose call would send such a one:
    without it, the call would take its value away.
    """
    requests = requests_of(schema)

    def hidden(name: str) -> bool:
        return any(has_redacted(recorded.get(one)) for one in requests.with_others({name}))

    given = operation.properties
    sets = {
        name: given[name]
        for name in sorted(operation.changed)
        if name in given and not hidden(name)
    }
    removes = tuple(name for name in sorted(operation.removed) if not hidden(name))
    withheld = sorted((operation.changed | operation.removed) - {*sets, *removes})
    return sets, tuple(withheld), removes


def _as_observed(
    properties: dict[str, Any], observed: Mapping[str, Json], pattern: Path, tags: Path | None
) -> dict[str, Any]:
    if tags is not None and len(pattern) == len(tags) + 1 and pattern[:-1] == tags:
        return _tags_as_observed(properties, observed, pattern, tags)
    for path, _ in values_at(properties, pattern):
        # Where the cloud has nothing, the spec's value must not be sent either.
        properties = put(properties, path, value_at(observed, path))
    for path, value in values_at(observed, pattern):
        properties = put(properties, path, value)
    return properties


def _tags_as_observed(
    properties: dict[str, Any], observed: Mapping[str, Json], pattern: Path, tags: Path
) -> dict[str, Any]:
    given, seen = value_at(properties, tags), value_at(observed, tags)
    want, now = tags_of(given), tags_of(seen)
    kept = {key: value for key, value in want.items() if not matches(pattern, (*tags, key))}
    kept |= {key: value for key, value in now.items() if matches(pattern, (*tags, key))}
    if isinstance(given, Mapping):
        return dict(put(properties, tags, kept))
    whole = {one["Key"]: one for one in given} if isinstance(given, list) else {}
    if isinstance(seen, (list, tuple)):
        whole |= {one["Key"]: one for one in seen if matches(pattern, (*tags, one["Key"]))}
    pairs = [{**whole.get(key, {}), "Key": key, "Value": kept[key]} for key in sorted(kept)]
    return dict(put(properties, tags, pairs))
