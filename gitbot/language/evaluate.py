"""Evaluates templates in a scope: to a value, to a sensitive one, or to an unknown. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.language.cel_library import cel
from gitbot.language.functions import OWN_FUNCTIONS
from gitbot.language.templates import Expression, ExpressionError, Template, show
from gitbot.model.names import Address
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, is_sensitive, leaves, reveal

_LARGEST: Mapping[type, int] = {str: 1_000_000, list: 100_000, dict: 100_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What a resource's attributes are known to be.

    ``known`` are plain values; every other attribute is unknown. ``sensitive`` names those that
    must not be shown. ``late`` are keys below known attributes that only the cloud gives.
    """

    address: Address
    known: Mapping[str, Any] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What names stand for: ``inputs`` by root (``vars``, ``env``, ``stack``), and resources."""

    inputs: Mapping[str, Mapping[str, Value]]
    resources: Mapping[str, Attributes] = field(default_factory=dict)


class _UndecidedError(Exception):
    """The result depends on what only the cloud can give."""


def evaluate(template: Template, scope: Scope) -> Value:
    """The scalar's value: plain, ``Sensitive``, or ``Unknown`` where it is not decided yet.

    Raises:
        ExpressionError: an expression fails with these values.
    """
    inputs = used_inputs(template, scope)
    sensitive = _is_sensitive(template, inputs, scope)
    try:
        return _evaluate(template, scope, inputs, sensitive)
    except ExpressionError as error:
        if not sensitive:
            raise
        raise ExpressionError(
            error.code,
            f"An expression in {show_template(template)} fails; the reason is not shown, because "
            "it uses a sensitive value.",
            error.fix,
        ) from None


def _evaluate(
    template: Template, scope: Scope, inputs: Mapping[str, Value], sensitive: bool
) -> Value:
    context = _context(template, inputs, scope)
    missing = _missing(template, inputs, scope)
    undecided = False
    texts: list[str] = []
    result: Any = None
    for part in template.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        try:
            result = run(part, context, missing)
        except _UndecidedError:
            undecided = True
            continue
        if template.single is None:
            texts.append(_interpolate(result, part))
    if undecided:
        return Unknown(
            template=template.text,
            inputs=inputs,
            references={
                root: scope.resources[root].address
                for root in sorted(template.names.roots)
                if root in scope.resources
            },
            sensitive=sensitive,
        )
    value: Value = result if template.single is not None else "".join(texts)
    return Sensitive(value) if sensitive else value


def show_template(template: Template) -> str:
    """The scalar as messages name it: its text, which holds names and no values of variables."""
    return template.text if len(template.text) <= 80 else f"{template.text[:80]}…"


def used_inputs(template: Template, scope: Scope) -> dict[str, Value]:
    """The inputs that the template uses, by root: a whole root where it is used without a name."""
    inputs: dict[str, dict[str, Value]] = {}
    for root in sorted(template.names.bare):
        if root in scope.inputs:
            inputs[root] = dict(scope.inputs[root])
    for root, name in sorted(template.names.selected):
        if name in scope.inputs.get(root, {}):
            inputs.setdefault(root, {})[name] = scope.inputs[root][name]
    return dict(inputs)


def _is_sensitive(template: Template, inputs: Mapping[str, Value], scope: Scope) -> bool:
    return is_sensitive(inputs) or any(
        root in scope.resources and name in scope.resources[root].sensitive
        for root, name in template.names.selected
    )


def _context(
    template: Template, inputs: Mapping[str, Value], scope: Scope
) -> dict[str, dict[str, Any]]:
    context: dict[str, dict[str, Any]] = {
        root: {} for root in template.names.roots if root in scope.inputs
    }
    for root, values in inputs.items():
        if isinstance(values, Mapping):
            context[root] = {
                name: _plain_input(value)
                for name, value in values.items()
                if not any(isinstance(leaf, Unknown) for leaf in leaves(value))
            }
    for root, name in template.names.selected:
        attributes = scope.resources.get(root)
        if attributes is not None:
            given = context.setdefault(root, {})
            if name in attributes.known:
                given[name] = attributes.known[name]
    return context


def _plain_input(value: Value) -> Any:
    if any(isinstance(leaf, Redacted) for leaf in leaves(value)):
        raise ExpressionError(
            "expression-failed",
            "The expression needs a sensitive value, and all that is left of it is a hash.",
            "Evaluate it again from the specs.",
        )
    return reveal(value)


def _missing(template: Template, inputs: Mapping[str, Value], scope: Scope) -> frozenset[str]:
    """The keys that only the cloud can give: when one is absent, the result is unknown, not wrong."""
    missing: set[str] = set()
    for root, name in template.names.selected:
        attributes = scope.resources.get(root)
        if attributes is not None:
            missing |= attributes.late
            if name not in attributes.known:
                missing.add(name)
    for values in inputs.values():
        if isinstance(values, Mapping):
            missing |= {
                name
                for name, value in values.items()
                if any(isinstance(leaf, Unknown) for leaf in leaves(value))
            }
    return frozenset(missing)


def run(
    expression: Expression, context: Mapping[str, Any], missing: frozenset[str] = frozenset()
) -> Any:
    """The value of the expression, as plain JSON data.

    Raises:
        ExpressionError: it fails with these values.
        _UndecidedError: it needs a key in ``missing``.
    """
    try:
        if expression.selection is not None:
            root, name = expression.selection
            return context[root][name]
        result = expression.program.execute(_with_functions(expression, context))
    except KeyError as error:
        key = str(error.args[0]) if error.args else ""
        if key in missing:
            raise _UndecidedError from None
        raise ExpressionError(
            "expression-failed",
            f'{show(expression.text)} fails: there is no "{key}".',
            'Correct the name, or ask first: "key" in map ? … : ….',
        ) from None
    except (
        RuntimeError,
        ValueError,
        TypeError,
        ArithmeticError,
        LookupError,
    ) as error:
        raise ExpressionError(
            "expression-failed",
            f"{show(expression.text)} fails: {_first_sentence(str(error))}.",
            "Correct the expression or the values that it uses.",
        ) from None
    return _json(result, expression)


def _with_functions(expression: Expression, context: Mapping[str, Any]) -> Any:
    own = expression.names.called & OWN_FUNCTIONS.keys()
    if not own:
        return context
    return cel.Context(
        variables=dict(context), functions={name: OWN_FUNCTIONS[name] for name in own}
    )


def _first_sentence(message: str) -> str:
    message = message.replace("Python function call failed: TypeError: ", "")
    return (
        message.splitlines()[0].split(". ")[0].rstrip(".")[:200] if message else "no reason given"
    )


def _json(result: Any, expression: Expression) -> Any:
    """The result as plain JSON data."""
    if result is None or isinstance(result, (bool, int)):
        return result
    if isinstance(result, (str, list, dict)) and len(result) > _LARGEST[type(result)]:
        raise ExpressionError(
            "expression-failed",
            f"{show(expression.text)} gives {len(result):,} characters or entries; at most "
            f"{_LARGEST[type(result)]:,} are allowed.",
            "Make the value smaller.",
        )
    if isinstance(result, str):
        return result
    if isinstance(result, float) and math.isfinite(result):
        return result
    if isinstance(result, (list, tuple)):
        return [_json(item, expression) for item in result]
    if isinstance(result, dict) and all(isinstance(key, str) for key in result):
        return {key: _json(item, expression) for key, item in result.items()}
    raise ExpressionError(
        "expression-failed",
        f"{show(expression.text)} gives a {type(result).__name__}, which JSON cannot hold.",
        "Convert it, for example with string(…).",
    )


def _interpolate(value: Any, expression: Expression) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    kind = "nothing" if value is None else "a list" if isinstance(value, list) else "a map"
    raise ExpressionError(
        "expression-failed",
        f"{show(expression.text)} gives {kind}, which cannot stand inside a string.",
        "Let the expression be the whole value, or select a string from it.",
    )
