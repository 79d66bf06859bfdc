"""Explains a resource type or one of its properties, in AWS's words and in ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gitbot.errors import UserError
from gitbot.language.definitions import place_of_map
from gitbot.language.explaining.alternatives import said_of_alternatives
from gitbot.language.explaining.limits import limits_of
from gitbot.language.problems import listed, suggest
from gitbot.model.explained import Below, Explained
from gitbot.model.schema import TypeSchema

_DOCUMENTATION: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_INDEX = re.compile(r"\[[^\]]*\]")
_KINDS: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "whole number",
    "object": "map",
    "array": "list",
    "boolean": "true or false",
}


def explain_type(
    schema: TypeSchema, prose: Mapping[str, str], path: Sequence[str] = ()
) -> Explained:
    """What is known of the type, or of the property that ``path`` names from the type downwards.

    The items of a list need no step: ``LifecycleConfiguration``, ``Rules``, ``Status``.

    Raises:
        UserError: there is no such property; the message names the nearest one.
    """
    spot = _Spot(schema=schema, prose=prose, node=schema.json_schema, place="", path="")
    for number, step in enumerate(path):
        spot = _step(spot, step, ".".join((schema.name, *path[:number])))
    name = ".".join((schema.name, *path))
    inner = spot.inner()
    return Explained(
        name=name,
        kind="resource type" if not path else spot.kind(),
        text=spot.text if path else "",
        facts=tuple(_facts(spot) if path else _type_facts(schema)),
        below=tuple(_below(inner)),
        gives=tuple(_gives(inner)),
        see=documentation_of(schema.name) if not path else "",
    )


def steps_of(path: str) -> tuple[str, ...]:
    """The steps of a path as people write it: ``Rules[0].Status`` and ``/Rules/0/Status`` alike."""
    plain = _INDEX.sub("", path).replace("/", ".")
    return tuple(step for step in plain.split(".") if step and step != "*" and not step.isdigit())


def documentation_of(type_name: str) -> str:
    """The address of AWS's page about the type."""
    parts = type_name.lower().split("::")
    return f"{_DOCUMENTATION}/aws-resource-{'-'.join(parts[1:])}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A value in a schema: where it stands in the schema (``place``) and in properties (``path``)."""

    schema: TypeSchema
    prose: Mapping[str, str]
    node: Mapping[str, Any]
    place: str
    path: str
    is_required: bool = False
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.prose.get(self.place, "")

    def followed(self) -> _Spot:
        """The same value, where its definition stands."""
        spot = self
        for _ in range(8):
            reference = spot.node.get("$ref")
            if not isinstance(reference, str):
                break
            name = reference.rsplit("/", 1)[-1]
            node = self.schema.json_schema.get("definitions", {}).get(name, {})
            spot = spot.at(node, f"/definitions/{name}", spot.path)
        return spot

    def at(
        self, node: Mapping[str, Any], place: str, path: str, *, required: bool = False
    ) -> _Spot:
        return replace(self, node=node, place=place, path=path, is_required=required, others=())

    def inner(self) -> _Spot:
        """The map that this value is, or that the items of this list or the values of this map are."""
        spot = self.followed()
        for _ in range(8):
            part = spot.part()
            if part is None:
                break
            spot = part.followed()
        return spot

    def part(self) -> _Spot | None:
        """An item of this list, or a value of this map whose keys people choose; None for anything else."""
        node = self.node
        values = (*node.get("patternProperties", {}).values(), node.get("additionalProperties"))
        inside = node.get("items", None if "properties" in node else values[0])
        if not isinstance(inside, Mapping):
            return None
        return self.at(inside, f"{self.place}/items", f"{self.path}/*")

    def children(self) -> Iterator[tuple[str, _Spot]]:
        required = self.node.get("required", ())
        home = place_of_map(self.schema.json_schema.get("definitions", {}), self.node, self.place)
        for name, node in self.node.get("properties", {}).items():
            escaped = name.replace("~", "~0").replace("/", "~1")
            place, path = f"{home}/properties/{escaped}", f"{self.path}/{name}"
            spot = self.at(node, place, path, required=name in required)
            yield name, replace(spot, others=said_of_alternatives(self.node, name))

    def kind(self) -> str:
        """What the value is, in a few words."""
        node = self.followed().node
        if "enum" in node:
            return (
                " or ".join(map(str, node["enum"]))
                if len(node["enum"]) <= 3
                else "one of several texts"
            )
        part = self.followed().part()
        if part is not None and "items" in node:
            return f"list of {_plural(part.kind())}"
        if part is not None and part.followed().node.get("type") in _KINDS.keys() - {
            "object",
            "array",
        }:
            return f"map of {_plural(part.kind())}"
        kinds = node.get("type", "object" if "properties" in node else "any value")
        many = kinds if isinstance(kinds, list) else [kinds]
        return " or ".join(_KINDS.get(one, str(one)) for one in many)


