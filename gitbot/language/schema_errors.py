"""Turns errors of the schema validator into diagnostics. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gitbot.language.declared import Declared, Path, spell
from gitbot.language.nodes import kind_name
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.schema_reasons import reason_of
from gitbot.language.templates import has_template
from gitbot.language.validator import SchemaError
from gitbot.model.values import is_sensitive

_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a map",
    "string": "a string",
}
_MOST_BRANCH_ERRORS = 3
# The reasons of these keywords say nothing about the value but its kind and length.
_SAFE = frozenset(
    {
        *("const", "enum", "enumCaseInsensitive", "pattern", "type"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
    }
)
# The reasons of these keywords say what stands below the value.
_TELLING = frozenset({"ascending", "jsonText", "ownBucket", "policyDocument"})


def add_schema_error(
    error: SchemaError, path: Path, declared: Declared, problems: Problems
) -> None:
    """Add one error of the validator, in the words of the documentation."""
    keyword = error.keyword
    concealed = declared.concealed_at(path)
    if concealed is not None and (concealed < len(path) or keyword not in _SAFE):
        _add_concealed(path[:concealed], declared, problems)
    elif keyword in _TELLING and is_sensitive(declared.value_at(path)):
        _add_concealed(path, declared, problems)
    elif keyword in ("anyOf", "oneOf"):
        _add_branches(error, path, declared, problems)
    elif keyword == "additionalProperties":
        _add_unknown(error, path, declared, problems)
    elif keyword == "required":
        _add_missing(error, path, declared, problems)
    elif keyword == "type":
        _add_type(error, path, declared, problems)
    else:
        _add_value(error, path, declared, problems)


def _add_concealed(path: Path, declared: Declared, problems: Problems) -> None:
    """Add an error of a sensitive value without its reason: the keys in it are secret too."""
    problems.add(
        "property-value",
        declared.place(path),
        f"{spell(path) or 'properties'} of {declared.type.schema.name} does not have the form that "
        "the type wants. Where and why is not shown, because the value is sensitive."
        f"{declared.origin(path)}",
        "Compare the value with AWS's reference of the property.",
    )


def _add_unknown(error: SchemaError, path: Path, declared: Declared, problems: Problems) -> None:
    known = set(error.schema.get("properties", ()))
    key = error.key
    if not path:
        known &= declared.type.settable
        if key in declared.type.late:
            return  # reported as read-only
    owner = (
        declared.type.schema.name if not path else f"{spell(path)} of {declared.type.schema.name}"
    )
    patterns = error.schema.get("patternProperties", ())
    forms = f"Its keys must match {' or '.join(patterns)}."
    otherwise = f"Its properties: {listed(known)}." if known or not patterns else forms
    problems.add(
        "unknown-property",
        declared.key_place(path, key),
        f"{owner} has no property {quoted(key)}.",
        suggest(key, known - error.instance.keys(), otherwise),
    )


def _add_missing(error: SchemaError, path: Path, declared: Declared, problems: Problems) -> None:
    where = f"{spell(path)} of {declared.type.schema.name}" if path else declared.type.schema.name
    problems.add(
        "missing-property",
        declared.place(path),
        f"{where} needs {error.key}, and {declared.key} does not set it.",
        f"Add {error.key}.",
    )


def _add_type(error: SchemaError, path: Path, declared: Declared, problems: Problems) -> None:
    wanted = error.limit
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    spelled = " or ".join(_KINDS.get(kind, str(kind)) for kind in kinds)
    problems.add(
        "property-type",
        declared.place(path),
        f"{spell(path) or 'properties'} of {declared.type.schema.name} must be {spelled}; "
        f"this is {kind_name(error.instance)}.{declared.origin(path)}",
        _type_fix(
            error.instance, kinds, is_sensitive(declared.value_at(path)), declared.written(path)
        ),
    )


def _type_fix(instance: Any, kinds: Sequence[str], hidden: bool, written: str | None) -> str:
    """What to write instead. CloudFormation converts text to numbers; gitbot does not."""
    if hidden:
        return "Give the variable a value of that type."
    folded = instance.casefold() if isinstance(instance, str) else ""
    if "boolean" in kinds and folded in ("true", "false", "yes", "no", "on", "off"):
        return f"Write {'true' if folded in ('true', 'yes', 'on') else 'false'}, without quotes."
    if {"integer", "number"} & set(kinds) and isinstance(instance, str) and _is_number(instance):
        return f"Write {instance}, without quotes; in an expression, convert with int(…)."
    if "string" in kinds and isinstance(instance, (bool, int, float)):
        # Quote what was written: 012 is the number 12, but three digits were meant.
        plain = written is not None and not has_template(written)
        return f"Put it in quotes: '{written if plain else json.dumps(instance)}'."
    if "array" in kinds and not isinstance(instance, list):
        if written is not None and has_template(written):
            return f'Put it in a list: ["{written}"].'
        return "Write a list: one element per line, each after a hyphen."
    return f"Write {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _add_value(error: SchemaError, path: Path, declared: Declared, problems: Problems) -> None:
    hidden = is_sensitive(declared.value_at(path))
    name = declared.type.schema.name
    where = f"{spell(path)} of {name}" if path else name
    reason, fix = reason_of(error, hidden=hidden)
    shown = "" if hidden or isinstance(error.instance, (dict, list)) else quoted(error.instance)
    problems.add(
        "property-value",
        declared.place(path),
        f"{where} {f'is {shown}, which ' if shown else ''}{reason}.{declared.origin(path)}",
        fix,
    )


def _add_branches(error: SchemaError, path: Path, declared: Declared, problems: Problems) -> None:
    branches: dict[int, list[SchemaError]] = {}
    for child in error.context:
        branches.setdefault(child.branch, []).append(child)
    where = spell(path) or declared.type.schema.name
    if not branches:
        problems.add(
            "property-value",
            declared.place(path),
            f"{where} fits several alternatives that exclude each other.",
            "Keep the properties of one of them.",
        )
        return
    children = [child for branch in branches.values() for child in branch]
    if all(child.keyword == "required" and not child.path for child in children):
        each = [{child.key for child in branch} for branch in branches.values()]
        names = set[str]().union(*each) - each[0].intersection(*each[1:]) or each[0]
        problems.add(
            "missing-property",
            declared.place(path),
            f"{where} needs one of {listed(names)}.",
            f"Add one of {listed(names)}.",
        )
        return
    # Report the branch that fits best: it is probably the one that was meant.
    nearest = min(branches.values(), key=lambda branch: (_is_shallow(branch), len(branch)))
    for child in nearest[:_MOST_BRANCH_ERRORS]:
        add_schema_error(child, (*path, *child.path), declared, problems)


def _is_shallow(branch: Sequence[SchemaError]) -> bool:
    """Whether the value has the wrong type for the whole branch."""
    return any(child.keyword == "type" and not child.path for child in branch)
