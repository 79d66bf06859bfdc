"""The schema keywords that check one value as a whole. Pure.

Patterns are compiled with ``regex``: about a hundred patterns of the registry use syntax that
``re`` lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import regex

from gitbot.language.validator import Check, Errors, Keyword, SchemaDocument, SchemaError
from gitbot.model.values import is_known


def with_reason(
    keyword: str, misfit: Callable[[Any], str | None], limit: Any, schema: Mapping[str, Any]
) -> Check:
    """A check whose error has the reason that ``misfit`` returns; None when the value fits."""

    def check(value: Any, found: Errors) -> None:
        message = misfit(value)
        if message is not None:
            found.append(
                SchemaError(
                    keyword=keyword, instance=value, limit=limit, schema=schema, message=message
                )
            )

    return check


# --- types ---------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_IS: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
USUAL_KINDS: Mapping[str, type] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "integer": int,
}
"""The Python type of most values of each type; some have values of other Python types too."""


def _type(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    names = [limit] if isinstance(limit, str) else list(limit)
    tests = [_IS[name] for name in names]

    def check(value: Any, found: Errors) -> None:
        if not any(test(value) for test in tests):
            found.append(SchemaError(keyword="type", instance=value, limit=limit, schema=schema))

    return check


# --- one value against one limit -----------------------------------------------------------------


def _limit(keyword: str, kind: str, misfits: Callable[[Any, Any], Any]) -> Keyword:
    """A keyword that checks values of one type and accepts all others."""
    is_kind = _IS[kind]

    def make(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
        def check(value: Any, found: Errors) -> None:
            if is_kind(value) and misfits(value, limit):
                found.append(
                    SchemaError(
                        keyword=keyword,
                        instance=value,
                        limit=limit,
                        schema=schema,
                        message=f"{value!r} is not a multiple of {limit}"
                        if keyword == "multipleOf"
                        else "",
                    )
                )

        return check

    return make


def _is_no_multiple(value: Any, step: Any) -> bool:
    if not isinstance(step, float):
        return bool(value % step)
    quotient = value / step
    try:
        return bool(int(quotient) != quotient)
    except OverflowError:  # a large number over a small step: calculate exactly
        return (Fraction(value) / Fraction(step)).denominator != 1


def _identity(value: Any) -> Any:
    """A hashable value that is equal for equal JSON: 1 equals 1.0, and true does not equal 1."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, (list, tuple)):
        return ("array", tuple(_identity(item) for item in value))
    if isinstance(value, Mapping):
        return ("object", frozenset((key, _identity(item)) for key, item in value.items()))
    return value


def _repeats(items: Sequence[Any], wanted: Any) -> bool:
    if not wanted or not is_known(items):
        return False
    return len({_identity(item) for item in items}) < len(items)


def _enum(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return _one_of_values("enum", limit, limit, schema)


def _const(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return _one_of_values("const", [limit], limit, schema)


def _one_of_values(
    keyword: str, choices: Sequence[Any], limit: Any, schema: Mapping[str, Any]
) -> Check:
    allowed = frozenset(_identity(one) for one in choices)

    def check(value: Any, found: Errors) -> None:
        if type(value) is str and value in allowed:
            return
        if is_known(value) and _identity(value) not in allowed:
            found.append(SchemaError(keyword=keyword, instance=value, limit=limit, schema=schema))

    return check


def _enum_ignoring_case(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    folded = frozenset(one.casefold() for one in limit if isinstance(one, str))

    def misfit(value: Any) -> str | None:
        if not isinstance(value, str) or value.casefold() in folded:
            return None
        return f"is none of {', '.join(map(str, limit))}"

    return with_reason("enumCaseInsensitive", misfit, limit, schema)


# --- patterns ------------------------------------------------------------------------------------


def flags_of(pattern: str) -> int:
    """The flags that the pattern is compiled with: Java's ``[a-z&&[^x]]`` needs a newer syntax."""
    return int(regex.VERSION1) if "&&[" in pattern else 0


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(pattern, flags_of(pattern))
    except regex.error:
        return None


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; a pattern that does not compile matches anything."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


VALUE_KEYWORDS: Mapping[str, Keyword] = {
    "const": _const,
    "enum": _enum,
    "enumCaseInsensitive": _enum_ignoring_case,
    "exclusiveMaximum": _limit("exclusiveMaximum", "number", lambda value, most: value >= most),
    "exclusiveMinimum": _limit("exclusiveMinimum", "number", lambda value, least: value <= least),
    "maxItems": _limit("maxItems", "array", lambda value, most: len(value) > most),
    "maxLength": _limit("maxLength", "string", lambda value, most: len(value) > most),
    "maxProperties": _limit("maxProperties", "object", lambda value, most: len(value) > most),
    "maximum": _limit("maximum", "number", lambda value, most: value > most),
    "minItems": _limit("minItems", "array", lambda value, least: len(value) < least),
    "minLength": _limit("minLength", "string", lambda value, least: len(value) < least),
    "minProperties": _limit("minProperties", "object", lambda value, least: len(value) < least),
    "minimum": _limit("minimum", "number", lambda value, least: value < least),
    "multipleOf": _limit("multipleOf", "number", _is_no_multiple),
    "pattern": _limit("pattern", "string", lambda value, pattern: not matches(pattern, value)),
    "type": _type,
    "uniqueItems": _limit("uniqueItems", "array", _repeats),
}
