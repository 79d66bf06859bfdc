"""Evaluates an unknown value again when the cloud has given the attributes it needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitbot.errors import UserError
from gitbot.language.evaluate import evaluate
from gitbot.language.scope import Attributes, Scope
from gitbot.language.sizes import MOST_BOUND_AT_ONCE, size_of
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.codec import from_data
from gitbot.model.names import Address
from gitbot.model.values import Json, Sensitive, Unknown, Value, map_leaves


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

    It is still ``Unknown`` when attributes are missing, and ``Sensitive`` when ``unknown`` is
    sensitive.

    Raises:
        UserError: the expression fails with these values; the message names it.
    """
    inputs = {
        root: _bound(values, attributes) if isinstance(values, Mapping) else None
        for root, values in unknown.inputs.items()
    }
    for root in ("vars", "env", "stack"):
        inputs.setdefault(root, {})
    resources = {
        name: Attributes(address=address, known=attributes.get(address, {}))
        for name, address in unknown.references.items()
    }
    try:
        value = evaluate(
            parse_template(unknown.template), Scope(inputs=inputs, resources=resources)
        )
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
        return unknown
    if unknown.sensitive and not isinstance(value, Sensitive):
        return Sensitive(value)
    return value


def _bound(
    values: Mapping[str, Value], attributes: Mapping[Address, Mapping[str, Json]]
) -> Mapping[str, Value]:
    """The inputs, with those bound that were unknown themselves."""
    return map_leaves(  # type: ignore[no-any-return]
        values, lambda leaf: bind(leaf, attributes) if isinstance(leaf, Unknown) else leaf
    )
