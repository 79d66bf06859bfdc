"""The types of variables: reads them, and says why a value does not fit. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.nodes import kind_name
from gitbot.model.durations import DURATION_PATTERN, DURATION_RULE
from gitbot.model.text_problem import TextProblemError

_DURATION = re.compile(DURATION_PATTERN)
_TOKEN = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*\??|[<>,:])")
_DEEPEST: Final = 8
_EXAMPLE: Final = (
    "Write for example list<string>, map<number> or object<name: string, days?: number>."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableType:
    """One type. ``item`` is that of the items of a list or map; None for any. ``fields`` are those of
    an object, and ``optional`` the ones that may be left out."""

    kind: str
    item: VariableType | None = None
    fields: Mapping[str, VariableType] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if self.item is not None:
            return f"{self.kind}<{self.item}>"
        if self.kind != "object":
            return self.kind
        inside = ", ".join(
            f"{name}{'?' if name in self.optional else ''}: {one}"
            for name, one in self.fields.items()
        )
        return f"object<{inside}>"


def read_type(text: str) -> VariableType:
    """The type: ``string``, ``list<string>``, ``object<name: string, days?: number>``.

    Raises:
        TextProblemError: it is none.
    """
    tokens: list[tuple[str, int]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise TextProblemError("This is no part of a type.", _EXAMPLE, at=at)
        tokens.append((found[1], found.start(1)))
        at = found.end()
    reader = _Reader([*tokens, ("", len(text))])
    type_ = reader.type_(0)
    reader.take("")
    return type_


class _Reader:
    """Reads the tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, int]]) -> None:
        self._tokens = tokens
        self._at = 0

    def type_(self, depth: int) -> VariableType:
        kind, place = self._tokens[self._at]
        if kind not in FITS or depth > _DEEPEST:
            known = ", ".join(FITS)
            raise TextProblemError(f"{kind or 'Nothing'} is none of {known}.", _EXAMPLE, at=place)
        self._at += 1
        if kind == "object":
            return self._object(depth)
        item = None
        if kind in ("list", "map") and self._next() == "<":
            self.take("<")
            item = self.type_(depth + 1)
            self.take(">")
        return VariableType(kind=kind, item=item)

    def take(self, wanted: str) -> None:
        found, place = self._tokens[self._at]
        if found != wanted:
            what = f"{wanted} is wanted here" if wanted else "The type has ended here"
            raise TextProblemError(f"{what}, not {found or 'the end'}.", _EXAMPLE, at=place)
        self._at += 1

    def _next(self) -> str:
        return self._tokens[self._at][0]

    def _object(self, depth: int) -> VariableType:
        fields: dict[str, VariableType] = {}
        optional: set[str] = set()
        self.take("<")
        while True:
            name, place = self._tokens[self._at]
            bare = name.removesuffix("?")
            if not bare.isidentifier() or bare in fields:
                raise TextProblemError(
                    "A name of its own for each field is wanted here.", _EXAMPLE, at=place
                )
            self._at += 1
            self.take(":")
            fields[bare] = self.type_(depth + 1)
            optional |= {bare} if name.endswith("?") else set()
            if self._next() == ">":
                self.take(">")
                return VariableType(kind="object", fields=fields, optional=frozenset(optional))
            self.take(",")


def type_misfit(value: Any, type_: VariableType, where: str = "") -> str | None:
    """Why the plain value is not of the type, as the end of a sentence; None when it is.

    ``where`` is the place inside the variable's value.
    """
    at = f"has at {where} " if where else "is "
    if not FITS[type_.kind](value):
        if isinstance(value, str) and type_.kind in ("cidr", "duration"):
            return (
                f"{at}something that is not {ARTICLES[type_.kind]}"
                if where
                else f"is not {ARTICLES[type_.kind]}"
            )
        return f"{at}{kind_name(value)}, not {ARTICLES[type_.kind]}"
    if type_.kind == "object":
        return _object_misfit(value, type_, where)
    if type_.item is None:
        return None
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    found = (type_misfit(item, type_.item, _below(where, key)) for key, item in items)
    return next((one for one in found if one is not None), None)


def _object_misfit(value: Mapping[str, Any], type_: VariableType, where: str) -> str | None:
    inside = f" at {where}" if where else ""
    for name in value:
        if name not in type_.fields:
            return f"has{inside} the field {name}, and the variable's type has none of this name"
    for name, one in type_.fields.items():
        if name not in value:
            if name not in type_.optional:
                return f"has{inside} no field {name}"
        elif (found := type_misfit(value[name], one, _below(where, name))) is not None:
            return found
    return None


def _below(where: str, key: str | int) -> str:
    return f"{where}[{key}]" if isinstance(key, int) else f"{where}.{key}".lstrip(".")


def _is_cidr(value: Any) -> bool:
    if not isinstance(value, str) or "/" not in value:
        return False
    try:
        ipaddress.ip_network(value, strict=True)
    except ValueError:
        return False
    return True


FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
    "object": lambda value: isinstance(value, dict),
    "cidr": _is_cidr,
    "duration": lambda value: isinstance(value, str) and bool(_DURATION.fullmatch(value)),
}
ARTICLES: Final = {
    "string": "a string",
    "number": "a number",
    "boolean": "a boolean",
    "list": "a list",
    "map": "a map",
    "object": "a map",
    "cidr": "a block of addresses without host bits",
    "duration": "a duration",
}
_EXAMPLES: Final = {
    "string": "text",
    "number": "a number, without quotes",
    "boolean": "true or false, without quotes",
    "list": "a list",
    "map": "a map",
    "cidr": 'a block such as "203.0.113.5/32" or "10.0.0.0/16"',
    "duration": DURATION_RULE,
}


def example_of(type_: VariableType) -> str:
    """What to write for a value of the type."""
    plain = type_.item is None and not type_.fields
    return _EXAMPLES[type_.kind] if plain else f"a value of the type {type_}"
