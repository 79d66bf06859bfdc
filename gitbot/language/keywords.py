"""The keywords of JSON Schema that the CloudFormation registry uses, and cfn-lint's. Pure.

An unknown leaf fits every keyword, and a keyword that cannot be decided while a leaf below is
unknown is not asked. Patterns go through ``regex``, because a hundred of the registry's patterns
use syntax that ``re`` lacks. The keywords beyond JSON Schema are cfn-lint's
(https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/custom_rules.md and its schemas).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import regex

from gitbot.language.branches import BRANCHES
from gitbot.language.validator import (
    Check,
    Document,
    Errors,
    Keyword,
    SchemaError,
    Validator,
    put_below,
)
from gitbot.model.values import is_known

# What an identifier looks like, for the typed formats that are worth checking before a call.
_ID_PREFIXES = {
    "AWS::EC2::SecurityGroup.Id": "sg",
    "AWS::EC2::Subnet.Id": "subnet",
    "AWS::EC2::VPC.Id": "vpc",
    "AWS::EC2::Image.Id": "ami",
}
_NETWORKS = {"ipv4-network": "4", "ipv6-network": "6"}
_BLOCKS = {"4": "203.0.113.5/32", "6": "2001:db8::/32"}


def validator_of(schema: Mapping[str, Any]) -> Validator:
    """The validator of a registry schema."""
    return Document(schema, KEYWORDS).root()


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
_USUAL = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int}


def _type(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    names = [limit] if isinstance(limit, str) else list(limit)
    usual = frozenset(_USUAL[name] for name in names if name in _USUAL)
    tests = [_IS[name] for name in names]

    def check(value: Any, found: Errors) -> None:
        if type(value) not in usual and not any(test(value) for test in tests):
            found.append(SchemaError(keyword="type", instance=value, limit=limit, schema=schema))

    return check


# --- one value against one limit -----------------------------------------------------------------


def _limit(keyword: str, kind: str, misfits: Callable[[Any, Any], Any]) -> Keyword:
    """A keyword for values of one type; those of other types fit."""
    is_kind = _IS[kind]

    def make(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
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
    except OverflowError:  # a large number over a small step: exactly, then
        return (Fraction(value) / Fraction(step)).denominator != 1


def _identity(value: Any) -> Any:
    """A hashable that is equal for equal JSON: 1 is 1.0, and true is not 1."""
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


def _enum(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    return _one_of_values("enum", limit, limit, schema)


def _const(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
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


def _enum_ignoring_case(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    folded = frozenset(one.casefold() for one in limit if isinstance(one, str))

    def misfit(value: Any) -> str | None:
        if not isinstance(value, str) or value.casefold() in folded:
            return None
        return f"is none of {', '.join(map(str, limit))}"

    return _with_reason("enumCaseInsensitive", misfit, limit, schema)


# --- patterns and formats ------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(pattern)
    except regex.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


def _is_network(version: str, text: str) -> bool:
    """AWS itself clears host bits, but wants the length of the mask."""
    try:
        return "/" in text and str(ipaddress.ip_network(text, strict=False).version) == version
    except ValueError:
        return False


def _format(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    name = limit if isinstance(limit, str) else ""
    version = _NETWORKS.get(name)
    prefix = _ID_PREFIXES.get(name)

    def misfit(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if version and not _is_network(version, value):
            return f"is no block of IPv{version} addresses such as {_BLOCKS[version]}"
        if prefix and not _matches(rf"^{prefix}-[0-9a-f]+$", value):
            return f"does not look like {prefix}-0123456789abcdef0"
        return None

    return _with_reason("format", misfit, limit, schema)


# --- lists ---------------------------------------------------------------------------------------


def _items(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    below = document.below(limit)
    first = len(schema.get("prefixItems", ()))

    def check(value: Any, found: Errors) -> None:
        if isinstance(value, list):
            for index in range(first, len(value)):
                so_far = len(found)
                below.add_errors(value[index], found)
                if len(found) > so_far:
                    put_below(index, found, so_far)

    return check


def _prefix_items(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    below = [document.below(one) for one in limit]

    def check(value: Any, found: Errors) -> None:
        if isinstance(value, list):
            for index, (item, one) in enumerate(zip(value, below, strict=False)):
                one.add_errors_below(item, index, found)

    return check


def _unique_keys(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    message = f"has the {' and '.join(limit)} of an element before it"

    def check(value: Any, found: Errors) -> None:
        seen: set[str] = set()
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if not isinstance(item, dict) or not is_known(item):
                continue
            identity = json.dumps([item.get(key) for key in limit], sort_keys=True, default=str)
            if identity in seen:
                found.append(
                    SchemaError(
                        keyword="uniqueKeys",
                        instance=value,
                        limit=limit,
                        schema=schema,
                        message=message,
                        path=(index,),
                    )
                )
            seen.add(identity)

    return check


# --- maps ----------------------------------------------------------------------------------------


def _properties(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    below = {name: document.below(one) for name, one in limit.items()}
    position = {name: number for number, name in enumerate(limit)}

    def check(value: Any, found: Errors) -> None:
        if not isinstance(value, dict):
            return
        before = len(found)
        for name, item in value.items():
            if name in below:
                so_far = len(found)
                below[name].add_errors(item, found)
                if len(found) > so_far:
                    put_below(name, found, so_far)
        if len(found) > before + 1:
            # Of several alternatives only the first errors are shown: the schema's order counts.
            found[before:] = sorted(found[before:], key=lambda one: position[one.path[0]])

    return check


def _pattern_properties(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    below = [(pattern, document.below(one)) for pattern, one in limit.items()]

    def check(value: Any, found: Errors) -> None:
        for pattern, one in below if isinstance(value, dict) else ():
            for key, item in value.items():
                if _matches(pattern, key):
                    one.add_errors_below(item, key, found)

    return check


def _additional_properties(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    declared = schema.get("properties", {})
    patterns = tuple(schema.get("patternProperties", ()))
    below = document.below(limit) if isinstance(limit, Mapping) else None

    def check(value: Any, found: Errors) -> None:
        for key, item in value.items() if isinstance(value, dict) else ():
            if key in declared or any(_matches(pattern, key) for pattern in patterns):
                continue
            if below is not None:
                below.add_errors_below(item, key, found)
            elif limit is False:
                found.append(
                    SchemaError(
                        keyword="additionalProperties",
                        instance=value,
                        limit=limit,
                        schema=schema,
                        key=key,
                    )
                )

    return check


def _required(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    def check(value: Any, found: Errors) -> None:
        if not isinstance(value, dict):
            return
        for name in limit:
            if name not in value:
                found.append(
                    SchemaError(
                        keyword="required", instance=value, limit=limit, schema=schema, key=name
                    )
                )

    return check


def _required_xor(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    def misfit(value: Any) -> str | None:
        if not isinstance(value, dict) or len(set(limit) & value.keys()) == 1:
            return None
        return f"needs exactly one of {', '.join(limit)}"

    return _with_reason("requiredXor", misfit, limit, schema)


def _required_or(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
    def misfit(value: Any) -> str | None:
        if not isinstance(value, dict) or set(limit) & value.keys():
            return None
        return f"needs at least one of {', '.join(limit)}"

    return _with_reason("requiredOr", misfit, limit, schema)


def _pairs(keyword: str, reason: Callable[[str, str, Any, Any], str | None]) -> Keyword:
    """A keyword that goes from a property to other properties."""

    def make(limit: Any, schema: Mapping[str, Any], document: Document) -> Check:
        pairs = [(a, b) for a, others in limit.items() if isinstance(others, list) for b in others]

        def check(value: Any, found: Errors) -> None:
            for name, other in pairs if isinstance(value, dict) else ():
                message = reason(name, other, value, limit)
                if message is not None:
                    found.append(
                        SchemaError(
                            keyword=keyword,
                            instance=value,
                            limit=limit,
                            schema=schema,
                            message=message,
                        )
                    )

        return check

    return make


def _needs(name: str, other: str, value: Any, limit: Any) -> str | None:
    lacks = name in value and other not in value
    return f"has {name}, which needs {other}" if lacks else None


def _excludes(name: str, other: str, value: Any, limit: Any) -> str | None:
    # Both directions are often declared; one message for the pair is enough.
    if name not in value or other not in value or (name in limit.get(other, ()) and other < name):
        return None
    return f"has both {name} and {other}, which exclude each other"


def _with_reason(
    keyword: str, misfit: Callable[[Any], str | None], limit: Any, schema: Mapping[str, Any]
) -> Check:
    def check(value: Any, found: Errors) -> None:
        message = misfit(value)
        if message is not None:
            found.append(
                SchemaError(
                    keyword=keyword, instance=value, limit=limit, schema=schema, message=message
                )
            )

    return check


KEYWORDS: Mapping[str, Keyword] = {
    **BRANCHES,
    "additionalProperties": _additional_properties,
    "const": _const,
    "dependencies": _pairs("dependencies", _needs),
    "dependentExcluded": _pairs("dependentExcluded", _excludes),
    "dependentRequired": _pairs("dependentRequired", _needs),
    "enum": _enum,
    "enumCaseInsensitive": _enum_ignoring_case,
    "exclusiveMaximum": _limit("exclusiveMaximum", "number", lambda value, most: value >= most),
    "exclusiveMinimum": _limit("exclusiveMinimum", "number", lambda value, least: value <= least),
    "format": _format,
    "items": _items,
    "maxItems": _limit("maxItems", "array", lambda value, most: len(value) > most),
    "maxLength": _limit("maxLength", "string", lambda value, most: len(value) > most),
    "maxProperties": _limit("maxProperties", "object", lambda value, most: len(value) > most),
    "maximum": _limit("maximum", "number", lambda value, most: value > most),
    "minItems": _limit("minItems", "array", lambda value, least: len(value) < least),
    "minLength": _limit("minLength", "string", lambda value, least: len(value) < least),
    "minProperties": _limit("minProperties", "object", lambda value, least: len(value) < least),
    "minimum": _limit("minimum", "number", lambda value, least: value < least),
    "multipleOf": _limit("multipleOf", "number", _is_no_multiple),
    "pattern": _limit("pattern", "string", lambda value, pattern: not _matches(pattern, value)),
    "patternProperties": _pattern_properties,
    "prefixItems": _prefix_items,
    "properties": _properties,
    "required": _required,
    "requiredOr": _required_or,
    "requiredXor": _required_xor,
    "type": _type,
    "uniqueItems": _limit("uniqueItems", "array", _repeats),
    "uniqueKeys": _unique_keys,
}
