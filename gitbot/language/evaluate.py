"""Evaluates templates in a scope. The result is plain, sensitive or unknown. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot.language.expressions import UndecidedError, run
from gitbot.language.input_paths import Chosen, choose
from gitbot.language.scope import Attributes, Scope
from gitbot.language.secret_calls import SECRET
from gitbot.language.secret_names import references_in
from gitbot.language.templates import Expression, ExpressionError, Template, parse_template, show
from gitbot.language.unrolling import item_by_item
from gitbot.model.names import Address
from gitbot.model.secret_references import INPUT, secrets_of
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, is_sensitive, leaves, reveal

_NONE: frozenset[str] = frozenset()


def evaluate(template: Template, scope: Scope) -> Value:
    """The value of the scalar: plain, ``Sensitive``, or ``Unknown`` when the cloud must decide it.

    Raises:
        ExpressionError: an expression fails with these values.
    """
    if template.selection is not None:
        root, name = template.selection
        attributes = scope.resources.get(root)
        if attributes is not None and root not in scope.inputs and not attributes.made:
            return _attribute(template.text, root, name, attributes)
    chosen = choose(template.names, _with_made(template, scope))
    calls = SECRET in template.names.called
    sensitive = calls or _is_sensitive(template, chosen.kept, scope)
    named = references_in(template, scope, evaluate) if calls else _NONE
    try:
        value = _evaluate(template, scope, chosen, named, sensitive)
        if isinstance(value, Unknown) and template.single is not None and not sensitive:
            part = _in_part(template.single, scope)
            return value if part is None else part
        return value
    except ExpressionError as error:
        if not sensitive:
            raise
        raise ExpressionError(
            error.code,
            f"An expression in {show_template(template)} fails; the reason is not shown, because "
            "it uses a sensitive value.",
            error.fix,
        ) from None


def _in_part(expression: Expression, scope: Scope) -> Value:
    """What of a list or map is known, with the rest unknown item by item; None where that is not told."""
    if expression.selection is None:
        return item_by_item(expression.text, lambda one: evaluate(parse_template(one), scope))
    root, name = expression.selection
    value = (scope.inputs.get(root) or {}).get(name)
    if not isinstance(value, (Mapping, list, tuple)):
        return None
    return value if any(not isinstance(one, Unknown) for one in leaves(value)) else None


def _attribute(text: str, root: str, name: str, attributes: Attributes) -> Value:
    """The value of ``${resource.Attribute}``: the usual expression, and the same as ``_evaluate`` gives."""
    sensitive = name in attributes.sensitive
    if name not in attributes.known:
        return Unknown(template=text, references={root: attributes.address}, sensitive=sensitive)
    value: Value = attributes.known[name]
    return Sensitive(value) if sensitive else value


def _evaluate(
    template: Template,
    scope: Scope,
    chosen: Chosen,
    named: frozenset[str] | None,
    sensitive: bool,
) -> Value:
    context = _context(template, chosen, scope)
    missing = _missing(template, chosen, scope)
    given: Mapping[str, str] = scope.inputs.get(INPUT) or {}  # type: ignore[assignment]
    undecided = chosen.undecided or named is None or not all(one in given for one in named)
    texts: list[str] = []
    result: Any = None
    for part in template.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if undecided:
            continue
        try:
            result = run(part, context, missing, given)
        except UndecidedError:
            undecided = True
            continue
        if template.single is None:
            texts.append(_interpolate(result, part))
    if undecided:
        return Unknown(
            template=template.text,
            inputs=chosen.kept,
            references={**_references_in(chosen.kept), **_references(template, scope)},
            sensitive=sensitive,
            secrets=dict.fromkeys(sorted((named or _NONE) | secrets_of(chosen.kept)), ""),
        )
    value: Value = result if template.single is not None else "".join(texts)
    return Sensitive(value) if sensitive else value


def _with_made(template: Template, scope: Scope) -> Mapping[str, Mapping[str, Value] | None]:
    """The inputs, and what the spec makes of secrets in the resources that the template names."""
    made = {
        root: {**(scope.inputs.get(root) or {}), **scope.resources[root].made}
        for root in template.names.roots & scope.resources.keys()
        if scope.resources[root].made
    }
    return {**scope.inputs, **made} if made else scope.inputs


def show_template(template: Template) -> str:
    """The scalar for a message: its text, shortened. It holds names of variables, never values."""
    return template.text if len(template.text) <= 80 else f"{template.text[:80]}…"


def _references(template: Template, scope: Scope) -> dict[str, Address]:
    return {
        root: scope.resources[root].address
        for root in sorted(template.names.roots)
        if root in scope.resources
    }


def _references_in(inputs: Mapping[str, Value]) -> dict[str, Address]:
    """The resources that unknown inputs refer to, by address: no name in the template means them."""
    found = {
        address
        for leaf in leaves(inputs)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    }
    return {address: address for address in sorted(found)}


def _is_sensitive(template: Template, inputs: Mapping[str, Value], scope: Scope) -> bool:
    return is_sensitive(inputs) or any(
        root in scope.resources and name in scope.resources[root].sensitive
        for root, name in template.names.selected
    )


def _context(template: Template, chosen: Chosen, scope: Scope) -> dict[str, Any]:
    context: dict[str, Any] = {root: _plain_input(one) for root, one in chosen.context.items()}
    for root, name in template.names.selected:
        attributes = scope.resources.get(root)
        if attributes is not None:
            given = context.setdefault(root, {})
            # What is made of secrets is an input; the cloud tells it in part, or not at all.
            if name in attributes.known and name not in (scope.inputs.get(root) or {}):
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


def _missing(template: Template, chosen: Chosen, scope: Scope) -> frozenset[str]:
    """The keys that only the cloud can give. If one is absent, the result is unknown."""
    missing = set(chosen.missing)
    for root, name in template.names.selected:
        attributes = scope.resources.get(root)
        if attributes is not None:
            missing |= attributes.late
            if name not in attributes.known:
                missing.add(name)
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
