"""Finds the calls of ``secret()`` in CEL text. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.language.scanner import Token, scan, tokens_of
from gitbot.model.secret_references import EXAMPLES
from gitbot.model.text_problem import TextProblemError

SECRET: Final = "secret"
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def secret_arguments(text: str) -> tuple[str, ...]:
    """The CEL text between the parentheses of each ``secret(…)``, in order.

    Raises:
        TextProblemError: a call names nothing, or something that is known only while the expression
            runs.
    """
    tokens = tokens_of(text)
    found: list[str] = []
    for at, token in enumerate(tokens[:-1]):
        if token.kind != "name" or token.text != SECRET or tokens[at + 1].text != "(":
            continue
        if at and tokens[at - 1].text == ".":
            raise TextProblemError("It calls secret() on a value.", f"Write secret({EXAMPLES}).")
        found.append(_argument(text, tokens, at + 2))
    bound = scan(text).bound
    for argument in found:
        names = scan(argument)
        if SECRET in names.called or names.bound or names.roots & bound or bound & _names(argument):
            raise TextProblemError(
                f"It names a secret by {argument}, which is known only while the expression runs.",
                "Name it by a text, and by env, vars, stack, locals or each.",
            )
    return tuple(found)


def _argument(text: str, tokens: list[Token], first: int) -> str:
    """The text from the token ``first`` to the parenthesis that closes the call."""
    depth = 0
    for token in tokens[first:]:
        if depth == 0 and token.text in (")", ","):
            argument = text[tokens[first].start : token.start]
            if token.text == ")" and argument.strip():
                return argument.strip()
            break
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
    raise TextProblemError(
        "It calls secret() with other than one text.", f"Write secret({EXAMPLES})."
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(token.text for token in tokens_of(text) if token.kind == "name")
