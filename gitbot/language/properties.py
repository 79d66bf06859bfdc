"""Checks the evaluated properties of a resource against its type. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from gitbot.language.declared import Declared, Path, spell
from gitbot.language.nodes import Mark
from gitbot.language.problems import Problems, listed
from gitbot.language.schema_errors import add_schema_error
from gitbot.language.types import END, Trie
from gitbot.language.validator import SchemaError
from gitbot.model.values import is_sensitive, reveal


def check_properties(declared: Declared, problems: Problems) -> None:
    """Add a problem for each property that does not fit the type."""
    before = len(problems.found)
    _check_read_only(declared, problems)
    plain = properties = declared.properties
    if not declared.is_literal:
        _check_identifiers(declared, problems)
        plain = reveal(properties) if is_sensitive(properties) else properties
    errors = declared.type.validator.errors(plain)
    for error in _without_echoes(errors, declared):
        add_schema_error(error, error.path, declared, problems)
    if declared.type.handled is not None:
        told = {(one.line, one.column) for one in problems.found[before:]}
        _check_handled(declared, declared.type.handled, told, problems)


def _without_echoes(errors: list[SchemaError], declared: Declared) -> list[SchemaError]:
    """The errors without those that say again what another one says.

    What is missing beside a property that is not managed may be what that property gives: a route to
    a machine has no gateway. One of several is missing where one that must be there is. And what has the wrong type
    is none of the choices.
    """
    if not errors:
        return errors
    handled = declared.type.handled
    beside: set[Path] = set()
    if handled is not None and not _covers(handled, declared.properties):
        unknown = {(*one.path, one.key) for one in errors if one.keyword == "additionalProperties"}
        outside = {path for path, _ in _outside(declared.properties, handled, ())}
        beside = {path[:-1] for path in outside - unknown}
    typed = {one.path for one in errors if one.keyword == "type"}
    missing = {(one.path, one.key) for one in errors if one.keyword == "required"}
    return [
        one
        for one in errors
        if not (one.keyword in _MISSING and one.path in beside)
        and not (one.keyword == "enum" and one.path in typed)
        and not (
            one.keyword in ("requiredOr", "requiredXor")
            and any((one.path, name) in missing for name in one.limit)
        )
    ]


_MISSING: Final = frozenset(
    {"required", "requiredXor", "requiredOr", "dependentRequired", "dependencies"}
)


def _below(trie: Trie, step: str | int) -> Trie | None:
    if isinstance(step, str) and step in trie:
        return trie[step]
    return trie.get("*")


def _check_read_only(declared: Declared, problems: Problems) -> None:
    if declared.type.read_only.keys().isdisjoint(declared.properties):
        return  # as is usual
    for path in _marked(declared.properties, declared.type.read_only, ()):
        problems.add(
            "read-only-property",
            declared.key_place(path[:-1], str(path[-1])),
            f"{spell(path)} is set by {declared.type.schema.name} itself; a spec cannot set it.",
            f"Remove it. Elsewhere, use it as ${{{declared.key}.{spell(path)}}}.",
        )


def _check_identifiers(declared: Declared, problems: Problems) -> None:
    """Add a problem for each sensitive value that would be part of an identifier or an ARN.

    Everybody sees those: in comments, in the cloud's errors, in other people's policies.
    """
    for name in sorted(declared.type.identifying & declared.properties.keys()):
        if is_sensitive(declared.properties[name]):
            problems.add(
                "sensitive-identifier",
                declared.place((name,)),
                f"{name} of {declared.type.schema.name} becomes part of the object's identifier, "
                f"which everybody sees, and its value is sensitive.{declared.origin((name,))}",
                "Build the name from values that are not secret.",
            )


def _marked(value: Any, trie: Trie, path: Path) -> Iterable[Path]:
    """The paths of the value that are whole paths of the trie."""
    if END in trie and path:
        yield path
        return
    for step, item in _entries(value):
        below = _below(trie, step)
        if below is not None:
            yield from _marked(item, below, (*path, step))


def _entries(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    return ()


def _check_handled(
    declared: Declared, handled: Trie, told: Collection[Mark], problems: Problems
) -> None:
    if _covers(handled, declared.properties):
        return
    name, instead = declared.type.schema.name, declared.type.schema.instead
    for path, others in _outside(declared.properties, handled, ()):
        if declared.key_place(path[:-1], str(path[-1])) in told:
            continue  # reported as unknown or read-only
        problems.add(
            "property-not-handled",
            declared.key_place(path[:-1], str(path[-1])),
            f"{spell(path)} of {name} is not managed by this version of gitbot, so it would have "
            "no effect.",
            instead.get(f"/{path[0]}") or f"Remove it. Managed here: {listed(others, 30)}.",
        )


def _covers(trie: Trie, value: Any) -> bool:
    """Whether the trie covers every path of the value. This is usual, so no paths are made."""
    if END in trie:
        return True
    if isinstance(value, dict):
        for key, item in value.items():
            below = trie.get(key) or trie.get("*")
            if below is None or not _covers(below, item):
                return False
    elif isinstance(value, list) and value:
        below = trie.get("*")
        return below is not None and all(_covers(below, item) for item in value)
    return True


def _outside(value: Any, trie: Trie, path: Path) -> Iterable[tuple[Path, Collection[str]]]:
    """The paths that the trie does not cover, each with the keys that it covers there.

    A path of the trie covers itself, its parents and everything below it.
    """
    if END in trie:
        return
    for step, item in _entries(value):
        below = _below(trie, step)
        if below is None:
            yield (*path, step), [key for key in trie if key != "*"]
        else:
            yield from _outside(item, below, (*path, step))
