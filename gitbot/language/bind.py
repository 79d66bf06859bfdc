"""Evaluates an unknown value again when the cloud has given the attributes it needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.errors import UserError
from gitbot.language.evaluate import evaluate
from gitbot.language.scope import Attributes, Scope
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.names import Address
from gitbot.model.values import Json, Sensitive, Unknown, Value


def bind(unknown: Unknown, attributes: Mapping[Address, Mapping[str, Json]]) -> Value:
    """The value of ``unknown``, computed from the attributes of the resources that it references.

    It is still ``Unknown`` when attributes are missing, and ``Sensitive`` when ``unknown`` is
    sensitive.

    Raises:
        UserError: the expression fails with these values; the message names it.
    """
    inputs = {
        root: values for root, values in unknown.inputs.items() if isinstance(values, Mapping)
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
