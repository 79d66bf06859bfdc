"""Checks a document against the table of fields and reads it into plain values. Pure."""

from __future__ import annotations

from typing import Any

from gitbot.language.field_shapes import (
    Anything,
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
from gitbot.language.nodes import Mark, Node, kind_name
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.model.text_problem import TextProblemError


def read(node: Node, shape: Shape, where: str, problems: Problems) -> Any:
    """The contents of ``node``; None when it does not fit. Each misfit is added as a problem.

    The result is a str, a bool, a number, what ``Parsed.read`` returns, a tuple, or a dict by key,
    as the shape says; for ``Anything`` it is the node itself. What does not fit is left out of
    tuples and dicts. ``where`` is the path for messages: ``spec.resources.bucket``.
    """
    match shape:
        case Anything():
            return node
        case Record():
            return _record(node, shape, where, problems)
        case Text():
            return _text(node, shape, where, problems)
        case Flag():
            return _flag(node, where, problems)
        case Number():
            return _number(node, shape, where, problems)
        case Parsed():
            return _parsed(node, shape, where, problems)
        case Later():
            _add_later(node.mark, where, problems)
            return None
        case ListOf():
            return _list(node, shape, where, problems)
        case MapOf():
            return _map(node, shape, where, problems)


def _add_later(mark: Mark, where: str, problems: Problems) -> None:
    problems.add(
        "not-yet",
        mark,
        f"{where} comes with a later version of gitbot; this one would not act on it.",
        "Remove it for now.",
    )


def _add_wrong_type(node: Node, where: str, wanted: str, problems: Problems) -> None:
    fix = f"Write {wanted}."
    if wanted == "a string" and isinstance(node.value, (bool, int, float)):
        written = node.text if node.text is not None else str(node.value).lower()
        fix = f"Put the value in quotes: '{written}'."
    elif wanted == "a boolean" and isinstance(node.value, str):
        fix = "Write true or false, without quotes (YAML 1.2 has no yes, no, on and off)."
    problems.add(
        "wrong-type", node, f"{where} must be {wanted}; this is {kind_name(node.value)}.", fix
    )


def _text(node: Node, shape: Text, where: str, problems: Problems) -> str | None:
    if not isinstance(node.value, str):
        _add_wrong_type(node, where, "a string", problems)
        return None
    if "${" in node.value:
        problems.add(
            "no-expression-here",
            node,
            f"{where} is read as it is; expressions are not evaluated in it.",
            "Write the value out. Expressions work in properties, outputs, values and defaults.",
        )
        return None
    return _checked_text(node.value, shape, where, node.mark, problems)


def _checked_text(text: str, shape: Text, where: str, mark: Mark, problems: Problems) -> str | None:
    if shape.fits(text):
        return text
    if shape.choices and text not in shape.choices:
        problems.add(
            shape.code,
            mark,
            f"{where} must be one of {', '.join(shape.choices)}; this is {quoted(text)}.",
            suggest(text, shape.choices, f"Write one of {', '.join(shape.choices)}."),
        )
        return None
    if len(text) > shape.longest:
        problems.add(
            shape.code,
            mark,
            f"{where} has {len(text)} characters; at most {shape.longest} are allowed.",
            "Shorten it.",
        )
        return None
    problems.add(
        shape.code,
        mark,
        f"{where} is {quoted(text)}, which is not allowed.",
        f"Use {shape.rule}.",
    )
    return None


def _flag(node: Node, where: str, problems: Problems) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    _add_wrong_type(node, where, "a boolean", problems)
    return None


def _number(node: Node, shape: Number, where: str, problems: Problems) -> int | float | None:
    number = node.value
    wanted = f"a {'whole ' if shape.whole else ''}number from {shape.least:g} to {shape.most:g}"
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        _add_wrong_type(node, where, wanted, problems)
        return None
    if not shape.least <= number <= shape.most or (shape.whole and number != int(number)):
        problems.add(
            "bad-value", node, f"{where} is {node.text}, but must be {wanted}.", f"Write {wanted}."
        )
        return None
    return int(number) if shape.whole else number


def _parsed(node: Node, shape: Parsed, where: str, problems: Problems) -> object:
    plain = Text(longest=shape.longest, code=shape.code)
    text = _text(node, plain, where, problems)
    if text is None:
        return None
    try:
        return shape.read(text)
    except TextProblemError as found:
        detail = f"{where} must be {shape.rule}. {found.detail}"
        problems.add(shape.code, node.mark_inside(found.at), detail, found.fix)
        return None


def _list(node: Node, shape: ListOf, where: str, problems: Problems) -> tuple[Any, ...] | None:
    if not node.is_list:
        kind = "a list of strings" if isinstance(shape.item, Text) else "a list"
        _add_wrong_type(node, where, kind, problems)
        return None
    read_items = [
        read(item, shape.item, f"{where}[{n}]", problems) for n, item in enumerate(node.value)
    ]
    items = [item for item in read_items if item is not None]
    return tuple(dict.fromkeys(items) if isinstance(shape.item, Text) else items)


def _map(node: Node, shape: MapOf, where: str, problems: Problems) -> dict[str, Any] | None:
    if node.value is None:
        return {}
    if not node.is_map:
        _add_wrong_type(node, where, "a map", problems)
        return None
    found: dict[str, Any] = {}
    for key, child in node.items():
        below = f"{where}.{key}"
        # Values of any shape are evaluated later, and that checks their keys too.
        if "${" in key and not isinstance(shape.value, Anything):
            problems.add(
                "expression-in-key",
                node.key_mark(key),
                f"The key {quoted(key)} of {where} holds an expression; keys are never evaluated.",
                "Write the key out.",
            )
            continue
        if not shape.key.fits(key):
            _checked_text(key, shape.key, f"The name {below}", node.key_mark(key), problems)
            continue
        value = read(child, shape.value, below, problems)
        if value is not None:
            found[key] = value
    return found


def _record(node: Node, shape: Record, where: str, problems: Problems) -> dict[str, Any] | None:
    if not node.is_map:
        if shape.shorthand is not None and not node.is_list and node.value is not None:
            short = shape.fields[shape.shorthand].shape
            value = read(node, short, where, problems)
            return {} if value is None else {shape.shorthand: value}
        if shape.shorthand is not None and node.is_list:
            fix = f"Write the list below `{shape.shorthand}`: {{{shape.shorthand}: [a, b]}}."
            problems.add("wrong-type", node, f"{where} must be a map; this is a list.", fix)
        else:
            _add_wrong_type(node, where or "The document", "a map", problems)
        return None
    found: dict[str, Any] = {}
    for key, child in node.items():
        known = shape.fields.get(key)
        below = f"{where}.{key}" if where else key
        if known is None:
            _add_unknown_field(node, key, shape, where, problems)
        elif isinstance(known.shape, Later):
            _add_later(node.key_mark(key), below, problems)
        else:
            value = read(child, known.shape, below, problems)
            if value is not None:
                found[key] = value
    for key, known in shape.fields.items():
        if known.required and key not in node.value and shape.instead not in node.value:
            problems.add(
                "missing-field",
                node,
                f"{where or 'The document'} has no {key} ({known.doc.rstrip('.')}).",
                f"Add {_example(key, known.shape)}.",
            )
    return found


def _example(key: str, shape: Shape) -> str:
    """The field for a message; with its value when only one is allowed."""
    only = shape.choices if isinstance(shape, Text) and len(shape.choices) == 1 else ()
    return f"`{key}: {only[0]}`" if only else key


def _add_unknown_field(node: Node, key: str, shape: Record, where: str, problems: Problems) -> None:
    fields = [name for name, known in shape.fields.items() if not isinstance(known.shape, Later)]
    problems.add(
        "unknown-field",
        node.key_mark(key),
        f"{where or 'The document'} has no field {quoted(key)}. Its fields: {listed(fields)}.",
        suggest(key, fields, _place_of(key, shape)),
    )


def _place_of(key: str, shape: Record) -> str:
    """What to do with a field that stands one level too high, or nowhere."""
    for name, known in shape.fields.items():
        if isinstance(known.shape, Record) and key in known.shape.fields:
            return f"Write it below `{name}`."
    # Properties of AWS's types begin with a capital letter, and no field of gitbot's does.
    if "properties" in shape.fields and key[:1].isupper():
        return "Write it below `properties`."
    return "Remove it."
