"""Explains a kind of document or one of its fields, from the table that documents are checked by. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from gitbot.errors import UserError
from gitbot.language.field_shapes import (
    Anything,
    Field,
    Flag,
    Later,
    ListOf,
    MapOf,
    Number,
    Parsed,
    Record,
    Shape,
    Text,
)
from gitbot.language.json_schemas import WRITTEN
from gitbot.language.problems import listed, suggest
from gitbot.model.explained import Below, Explained


def explain_field(kind: str, path: Sequence[str] = ()) -> Explained:
    """What is known of a kind of document, or of the field that ``path`` names.

    Keys that people choose need no step, nor does ``spec``: ``Stack``, ``resources``, ``lifecycle``.

    Raises:
        UserError: there is no such field; the message names the nearest one.
        KeyError: there is no such kind.
    """
    shape: Shape = WRITTEN[kind]
    text, facts = "", list[str]()
    for number, step in enumerate(path):
        field = _field(shape, step, ".".join((kind, *path[:number])), is_top=number == 0)
        shape, text = field.shape, field.doc
        facts = ["It must be given."] if field.required else []
    # Of a document, what is asked for is what its ``spec`` can say.
    record = _record(shape if path else WRITTEN[kind].fields["spec"].shape)
    return Explained(
        name=".".join((kind, *path)),
        kind=kind_of(shape) if path else "kind of document",
        text=text,
        facts=(*facts, *_limits(shape)),
        below=tuple(_below(record)) if record is not None else (),
    )


def steps_in(kind: str, path: Sequence[str]) -> tuple[str, ...]:
    """The path without the keys that people choose, which stand for any entry of a map.

    Raises:
        KeyError: there is no such kind.
    """
    shape: Shape | None = WRITTEN[kind]
    steps = []
    for step in path:
        while isinstance(shape, ListOf):
            shape = shape.item
        if isinstance(shape, MapOf):
            shape = shape.value
            continue
        steps.append(step)
        field = shape.fields.get(step) if isinstance(shape, Record) else None
        shape = None if field is None else field.shape
    return tuple(steps)


def kind_of(shape: Shape) -> str:
    """What a value of the shape is, in a few words."""
    match shape:
        case Text():
            return " or ".join(shape.choices) if 0 < len(shape.choices) <= 3 else "text"
        case Flag():
            return "true or false"
        case Number():
            return "whole number" if shape.whole else "number"
        case Parsed():
            return "text"
        case Anything():
            return "any value"
        case ListOf():
            return f"list of {_plural(kind_of(shape.item))}"
        case MapOf():
            return f"map of {_plural(kind_of(shape.value))} with keys of yours"
        case Record():
            return "map"
        case Later():
            return "not in this version"
        case _:
            assert_never(shape)


def _plural(kind: str) -> str:
    return f"{kind}s" if kind in ("map", "number", "whole number", "text") else kind


def _record(shape: Shape) -> Record | None:
    """The fields of the shape, or of the items of a list or map."""
    while isinstance(shape, (ListOf, MapOf)):
        shape = shape.item if isinstance(shape, ListOf) else shape.value
    return shape if isinstance(shape, Record) else None


def _field(shape: Shape, step: str, parent: str, *, is_top: bool) -> Field:
    record = _record(shape)
    fields = dict(record.fields) if record is not None else {}
    below = _record(fields["spec"].shape) if is_top and "spec" in fields else None
    fields = {**(below.fields if below is not None else {}), **fields}
    if step in fields:
        return fields[step]
    if not fields:
        raise UserError(f"{parent} has no fields of its own")
    known = f"It has {listed(fields)}"
    raise UserError(f"{parent} has no field {step!r}. {suggest(step, fields, known)}")


def _below(record: Record) -> Iterator[Below]:
    for name, field in record.fields.items():
        if not isinstance(field.shape, Later):
            kind, needed = kind_of(field.shape), field.required and record.instead is None
            yield Below(name=name, kind=kind, required=needed, text=field.doc)


def _limits(shape: Shape) -> Iterator[str]:
    match shape:
        case Text(choices=choices) if choices:
            yield f"Allowed are {', '.join(choices)}."
        case Text(rule=rule) | Parsed(rule=rule) if rule:
            yield f"It is {rule}."
        case Number():
            yield f"From {shape.least:g} to {shape.most:g}."
        case Record(shorthand=short) if short is not None:
            yield f"A plain value sets `{short}`."
        case _:
            return
