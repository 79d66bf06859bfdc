"""The schema keywords that combine several schemas. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitbot.language.validator import (
    Check,
    Errors,
    Keyword,
    SchemaDocument,
    SchemaError,
    Validator,
)
from gitbot.model.values import Unknown, is_known


def _all_of(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    branches = [document.below(one) for one in limit]

    def check(value: Any, found: Errors) -> None:
        for one in branches:
            one.add_errors(value, found)

    return check


def _any_of(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    branches = [document.below(one) for one in limit]

    def check(value: Any, found: Errors) -> None:
        number, context = _first_that_fits(branches, value)
        if number is None:
            found.append(_no_branch("anyOf", value, limit, schema, context))

    return check


def _one_of(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    branches = [document.below(one) for one in limit]

    def check(value: Any, found: Errors) -> None:
        number, context = _first_that_fits(branches, value)
        if number is None:
            found.append(_no_branch("oneOf", value, limit, schema, context))
        # An unknown leaf fits every branch, so only known values can fit too many.
        elif is_known(value) and any(one.accepts(value) for one in branches[number + 1 :]):
            found.append(_no_branch("oneOf", value, limit, schema, []))

    return check


def _no_branch(
    keyword: str, value: Any, limit: Any, schema: Mapping[str, Any], context: Errors
) -> SchemaError:
    return SchemaError(
        keyword=keyword, instance=value, limit=limit, schema=schema, context=tuple(context)
    )


def _first_that_fits(branches: Sequence[Validator], value: Any) -> tuple[int | None, Errors]:
    """The number of the first branch that accepts the value, and the errors of those before it."""
    context: Errors = []
    for number, one in enumerate(branches):
        errors = one.errors(value)
        if not errors:
            return number, context
        context += (replace(error, branch=number) for error in errors)
    return None, context


def _not(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    forbidden, by_names = document.below(limit), _is_about_names(limit)

    def check(value: Any, found: Errors) -> None:
        sure = _without_unknown(value) if by_names else value
        if (is_known(value) or by_names) and forbidden.accepts(sure):
            found.append(SchemaError(keyword="not", instance=sure, limit=limit, schema=schema))

    return check


def _if(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    condition = document.below(limit)
    then = document.below(schema.get("then"))
    otherwise = document.below(schema.get("else"))

    def check(value: Any, found: Errors) -> None:
        if _is_sure(limit, value):
            (then if condition.accepts(value) else otherwise).add_errors(value, found)

    return check


def _is_sure(condition: Any, value: Any) -> bool:
    """Whether everything is known on which the condition depends."""
    by_names = isinstance(condition, Mapping) and condition.keys() <= {"required", "properties"}
    if not by_names or not isinstance(value, Mapping):
        return is_known(value)
    below = condition.get("properties", {})
    return not any(
        isinstance(value.get(name), Unknown) for name in condition.get("required", ())
    ) and all(_is_sure(one, value[name]) for name, one in below.items() if name in value)


def _is_about_names(schema: Any) -> bool:
    """Whether a schema only says which properties a map has."""
    if not isinstance(schema, Mapping) or not schema.keys() <= {"required", "anyOf", "title"}:
        return False
    return all(map(_is_about_names, schema.get("anyOf", ())))


def _without_unknown(value: Any) -> Any:
    """The map without the properties that may turn out to be null, and so not to be declared."""
    if not isinstance(value, Mapping):
        return value
    return {name: one for name, one in value.items() if not isinstance(one, Unknown)}


COMBINING_KEYWORDS: Mapping[str, Keyword] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "if": _if,
    "not": _not,
    "oneOf": _one_of,
}
"""The checks by keyword. ``then`` and ``else`` are part of ``if``."""
