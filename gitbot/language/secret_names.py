"""Evaluates what the calls of ``secret()`` in a template name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from gitbot.language.scope import Scope, is_placeholder, scope_again
from gitbot.language.templates import Expression, ExpressionError, Template, parse_template, show
from gitbot.model.names import Address
from gitbot.model.secret_references import (
    EXAMPLES,
    OWN_ATTRIBUTE,
    SecretReference,
    own_name,
    parse_reference,
)
from gitbot.model.text_problem import TextProblemError
from gitbot.model.values import Sensitive, Unknown, Value, leaves

OWN_EXAMPLE: Final = '"secretsmanager:" + db_secret.Id + "#password"'
Evaluate = Callable[[Template, Scope], Value]


def references_in(template: Template, scope: Scope, evaluate: Evaluate) -> frozenset[str] | None:
    """The references of all secrets that the template names, also those of a branch not taken.

    A secret that the stack itself makes is named by its address. None: a name depends on a placeholder,
    or on what only the cloud can tell of a name that was checked before.

    Raises:
        ExpressionError: a call names no secret, or one that is not known before an apply.
    """
    found = [_reference(one, scope, evaluate) for one in _arguments(template)]
    return None if None in found else frozenset(one for one in found if one is not None)


def _arguments(template: Template) -> Iterator[Expression]:
    for part in template.parts:
        if isinstance(part, Expression):
            yield from part.secrets


def _reference(argument: Expression, scope: Scope, evaluate: Evaluate) -> str | None:
    alone = Template(text=f"${{{argument.text}}}", parts=(argument,), names=argument.names)
    value = evaluate(alone, scope)
    if scope.again:
        value = value.value if isinstance(value, Sensitive) else value
        return value if isinstance(value, str) else None
    if isinstance(value, Unknown) and any(
        isinstance(leaf, Unknown) and is_placeholder(leaf) for leaf in leaves(value.inputs)
    ):
        return None
    if isinstance(value, str) and not argument.names.roots & scope.resources.keys():
        return _read(value, own=False).text
    if isinstance(value, Unknown):
        text = _with_addresses(value, scope, evaluate)
        if isinstance(text, str) and (found := _read(text, own=True)).address is not None:
            return found.text
    if isinstance(value, Sensitive):
        raise ExpressionError(
            "bad-secret",
            f"Everybody sees which secret is used, but its name {show(argument.text)} is sensitive.",
            "Name the secret by values that are not sensitive.",
        )
    raise _not_known(argument)


def _with_addresses(unknown: Unknown, scope: Scope, evaluate: Evaluate) -> Value:
    """The value, with the address in place of the ARN of each secret that the stack itself makes."""
    known = {
        address: {OWN_ATTRIBUTE: own_name(address)}
        for address in _addresses(unknown)
        if scope.is_secret(address)
    }

    def again(one: Unknown) -> Value:
        return evaluate(parse_template(one.template), scope_again(one, known, again))

    return again(unknown)


def _addresses(unknown: Unknown) -> Iterator[Address]:
    yield from unknown.references.values()
    for leaf in leaves(unknown.inputs):
        if isinstance(leaf, Unknown):
            yield from _addresses(leaf)


def _read(text: str, *, own: bool) -> SecretReference:
    """The reference in the text. ``own``: it may name a secret that the stack itself makes."""
    try:
        found = parse_reference(text)
        if found.address is not None and not own:
            raise TextProblemError(
                "In parentheses stands a resource of the stack, which an expression must name.",
                f"Write secret({OWN_EXAMPLE}).",
            )
    except TextProblemError as error:
        raise ExpressionError(
            "bad-secret", f'secret() gets "{text[:200]}". {error.detail}', error.fix
        ) from None
    return found


def _not_known(argument: Expression) -> ExpressionError:
    return ExpressionError(
        "bad-secret",
        f"{show(argument.text)} gives no text that the specs alone tell, so it names no secret.",
        f"Name the secret by a text, such as {EXAMPLES}; one that the stack itself makes by its Id, "
        f"such as {OWN_EXAMPLE}.",
    )