def _plural(kind: str) -> str:
    return kind if " " in kind else f"{kind}s"


def _step(spot: _Spot, step: str, parent: str) -> _Spot:
    children = dict(spot.inner().children())
    if step in children:
        return children[step]
    if not children:
        raise UserError(f"{parent} has no properties of its own")
    known = f"It has {listed(children)}"
    raise UserError(f"{parent} has no property {step!r}. {suggest(step, children, known)}")


def _below(spot: _Spot) -> Iterator[Below]:
    for name, child in sorted(spot.children(), key=lambda pair: (not pair[1].is_required, pair[0])):
        if _is_given(child) or not _is_handled(child):
            continue
        text = _first_sentence(child.text)
        yield Below(name=name, kind=child.kind(), required=child.is_required, text=text)


def _gives(spot: _Spot) -> Iterator[str]:
    return (name for name, child in sorted(spot.children()) if _is_given(child))


def _first_sentence(text: str) -> str:
    flat = " ".join(text.split())
    found = re.match(r"(.+?[.!?])(?:\s|$)", flat)
    return found.group(1) if found else flat


def _is_given(spot: _Spot) -> bool:
    return _is_in(spot.path, spot.schema.read_only)


def _is_handled(spot: _Spot) -> bool:
    handled = spot.schema.handled
    return handled is None or any(
        one == spot.path or one.startswith(f"{spot.path}/") or spot.path.startswith(f"{one}/")
        for one in handled
    )


def _type_facts(schema: TypeSchema) -> Iterator[str]:
    if not schema.served:
        yield "This version of gitbot does not manage it."
    if schema.stateful:
        yield "It holds data: deleting or replacing it always waits for somebody's consent."
    elif schema.stateful_replacement:
        yield "Replacing it loses data, and always waits for somebody's consent."
    if schema.tags_path is not None:
        yield "It takes tags: labels and the environment's tags are put on it."
    if schema.losses.gone:
        yield f"With it is lost: {schema.losses.gone}."


def _facts(spot: _Spot) -> Iterator[str]:
    schema, path = spot.schema, spot.path
    if spot.is_required:
        yield "It must be given."
    yield from spot.others
    if _is_given(spot):
        yield "Only the cloud gives it: read it in an expression, never set it."
    elif not _is_handled(spot):
        yield "This version of gitbot does not manage it."
    yield from _changes(schema, path)
    yield from _costs(schema, path)
    if path in schema.write_only:
        yield "The cloud never shows it: gitbot compares with what it set."
    if path in schema.sets:
        yield "The order of the list has no meaning."
    removal = schema.removals.get(path)
    if removal is not None:
        yield f"Without it: {removal.says.rstrip('.')}."
    yield from limits_of(spot.followed().node)


def _changes(schema: TypeSchema, path: str) -> Iterator[str]:
    if _is_in(path, schema.create_only):
        yield "A change of it replaces the object."
    elif _is_in(path, schema.conditional_create_only):
        yield "Some changes of it replace the object; the plan says which."
    elif _is_in(path, schema.restarts):
        yield "A change of it stops the object and starts it again."


def _costs(schema: TypeSchema, path: str) -> Iterator[str]:
    for caution in schema.cautions:
        if caution.changed == path and caution.loses:
            yield f"A change of it can mean: {caution.loses}."


def _is_in(path: str, paths: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in paths)
