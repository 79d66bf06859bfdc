"""Offers what could stand at a place of a spec. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gitbot.language.explaining.fields import steps_in
from gitbot.language.fields import BUILT_IN_ENV
from gitbot.language.functions import OWN_FUNCTIONS
from gitbot.language.json_schemas import WRITTEN
from gitbot.language.nodes import Node
from gitbot.language.writing.cursor import Cursor, typed_chain, typed_path
from gitbot.language.writing.meaning import Reader
from gitbot.language.writing.outline import kind_of, text_at
from gitbot.model.explained import Below

_DOCUMENT: Final = ("apiVersion", "kind", "metadata", "spec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A name that could stand here. ``kind`` is in a few words, ``text`` describes it."""

    name: str
    kind: str = ""
    text: str = ""


def offers(
    reader: Reader, lines: Sequence[str], line: int, column: int, cursor: Cursor
) -> list[Offer]:
    """What could stand at the place; what is typed so far does not matter."""
    text = lines[line] if line < len(lines) else ""
    chain = typed_chain(text, column)
    if chain is not None:
        return list(_names(reader, chain[:-1], cursor.path))
    if not cursor.is_key and cursor.path[-1:] == ("type",) and len(cursor.path) == 4:
        return [Offer(name=one, kind="resource type") for one in reader.around.type_names()]
    if not cursor.is_key and cursor.path[-1:] == ("module",):
        return [_of_module(reader, one) for one in reader.around.modules()]
    path = typed_path(lines, line, column)
    return [] if path is None else list(_fields(reader, path, cursor.word))


def _of_module(reader: Reader, name: str) -> Offer:
    found = reader.module(name).explained
    return Offer(name=name, kind="module", text=found.text if found is not None else "")


def _fields(reader: Reader, path: Sequence[str], typed: str) -> Iterator[Offer]:
    """The keys of the map at the path that are not there yet, or are just being typed.

    What is there may be what was there before: a half written text cannot be read.
    """
    there = set(_keys(reader.document.get(*path)))
    for one in _below(reader, path):
        if one.name not in there or (typed and one.name.startswith(typed)):
            yield Offer(name=one.name, kind=one.kind, text=one.text)


def _below(reader: Reader, path: Sequence[str]) -> Sequence[Below]:
    kind = kind_of(reader.document)
    if not path:
        return [Below(name=one, kind="", required=True, text="") for one in _DOCUMENT]
    if path[:2] == ("spec", "resources") and path[3:] == ("values",):
        found = reader.module(text_at(reader.resource(path[2]), "module")).explained
    elif path[:2] == ("spec", "resources") and path[3:4] == ("properties",):
        found = reader.field(path)
    elif kind in WRITTEN and steps_in(kind, (*path, "x")) == steps_in(kind, path):
        return ()  # people choose the keys here
    else:
        found = reader.field(path)
    return found.below if found is not None else ()


def _names(reader: Reader, chain: Sequence[str], path: Sequence[str]) -> Iterator[Offer]:
    spec = reader.document.get("spec")
    if not chain:
        yield from _roots(reader, path)
        return
    root, *rest = chain
    if root in ("vars", "locals") and not rest:
        yield from _explained(
            reader,
            root,
            _keys(reader.document.get("spec", "variables" if root == "vars" else "locals")),
        )
    elif root == "env" and not rest:
        home = reader.home()
        declared = home.documents[0].get("spec", "variables") if home and home.documents else None
        in_module = kind_of(reader.document) == "Module"
        yield from _explained(
            reader, root, (*BUILT_IN_ENV, *(() if in_module else _keys(declared)))
        )
    elif root == "lookups":
        yield from _of_lookups(reader, rest)
    elif root == "stacks":
        yield from _of_stacks(reader, rest)
    elif root == "stack" and not rest:
        yield from (Offer(name="name", kind="text"), Offer(name="labels", kind="map"))
    elif root == "each" and not rest:
        yield from (Offer(name="key", kind="text"), Offer(name="value", kind="any value"))
    elif spec is not None:
        yield from _attributes(reader, root, rest)


def _of_lookups(reader: Reader, rest: Sequence[str]) -> Iterator[Offer]:
    if not rest:
        for name in _keys(reader.document.get("spec", "lookups")):
            node = reader.document.get("spec", "lookups", name)
            yield Offer(name=name, kind=text_at(node, "type"))
        return
    node = reader.document.get("spec", "lookups", rest[0])
    yield from _of_type(reader, text_at(node, "type"), rest[1:])


def _of_stacks(reader: Reader, rest: Sequence[str]) -> Iterator[Offer]:
    """What of another stack can be named; its own name is written in brackets and quotes."""
    if len(rest) == 1:
        yield Offer(name="outputs", kind="map")
    for name, _, document in reader.stacks() if len(rest) == 2 else ():
        if name == rest[0]:
            for output in _keys(document.get("spec", "outputs")):
                found = reader.named(("stacks", name, "outputs", output)).explained
                yield Offer(
                    name=output, kind="output", text=found.text if found is not None else ""
                )


def _roots(reader: Reader, path: Sequence[str]) -> Iterator[Offer]:
    for name, text in (
        ("vars", "The variables of this document."),
        ("env", "The environment: its name, region and variables."),
        ("stack", "The stack: its name and labels."),
        ("locals", "The values that have a name here."),
        ("lookups", "What is read of the cloud and not managed."),
        ("stacks", 'Other stacks of the environment: stacks["network"].outputs.vpc_id.'),
    ):
        yield Offer(name=name, kind="names", text=text)
    inside = (
        reader.resource(path[2]) if path[:2] == ("spec", "resources") and len(path) > 2 else None
    )
    if inside is not None and inside.get("forEach") is not None:
        yield Offer(name="each", kind="names", text="The key and the value of this copy.")
    for key in _keys(reader.document.get("spec", "resources")):
        resource = reader.resource(key)
        yield Offer(name=key, kind=text_at(resource, "type") or text_at(resource, "module"))
    yield from (Offer(name=one, kind="function") for one in sorted({*OWN_FUNCTIONS, "secret"}))


def _explained(reader: Reader, root: str, names: Iterable[str]) -> Iterator[Offer]:
    for name in names:
        found = reader.named((root, name)).explained
        yield Offer(
            name=name,
            kind=found.kind if found is not None else "",
            text=found.text if found is not None else "",
        )


def _attributes(reader: Reader, root: str, rest: Sequence[str]) -> Iterator[Offer]:
    resource = reader.resource(root)
    if resource is None:
        return
    steps = rest
    if resource.get("forEach") is not None:
        if not rest:
            return
        steps = rest[1:]
    module = text_at(resource, "module")
    if module:
        found = reader.module(module).explained
        for name in found.gives if found is not None and not steps else ():
            part = reader.part(module, "outputs", name).explained
            yield Offer(name=name, kind="output", text=part.text if part is not None else "")
        return
    yield from _of_type(reader, text_at(resource, "type"), steps)


def _of_type(reader: Reader, type_name: str, steps: Sequence[str]) -> Iterator[Offer]:
    explained = reader.explain(type_name, steps)
    if explained is None:
        return
    yield from (Offer(name=one, kind="given by the cloud") for one in explained.gives)
    yield from (Offer(name=one.name, kind=one.kind, text=one.text) for one in explained.below)


def _keys(node: Node | None) -> Iterable[str]:
    return [key for key, _ in node.items()] if node is not None else []
