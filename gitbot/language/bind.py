"""Evaluates an unknown value again when the cloud has given the attributes it needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from gitbot.errors import UserError
from gitbot.language.evaluate import evaluate
from gitbot.language.scope import Scope, scope_again
from gitbot.language.sizes import MOST_BOUND_AT_ONCE, size_of
from gitbot.language.templates import ExpressionError, Template, parse_template
from gitbot.model.codec import from_data
from gitbot.model.names import Address
from gitbot.model.secret_references import INPUT
from gitbot.model.values import Json, Sensitive, Unknown, Value, reveal


class _AnySecret(dict[str, Value]):
    """Stands for every secret, to find out whether anything else is missing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Value:
        return "a secret"

    def __bool__(self) -> bool:
        return True


_ANY_SECRET: Final = _AnySecret()


def bind_all(requests: Iterable[tuple[Any, Mapping[Address, Mapping[str, Json]]]]) -> list[Value]:
    """The value of each unknown, which is given as data. See ``bind``.

    Raises:
        UserError: an expression fails, or the values are too large together.
    """
    found: list[Value] = []
    size = 0
    for data, attributes in requests:
        value = bind(from_data(data, Unknown), attributes)
        size += size_of(value)
        if size > MOST_BOUND_AT_ONCE:
            raise UserError(
                "The expressions of this step give more than "
                f"{MOST_BOUND_AT_ONCE:,} characters with the values from the cloud. Look for "
                "expressions that repeat long texts, and make them shorter."
            )
        found.append(value)
    return found


def bind(unknown: Unknown, attributes: Mapping[Address, Mapping[str, Json]]) -> Value:
    """The value of ``unknown``, computed from the attributes of the resources that it references.

    It is still ``Unknown`` when attributes or secrets are missing, and ``Sensitive`` when ``unknown``
    is sensitive. Its inputs have the secrets, by reference, under the root ``secret``. Where only
    secrets are missing, what it references is put into its inputs.

    Raises:
        UserError: the expression fails with these values; the message names it.
    """
    secrets: Any = unknown.inputs.get(INPUT)
    return _bind(unknown, attributes, None if secrets is None else reveal(secrets))


def _bind(
    unknown: Unknown,
    attributes: Mapping[Address, Mapping[str, Json]],
    secrets: Mapping[str, Value] | None,
) -> Value:
    scope = scope_again(unknown, attributes, lambda one: _bind(one, attributes, secrets))
    if secrets is not None:
        scope = replace(scope, inputs={**scope.inputs, INPUT: secrets})
    try:
        template = parse_template(unknown.template)
        value = evaluate(template, scope)
    except ExpressionError as error:
        if unknown.sensitive:
            raise UserError(
                "An expression with a sensitive result fails with the values from the cloud. Which "
                "and why is not shown. Look at the expressions that use sensitive variables and at "
                "the sensitive outputs."
            ) from None
        raise UserError(
            f'The expression "{unknown.template}": {error.detail} {error.fix}'
        ) from None
    if isinstance(value, Unknown):
        return _settled(unknown, attributes, template, scope)
    if unknown.sensitive and not isinstance(value, Sensitive):
        return Sensitive(value)
    return value


def _settled(
    unknown: Unknown,
    attributes: Mapping[Address, Mapping[str, Json]],
    template: Template,
    scope: Scope,
) -> Unknown:
    """The unknown without references, if nothing but secrets is missing; else as it is.

    What a referenced resource gives becomes an input, so that the same inputs and versions of the
    secrets always give the same value.
    """
    if not unknown.secrets or not unknown.references or INPUT in scope.inputs:
        return unknown
    try:
        trial = _bind(unknown, attributes, _ANY_SECRET)
    except UserError:
        trial = None  # it fails with this text, so all else is there
    if isinstance(trial, Unknown):
        return unknown
    inputs: dict[str, Any] = {
        root: dict(values) for root, values in scope.inputs.items() if values is not None
    }
    for root, name in template.names.selected & _known(scope):
        known = Sensitive(scope.resources[root].known[name])
        inputs.setdefault(root, {}).setdefault(name, known)
    return replace(unknown, inputs=inputs, references={})


def _known(scope: Scope) -> frozenset[tuple[str, str]]:
    return frozenset((root, name) for root, one in scope.resources.items() for name in one.known)
