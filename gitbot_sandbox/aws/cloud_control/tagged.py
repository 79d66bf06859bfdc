"""Say which objects of the Cloud Control API have which tags, for the index of tags. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.schema import TagShape
from gitbot.reconciler.pointers import parse, value_at
from gitbot_sandbox.aws.cloud_control.region import Region
from gitbot_sandbox.aws.cloud_control.registry import ServedType, lookup


def tagged(region: Region) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(Arn, tags) of the objects that have both."""
    for type_name, objects in region.objects.items():
        kind = lookup(type_name)
        if kind is None:
            continue
        for model in objects.values():
            arn, tags = _arn(kind, model), _tags(kind, model)
            if arn and tags:
                yield arn, tags


def _arn(kind: ServedType, model: Mapping[str, Any]) -> str | None:
    own = f"{kind.name.rsplit('::', 1)[-1]}Arn"
    named = [name for name in ("Arn", own) if name in model]
    return str(model[named[0]]) if named else None


def _tags(kind: ServedType, model: Mapping[str, Any]) -> Mapping[str, str]:
    path = kind.schema.tags_path
    found = value_at(model, parse(path)) if path else None
    if kind.schema.tag_shape is TagShape.LIST and isinstance(found, list):
        return {one["Key"]: one.get("Value", "") for one in found}
    return dict(found) if isinstance(found, Mapping) else {}
