"""Compute the patch that an update sends. Pure.

RFC 6902. AWS reads the object, applies the patch, and hands the result to the type's handler:
https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from gitbot.model.cloud import Operation
from gitbot.model.schema import TagShape, TypeSchema
from gitbot.model.values import Redacted
from gitbot.providers.aws.cloud_control.facts import Tagging
from gitbot.reconciler.compare import compare
from gitbot.reconciler.pointers import (
    MISSING,
    Path,
    below,
    parse,
    put,
    reaches,
    text_of,
    value_at,
    values_at,
)
from gitbot.reconciler.tags import managed_tag, tags_of

Properties: TypeAlias = Mapping[str, Any]
Step: TypeAlias = dict[str, Any]
"""One operation of a patch: ``{op, path, value}``."""


def patch_of(
    schema: TypeSchema, tagging: Tagging | None, operation: Operation, observed: Properties
) -> list[Step]:
    """The steps that make the touched properties as they are desired; empty when nothing differs.

    What nobody manages stays. A property that can only be set at creation is never in it. With any
    step come the values that nobody can read, because AWS has none of them where it applies it.
    """
    steps = dict(_differences(schema, operation, observed))
    if tagging is not None and tagging.property in operation.changed | operation.removed:
        steps |= _tag_step(tagging, operation, observed)
    touched = operation.changed & schema.requests.resends
    if steps or touched:
        steps |= _resent(schema, operation.properties, observed, steps)
    return [_step(path, value, observed) for path, value in steps.items()]


def ownership_patch(
    schema: TypeSchema, tagging: Tagging, operation: Operation, observed: Properties
) -> list[Step]:
    """The steps that put the operation's ownership tags beside the object's own tags."""
    now = tags_of(observed.get(tagging.property))
    if not operation.ownership.items() - now.items():
        return []
    tags = shaped({**_keepable(now), **operation.ownership}, tagging)
    steps: dict[Path, Any] = {(tagging.property,): tags}
    steps |= _resent(schema, operation.properties, observed, steps)
    return [_step(path, value, observed) for path, value in steps.items()]


def shaped(tags: Mapping[str, Any], tagging: Tagging) -> Any:
    """The tags in the form that the type wants, in order of keys."""
    if tagging.shape is TagShape.MAP:
        return {key: tags[key] for key in sorted(tags)}
    return [
        {"Key": key} if tagging.bare and tags[key] == "" else {"Key": key, "Value": tags[key]}
        for key in sorted(tags)
    ]


def _differences(
    schema: TypeSchema, operation: Operation, observed: Properties
) -> Iterator[tuple[Path, Any]]:
    """Where to put what; ``MISSING`` for what goes. Lists go whole."""
    touched = operation.changed | operation.removed
    desired = {name: operation.properties.get(name) for name in operation.changed}
    desired = {name: value for name, value in desired.items() if value is not None}
    recorded = {name: value for name, value in operation.recorded.items() if name in touched}
    tags = () if schema.tags_path is None else (schema.tags_path,)
    apart = [parse(one) for one in (*schema.create_only, *schema.write_only, *tags)]
    for change in compare(
        schema, desired=desired, recorded=recorded, observed=observed, redactor=_unread
    ):
        path = parse(change.path)
        if not any(reaches(one, path) for one in apart):
            place = _settable(path, desired, observed)
            yield place, _sendable(schema, place, value_at(desired, place))


def _settable(path: Path, desired: Any, observed: Any) -> Path:
    """The part of the path up to the first list or text, which is set as a whole."""
    for length, part in enumerate(path):
        if not isinstance(desired, Mapping) or not isinstance(observed, Mapping):
            return path[:length]
        desired, observed = desired.get(part, MISSING), observed.get(part, MISSING)
    return path


def _sendable(schema: TypeSchema, place: Path, value: Any) -> Any:
    """The value without what only a creation takes and nobody can read: it counts as changed."""
    for pattern in map(parse, set(schema.create_only) & set(schema.write_only)):
        if below(pattern, place):
            for path, _ in values_at(value, pattern[len(place) :]):
                value = put(value, path, MISSING)
    return value


def _tag_step(tagging: Tagging, operation: Operation, observed: Properties) -> dict[Path, Any]:
    """The tags as a whole: ours as they are desired, others' and those of ownership as they are."""
    want = tags_of(operation.properties.get(tagging.property))
    was = tags_of(operation.recorded.get(tagging.property))
    now = tags_of(observed.get(tagging.property))
    kept = {key: value for key, value in now.items() if key not in was or not managed_tag(key)}
    tags = {**_keepable(kept), **want}
    return {} if tags == _keepable(now) else {(tagging.property,): shaped(tags, tagging)}


def _keepable(tags: Mapping[str, Any]) -> dict[str, Any]:
    """The tags that a request may name: AWS sets its own, and refuses them in requests."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def _resent(
    schema: TypeSchema, properties: Properties, observed: Properties, steps: Mapping[Path, Any]
) -> dict[Path, Any]:
    """Where to put the values that nobody can read, and that no step has already."""
    fixed = [parse(one) for one in schema.create_only]
    found: dict[Path, Any] = {}
    for pattern in map(parse, schema.write_only):
        for path, value in values_at(properties, pattern):
            if value is None or any(reaches(one, path) for one in fixed):
                continue
            place = _settable(path, properties, observed)
            if not any(reaches(done, place) for done in steps):
                found[place] = _sendable(schema, place, value_at(properties, place))
    return found


def _step(path: Path, value: Any, observed: Properties) -> Step:
    if value is MISSING:
        return {"op": "remove", "path": text_of(path)}
    op = "add" if value_at(observed, path) is MISSING else "replace"
    return {"op": op, "path": text_of(path), "value": value}


def _unread(_: Any) -> Redacted:
    """Hidden values are write-only or already in the clear, so no hash is ever compared here."""
    return Redacted(digest="", key_id="")
