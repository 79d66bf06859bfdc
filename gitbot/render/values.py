"""Renders values and paths of properties. A sensitive value never appears. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from gitbot.model.values import Redacted, Sensitive, Unknown, Value
from gitbot.render.escape import clean

KNOWN_AFTER_APPLY = "(known after apply)"
SENSITIVE = "(sensitive)"
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
# json.dumps with other than default arguments makes a new encoder for each call.
_json = json.JSONEncoder(ensure_ascii=False).encode
_LONGEST_VALUE = 600
_WIDE = 100


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
    """The value on one line, as JSON without quotes around keys."""
    return clean(_words(value), _LONGEST_VALUE)


def fits_a_line(value: Value) -> bool:
    """Whether the value is short enough to be shown on one line."""
    if isinstance(value, str):
        return "\n" not in value and len(value) <= _LONGEST_VALUE
    return not isinstance(value, (Mapping, list, tuple)) or len(_words(value)) <= _WIDE


def value_lines(value: Value, depth: int = 0) -> Iterator[str]:
    """The value on as many lines as it needs, indented by two spaces for each level."""
    pad = "  " * depth
    if isinstance(value, str) and not fits_a_line(value):
        yield from (clean(f"{pad}{line}", _LONGEST_VALUE) for line in value.split("\n"))
    elif isinstance(value, Mapping) and not fits_a_line(value):
        for key, item in value.items():
            yield from _entry(f"{pad}{_key(key)}:", item, depth)
    elif isinstance(value, (list, tuple)) and not fits_a_line(value):
        for item in value:
            yield from _element(item, depth)
    else:
        yield f"{pad}{value_words(value)}"


def _element(item: Value, depth: int) -> Iterator[str]:
    """The lines of a list element. The first one has the dash."""
    pad = "  " * depth
    first, *rest = value_lines(item, depth + 1)
    yield f"{pad}- {first.removeprefix(f'{pad}  ')}"
    yield from rest


def _entry(lead: str, value: Value, depth: int) -> Iterator[str]:
    if fits_a_line(value):
        yield clean(f"{lead} {value_words(value)}", _LONGEST_VALUE + len(lead))
    else:
        yield clean(lead, _LONGEST_VALUE)
        yield from value_lines(value, depth + 1)


def _words(value: Value) -> str:
    if isinstance(value, (Sensitive, Redacted)):
        return SENSITIVE
    if isinstance(value, Unknown):
        return SENSITIVE if value.sensitive else KNOWN_AFTER_APPLY
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)}: {_words(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_words(item) for item in value)}]"
    return _json(value)


def _key(key: str) -> str:
    return key if _SIMPLE.match(key) else _json(key)
