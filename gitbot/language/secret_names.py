"""Evaluates what the calls of ``secret()`` in a template name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gitbot.language.scope import Scope, is_placeholder
from gitbot.language.templates import Expression, ExpressionError, Template, show
from gitbot.model.secret_references import EXAMPLES, parse_reference
from gitbot.model.text_problem import TextProblemError
from gitbot.model.values import Sensitive, Unknown, Value, leaves

Evaluate = Callable[[Template, Scope], Value]


def references_in(template: Template, scope: Scope, evaluate: Evaluate) -> frozenset[str] | None:
    """The references of all secrets that the template names, also those of a branch not taken.

    None: a name depends on a placeholder.

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
    if argument.names.roots & scope.resources.keys() - scope.inputs.keys():
        raise _not_known(argument)
    alone = Template(text=f"${{{argument.text}}}", parts=(argument,), names=argument.names)
    value = evaluate(alone, scope)
    if isinstance(value, str):
        try:
            return parse_reference(value).text
        except TextProblemError as error:
            raise ExpressionError(
                "bad-secret", f'secret() gets "{value[:200]}". {error.detail}', error.fix
            ) from None
    if isinstance(value, Unknown) and any(
        isinstance(leaf, Unknown) and is_placeholder(leaf) for leaf in leaves(value.inputs)
    ):
        return None
    if isinstance(value, Sensitive):
        raise ExpressionError(
            "bad-secret",
            f"Everybody sees which secret is used, but its name {show(argument.text)} is sensitive.",
            "Name the secret by values that are not sensitive.",
        )
    raise _not_known(argument)


def _not_known(argument: Expression) -> ExpressionError:
    return ExpressionError(
        "bad-secret",
        f"{show(argument.text)} gives no text that the specs alone tell, so it names no secret.",
        f"Name the secret by a text, such as {EXAMPLES}.",
    )
