"""Evaluates templates in a scope. The result is plain, sensitive or unknown. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot.language.expressions import UndecidedError, run
from gitbot.language.scope import Scope
from gitbot.language.templates import Expression, ExpressionError, Template, show
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, is_sensitive, leaves, reveal


def evaluate(template: Template, scope: Scope) -> Value:
    """The value of the scalar: plain, ``Sensitive``, or ``Unknown`` when the cloud must decide it.

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
        except UndecidedError:
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
    """The scalar for a message: its text, shortened. It holds names of variables, never values."""
    return template.text if len(template.text) <= 80 else f"{template.text[:80]}…"


def used_inputs(template: Template, scope: Scope) -> dict[str, Value]:
    """The inputs that the template uses, by root. A root used without a name is given whole."""
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
            "The expression needs a sensitive value, but only its hash was kept.",
            "Evaluate it again from the specs.",
        )
    return reveal(value)


def _missing(template: Template, inputs: Mapping[str, Value], scope: Scope) -> frozenset[str]:
    """The keys that only the cloud can give. If one is absent, the result is unknown."""
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
