"""The schema keywords that check what is inside lists and maps. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from gitbot.language.validator import Check, Errors, Keyword, SchemaDocument, SchemaError, put_below
from gitbot.language.value_keywords import matches, with_reason
from gitbot.model.values import Unknown, is_known

# --- lists ---------------------------------------------------------------------------------------


def _items(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    below = document.below(limit)
    first = len(schema.get("prefixItems", ()))

    def check(value: Any, found: Errors) -> None:
        if isinstance(value, list):
            so_far = len(found)
            for index in range(first, len(value)):
                below.add_errors(value[index], found)
                if len(found) > so_far:
                    put_below(index, found, so_far)
                    so_far = len(found)

    return check


def _prefix_items(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    below = [document.below(one) for one in limit]

    def check(value: Any, found: Errors) -> None:
        if isinstance(value, list):
            for index, (item, one) in enumerate(zip(value, below, strict=False)):
                one.add_errors_below(item, index, found)

    return check


def _unique_keys(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
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


def _properties(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    below = {name: document.below(one) for name, one in limit.items()}
    position = {name: number for number, name in enumerate(limit)}

    def check(value: Any, found: Errors) -> None:
        if not isinstance(value, dict):
            return
        before = so_far = len(found)
        for name, item in value.items():
            one = below.get(name)
            if one is not None:
                one.add_errors(item, found)
                if len(found) > so_far:
                    put_below(name, found, so_far)
                    so_far = len(found)
        if len(found) > before + 1:
            # Only the first errors of alternatives are shown, so sort them as the schema does.
            found[before:] = sorted(found[before:], key=lambda one: position[one.path[0]])

    return check


def _pattern_properties(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    below = [(pattern, document.below(one)) for pattern, one in limit.items()]

    def check(value: Any, found: Errors) -> None:
        for pattern, one in below if isinstance(value, dict) else ():
            for key, item in value.items():
                if matches(pattern, key):
                    one.add_errors_below(item, key, found)

    return check


def _additional_properties(
    limit: Any, schema: Mapping[str, Any], document: SchemaDocument
) -> Check:
    declared = schema.get("properties", {})
    names = frozenset(declared)
    patterns = tuple(schema.get("patternProperties", ()))
    below = document.below(limit) if isinstance(limit, Mapping) else None

    def check(value: Any, found: Errors) -> None:
        if not isinstance(value, dict) or value.keys() <= names:
            return  # as is usual
        for key, item in value.items():
            if key in declared or any(matches(pattern, key) for pattern in patterns):
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


def _required(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
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


def _required_xor(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    def misfit(value: Any) -> str | None:
        there = set(limit) & value.keys() if isinstance(value, dict) else set()
        sure = sum(not _may_be_null(value[name]) for name in there)
        if not isinstance(value, dict) or sure == 1 or (sure == 0 and there):
            return None
        return f"needs exactly one of {', '.join(limit)}"

    return with_reason("requiredXor", misfit, limit, schema)


def _required_or(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    def misfit(value: Any) -> str | None:
        if not isinstance(value, dict) or set(limit) & value.keys():
            return None
        return f"needs at least one of {', '.join(limit)}"

    return with_reason("requiredOr", misfit, limit, schema)


def _pairs(keyword: str, reason: Callable[[str, str, Any, Any], str | None]) -> Keyword:
    """A keyword that relates a property to other properties."""

    def make(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
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


def _dependencies(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    """A property needs others, or the whole map must fit another schema when it has the property."""
    lists = _pairs("dependencies", _needs)(limit, schema, document)
    below = {name: document.below(one) for name, one in limit.items() if isinstance(one, Mapping)}

    def check(value: Any, found: Errors) -> None:
        lists(value, found)
        for name, one in below.items() if isinstance(value, dict) else ():
            if name in value:
                one.add_errors(value, found)

    return check


def _needs(name: str, other: str, value: Any, limit: Any) -> str | None:
    lacks = name in value and other not in value
    return f"has {name}, which needs {other}" if lacks else None


def _excludes(name: str, other: str, value: Any, limit: Any) -> str | None:
    # Schemas often declare both directions. One message for the pair is enough.
    if name not in value or other not in value or (name in limit.get(other, ()) and other < name):
        return None
    if _may_be_null(value[name]) or _may_be_null(value[other]):
        return None
    return f"has both {name} and {other}, which exclude each other"


def _may_be_null(value: Any) -> bool:
    """Whether the value is not known yet and may turn out to be null, which leaves the property out."""
    return isinstance(value, Unknown) and _NULL.search(value.template) is not None


_NULL: Final = re.compile(r"\bnull\b")


CONTAINER_KEYWORDS: Mapping[str, Keyword] = {
    "additionalProperties": _additional_properties,
    "dependencies": _dependencies,
    "dependentExcluded": _pairs("dependentExcluded", _excludes),
    "dependentRequired": _pairs("dependentRequired", _needs),
    "items": _items,
    "patternProperties": _pattern_properties,
    "prefixItems": _prefix_items,
    "properties": _properties,
    "required": _required,
    "requiredOr": _required_or,
    "requiredXor": _required_xor,
    "uniqueKeys": _unique_keys,
}
