"""Writes objects that exist as a stack that imports them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.adopted_disks import without_attached
from gitbot.language.adopted_gaps import with_gaps_told
from gitbot.language.adopted_secrets import LeftOut, explained, without_secrets
from gitbot.language.editing.blocks import Habits, value_lines
from gitbot.language.field_shapes import API_VERSION
from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.model.names import RemoteId
from gitbot.model.schema import TagShape, TypeSchema
from gitbot.model.tags import RESERVED_TAG_PREFIXES
from gitbot.model.values import map_leaves

_HABITS: Final = Habits(line_break="\n", map_step=2, list_step=2)
_SHORTEST_REFERENCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """An object as the cloud has it, and the schema of its type.

    ``known`` are the attributes that a plan which adopts the object knows of it.
    """

    remote_id: RemoteId
    properties: Mapping[str, Any] = field(repr=False)
    known: Mapping[str, Any]
    schema: TypeSchema


def write_existing(name: str, objects: Sequence[Existing], environment: str) -> str:
    """The text of a stack of this name in the environment, whose resources import the objects.

    What the cloud alone sets is left out. A value that another of the objects gives is a reference to
    it, except where the objects would need each other in a circle. What may be a secret is not written, and what the
    cloud does not show cannot be: a comment says how to go on.
    """
    keys = _keys(objects)
    given = _given(objects, keys)
    needs: dict[str, set[str]] = {key: set() for key in keys}
    resources: dict[str, dict[str, Any]] = {
        key: {
            "type": one.schema.name,
            "properties": _naming_itself(
                _referring(
                    without_secrets(
                        _without_elements(one, objects), one.schema, f"/{environment}/{name}/{key}"
                    ),
                    *(key, given, needs),
                ),
                *(key, one.schema),
            ),
            "lifecycle": {"import": str(one.remote_id)},
        }
        for key, one in zip(keys, objects, strict=True)
    }
    body = {
        "apiVersion": API_VERSION,
        "kind": "Stack",
        "metadata": {"name": name},
        "spec": {"resources": resources},
    }
    schemas = [one.schema for one in objects]
    lines = with_gaps_told(value_lines(body, 0, _HABITS), resources, schemas)
    return "\n".join(explained(lines, environment)) + "\n"


def _keys(objects: Sequence[Existing]) -> list[str]:
    """A key for each object, made of its tag ``Name``, its name or its identifier."""
    found: list[str] = []
    for one in objects:
        tags = {tag.get("Key"): tag.get("Value") for tag in _tags(one)}
        kind = one.schema.name.rpartition("::")[2].lower()
        named = str(tags.get("Name") or one.properties.get("GroupName") or one.remote_id)
        plain = re.sub(r"[^a-z0-9_]+", "_", named.lower()).strip("_")[:50]
        key = plain if plain[:1].isalpha() else f"{kind}_{plain}"
        if key in CEL_WORDS or key in SCOPE_ROOTS or key in found:
            key = f"{kind}_{key}"
        number, free = 2, key
        while free in found:
            number, free = number + 1, f"{key}_{number}"
        found.append(free)
    return found


def _tags(one: Existing) -> list[Mapping[str, Any]]:
    path = (one.schema.tags_path or "").strip("/")
    value = one.properties.get(path)
    return value if one.schema.tag_shape is TagShape.LIST and isinstance(value, list) else []


def _own_properties(one: Existing) -> dict[str, Any]:
    """The properties that a spec sets, as far as gitbot manages them."""
    schema = one.schema
    handled = None if schema.handled is None else {_top(path) for path in schema.handled}
    kept = {
        key: value
        for key, value in one.properties.items()
        if value not in (None, [], {})
        and f"/{key}" not in schema.read_only
        and (handled is None or key in handled)
    }
    kept = {key: kept[key] for key in _compatible(kept, schema)}
    path = (schema.tags_path or "").strip("/")
    if path in kept and schema.tag_shape is TagShape.LIST:
        kept[path] = [tag for tag in _tags(one) if not _is_reserved(str(tag.get("Key")))]
        if not kept[path]:
            del kept[path]
    return kept


def _compatible(names: Iterable[str], schema: TypeSchema) -> list[str]:
    """The names without those that exclude another: the cloud shows both ways to say one thing.

    What the cloud fills in gives way to what people declare.
    """
    excluded = schema.json_schema.get("dependentExcluded", {})
    one_of = [
        part.get("requiredXor", ())
        for part in (schema.json_schema, *schema.json_schema.get("allOf", ()))
    ]

    def both(name: str, other: str) -> bool:
        apart = name in excluded.get(other, ()) or other in excluded.get(name, ())
        return apart or any(name in group and other in group for group in one_of)

    found: list[str] = []
    for name in sorted(names, key=lambda one: (f"/{one}" in schema.filled, one)):
        if not any(both(name, other) for other in found):
            found.append(name)
    return found


def _top(pointer: str) -> str:
    return pointer.split("/")[1]


def _is_reserved(key: str) -> bool:
    return key.casefold().startswith(tuple(RESERVED_TAG_PREFIXES))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Giver:
    """The attribute of an object that gives a value. ``noun`` is what its type is called, in small letters.

    ``chosen``: somebody chose the value as a name, so that objects of other types may have it too.
    """

    key: str
    attribute: str
    noun: str
    chosen: bool

    def fits(self, property_: str) -> bool:
        """Whether a property of this name means that object: ``Roles`` means one of type Role."""
        return not self.chosen or self.attribute == property_ or self.noun in property_.lower()


def _given(objects: Sequence[Existing], keys: Sequence[str]) -> Mapping[str, list[_Giver]]:
    """What gives each value."""
    found: dict[str, list[_Giver]] = {}
    for key, one in zip(keys, objects, strict=True):
        # Of two names for one value the longer one tells more: GroupId, not Id.
        for name, value in sorted(one.known.items(), key=lambda each: (-len(each[0]), each[0])):
            if isinstance(value, str) and len(value) >= _SHORTEST_REFERENCE:
                giver = _Giver(
                    key=key,
                    attribute=name,
                    noun=one.schema.name.rpartition("::")[2].lower(),
                    chosen=f"/{name}" not in one.schema.read_only,
                )
                found.setdefault(value, []).append(giver)
    return found


def _without_elements(one: Existing, objects: Sequence[Existing]) -> dict[str, Any]:
    """The properties of the object, without lists and disks that are objects of their own here."""
    apart = {
        part.property
        for each in objects
        if (first := each.schema.part_of) is not None
        for part in (first, *first.others)
        if part.owner == one.schema.name
        and each.properties.get(part.reference) in (one.remote_id, [one.remote_id])
    }
    own = {name: value for name, value in _own_properties(one).items() if name not in apart}
    others = ((each.schema.name, each.properties) for each in objects)
    return without_attached(one.schema.name, one.remote_id, own, others)


def _referring(
    value: Any,
    own: str,
    given: Mapping[str, list[_Giver]],
    needs: dict[str, set[str]],
    name: str = "",
) -> Any:
    """The value with references in place of what other objects give. Tags stay texts."""
    if isinstance(value, Mapping):
        return {k: _referring(v, own, given, needs, k) for k, v in value.items()}
    if isinstance(value, list) and name != "Tags":
        return [_referring(one, own, given, needs, name) for one in value]
    if isinstance(value, list):
        return [{k: _plain(v) for k, v in tag.items()} for tag in value]
    if not isinstance(value, str):
        return value.written if isinstance(value, LeftOut) else value
    # What is inside of an object is named after it: arn:aws:s3:::data/*.
    whole = value if value in given or not value.startswith("arn:") else value.partition("/")[0]
    giver = next((one for one in given.get(whole, ()) if one.key != own and one.fits(name)), None)
    if giver is None or _reaches(giver.key, own, needs):
        return _plain(value)
    needs[own].add(giver.key)
    return f"${{{giver.key}.{giver.attribute}}}{_plain(value[len(whole) :])}"


def _naming_itself(properties: dict[str, Any], key: str, schema: TypeSchema) -> dict[str, Any]:
    """The properties with references in place of the word by which an object is shown to name itself."""
    itself = schema.itself
    if itself is None:
        return properties
    name = f"${{{key}.{max(itself.attributes, key=lambda each: (len(each), each))}}}"

    def named(value: Any) -> Any:
        return map_leaves(value, lambda leaf: name if leaf == itself.word else leaf)

    return {top: named(one) if top in itself.within else one for top, one in properties.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, LeftOut):
        return value.written
    return value.replace("${", "$${") if isinstance(value, str) else value


def _reaches(start: str, goal: str, needs: Mapping[str, set[str]]) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        waiting += needs[one] - seen
        seen |= needs[one]
    return False
