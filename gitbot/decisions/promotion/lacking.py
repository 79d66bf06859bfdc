"""Finds what a promoted document needs and the target environment does not have. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitbot.decisions.promotion.parts import part_of
from gitbot.language.fields import BUILT_IN_ENV
from gitbot.language.files import home_path_of
from gitbot.language.templates import ExpressionError, has_template, parse_template
from gitbot.model.promotion import Lacking, SpecPath


def lacking(
    document: dict[str, Any], before: dict[str, Any] | None, target: str, variables: frozenset[str]
) -> Iterator[Lacking]:
    """Environment variables that the document uses, and values that its variables need.

    Only what ``before``, the target's document until now, did not lack already is named.
    """
    had = names_below(before or {}, "env")
    named: set[str] = set()
    for path, text in _texts(document, ()):
        for name in sorted(_names_in(text, "env") - had - variables - named - {*BUILT_IN_ENV}):
            named.add(name)
            yield Lacking(file=home_path_of(target), path=("spec", "variables", name), of=path)
    yield from _without_value(document, before or {})


def _without_value(document: dict[str, Any], before: dict[str, Any]) -> Iterator[Lacking]:
    had, values = part_of(before, "variables"), part_of(document, "values")
    for name, variable in part_of(document, "variables").items():
        needs = isinstance(variable, dict) and "default" not in variable and name not in values
        if needs and name not in had:
            yield Lacking(file="", path=("spec", "values", name), of=("spec", "variables", name))


def names_below(value: Any, root: str) -> frozenset[str]:
    """The names that expressions in the value select from ``root``: those of ``vars.name``."""
    return frozenset(name for _, text in _texts(value, ()) for name in _names_in(text, root))


def _texts(value: Any, path: SpecPath) -> Iterator[tuple[SpecPath, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _texts(below, (*path, key))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from _texts(below, (*path, at))
    elif isinstance(value, str) and has_template(value):
        yield path, value


def _names_in(text: str, root: str) -> frozenset[str]:
    try:
        names = parse_template(text).names
    except ExpressionError:
        return frozenset()
    return frozenset(name for one, name in names.selected if one == root)
