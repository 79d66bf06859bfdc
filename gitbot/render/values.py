"""Renders values and paths of properties, whole. A sensitive value never appears. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gitbot.model.values import Redacted, Sensitive, Unknown, Value, leaves
from gitbot.render.texts import text_of

KNOWN_AFTER_APPLY = "(known after apply)"
SENSITIVE = "(sensitive)"
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
# json.dumps with other than default arguments makes a new encoder for each call.
_json = json.JSONEncoder(ensure_ascii=False).encode
_REFERENCE = re.compile(r'\$\{([A-Za-z_]\w*)((?:\.\w+|\["[^"\\]+"\])+)\}\Z')
_STEP = re.compile(r'\.(\w+)|\["([^"]+)"\]')
_LONGEST_STRING = 160
_WIDE = 100


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One line of a value.

    ``hidden`` tells it apart from a line that reads the same because both hide something.
    """

    text: str
    hidden: str = ""


def path_words(pointer: str) -> str:
    """The JSON pointer as people write it: ``Ingress[0].CidrIp``, ``Tags["cost centre"]``."""
    words = ""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if name.isdigit():
            words += f"[{name}]"
        elif _SIMPLE.match(name):
            words += f".{name}" if words else name
        else:
            words += f"[{_json(name)}]"
    return words or "(whole)"


def value_words(value: Value) -> str:
    """The value on one line, as JSON without quotes around keys.

    Of an unknown value it has the expression and the known values that the expression uses.
    """
    if isinstance(value, (Sensitive, Redacted)):
        return SENSITIVE
    if isinstance(value, Unknown):
        return _hidden_words(value) if value.sensitive else _unknown_words(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)}: {value_words(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_words(item) for item in value)}]"
    return _json(value)


def _hidden_words(value: Unknown) -> str:
    """What stands for a sensitive value that is not known yet: which secrets it is made of."""
    if not value.secrets:
        return SENSITIVE
    return f"{SENSITIVE[:-1]}: from {', '.join(value.secrets)})"


def fits_a_line(value: Value) -> bool:
    """Whether the value is short enough to be shown on one line, and holds no text of its own."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_STRING and text_of(value) is None
    if isinstance(value, Unknown):
        words = value_words(value)
        return "\n" not in words and len(words) <= _LONGEST_STRING
    if isinstance(value, (Mapping, list, tuple)):
        return all(map(fits_a_line, leaves(value))) and len(value_words(value)) <= _WIDE
    return True


def how_read(value: Value) -> str:
    """How the text of a string was read, such as from base64; empty when it stands as it is."""
    found = text_of(value) if isinstance(value, str) else None
    return "" if found is None else found.how


def value_lines(value: Value, depth: int = 0) -> Iterator[ValueLine]:
    """The value on as many lines as it needs, indented by two spaces for each level."""
    pad = "  " * depth
    if fits_a_line(value):
        yield ValueLine(f"{pad}{value_words(value)}", _hidden(value))
    elif isinstance(value, str):
        found = text_of(value)
        lines = (_json(value),) if found is None else found.lines
        yield from (ValueLine(f"{pad}{line}") for line in lines)
    elif isinstance(value, Unknown):
        yield from _unknown_lines(value, depth)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{pad}{_key(key)}:", item, depth)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _element(item, depth)


def _element(item: Value, depth: int) -> Iterator[ValueLine]:
    """The lines of a list element. The first one has the dash."""
    pad = "  " * depth
    first, *rest = value_lines(item, depth + 1)
    yield ValueLine(f"{pad}- {first.text.removeprefix(f'{pad}  ')}", first.hidden)
    yield from rest


def _entry(lead: str, value: Value, depth: int) -> Iterator[ValueLine]:
    if fits_a_line(value):
        yield ValueLine(f"{lead} {value_words(value)}", _hidden(value))
    else:
        how = how_read(value)
        yield ValueLine(f"{lead}  # {how}" if how else lead)
        yield from value_lines(value, depth + 1)


def _inputs(value: Unknown) -> Mapping[str, Value]:
    """What the expression uses, by name: known values, and resources that it calls otherwise."""
    known = {
        f"{root}.{name}": item
        for root, items in value.inputs.items()
        if root not in ("lookups", "stacks")  # the expression names all that is known of these
        for name, item in (items.items() if isinstance(items, Mapping) else ())
    }
    named = {name: at for name, at in value.references.items() if name != at}
    return {**known, **named}


def _plainly(value: Unknown) -> str | None:
    """The attribute that the value is, at its whole address; None when it is made of more.

    A reference inside a module names a resource as the module does, and an output of a module may be
    an attribute in turn: people read ``${data["models"].bucket.Arn}``.
    """
    found = _REFERENCE.match(value.template)
    if found is None:
        return None
    name, rest = found.groups()
    inner: object = value.inputs.get(name)
    for attribute, key in _STEP.findall(rest):
        inner = inner.get(attribute or key) if isinstance(inner, Mapping) else None
    if isinstance(inner, Unknown):
        return None if inner.sensitive else _plainly(inner)
    address = value.references.get(name)
    return f"${{{address}{rest}}}" if address is not None and not value.inputs else None


def _unknown_words(value: Unknown) -> str:
    plain = _plainly(value)
    if plain is not None:
        return f"{plain} {KNOWN_AFTER_APPLY}"
    used = ", ".join(f"{name}: {value_words(item)}" for name, item in _inputs(value).items())
    return (
        f"{value.template} {KNOWN_AFTER_APPLY[:-1]}, with {used})"
        if used
        else (f"{value.template} {KNOWN_AFTER_APPLY}")
    )


def _unknown_lines(value: Unknown, depth: int) -> Iterator[ValueLine]:
    pad = "  " * depth
    for line in value.template.split("\n"):
        yield ValueLine(f"{pad}{line}")
    inputs = _inputs(value)
    yield ValueLine(f"{pad}{KNOWN_AFTER_APPLY}{', with' if inputs else ''}")
    for name, item in inputs.items():
        yield from _entry(f"{pad}  {name}:", item, depth + 1)


def _hidden(value: Value) -> str:
    """What a line hides, so that two lines are equal only when they hide the same."""
    return " ".join(
        repr(leaf.value) if isinstance(leaf, Sensitive) else repr(leaf)
        for leaf in leaves(value)
        if isinstance(leaf, (Sensitive, Redacted)) or (isinstance(leaf, Unknown) and leaf.sensitive)
    )


def _key(key: str) -> str:
    return key if _SIMPLE.match(key) else _json(key)
