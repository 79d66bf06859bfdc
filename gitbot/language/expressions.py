"""Runs one compiled expression. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gitbot.language.cel_library import cel
from gitbot.language.cel_words import kind_of, running
from gitbot.language.functions import IN_ORDER, OWN_FUNCTIONS, keys_in_order
from gitbot.language.secret_calls import SECRET
from gitbot.language.templates import Expression, ExpressionError, show
from gitbot.language.wrong_steps import wrong_step
from gitbot.model.codec import MARK

_LARGEST: Mapping[type, int] = {str: 1_000_000, list: 100_000, dict: 100_000}


_NO_SECRETS: Mapping[str, str] = {}


_NO_ACCOUNT = 'Write `account: "<its 12 digits>"` into spec of environment.yaml.'


class UndecidedError(Exception):
    """The result depends on a value that only the cloud can give."""


def run(
    expression: Expression,
    context: Mapping[str, Any],
    missing: frozenset[str] = frozenset(),
    secrets: Mapping[str, str] = _NO_SECRETS,
) -> Any:
    """The value of the expression, as plain JSON data. ``secrets`` has every secret that it names.

    Raises:
        ExpressionError: it fails with these values.
        UndecidedError: it needs a key that is in ``missing``.
    """
    try:
        if expression.selection is not None:
            root, name = expression.selection
            return context[root][name]
        result = expression.program.execute(_with_functions(expression, context, secrets))
    except KeyError as error:
        key = str(error.args[0]) if error.args else ""
        if key in missing:
            raise UndecidedError from None
        raise ExpressionError(
            "expression-failed",
            f'{show(expression.text)} fails: there is no "{key}".',
            _NO_ACCOUNT
            if ("env", key) in expression.names.selected & {("env", "account")}
            else 'Correct the name, or ask first: "key" in map ? … : ….',
        ) from None
    except (RuntimeError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        why, fix = wrong_step(expression.names, context) or running(
            str(error), expression.names, context
        )
        raise ExpressionError(
            "expression-failed", f"{show(expression.text)} fails: {why}.", fix
        ) from None
    return _json(result, expression)


def _with_functions(
    expression: Expression, context: Mapping[str, Any], secrets: Mapping[str, str]
) -> Any:
    called = expression.names.called
    functions: dict[str, Any] = {
        name: OWN_FUNCTIONS[name] for name in called & OWN_FUNCTIONS.keys()
    }
    if expression.secrets:
        functions[SECRET] = secrets.__getitem__
    if "map" in called or "filter" in called:
        functions[IN_ORDER] = keys_in_order
    return cel.Context(variables=dict(context), functions=functions) if functions else context


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
    if isinstance(result, dict) and MARK in result:
        raise ExpressionError(
            "reserved-key",
            f"{show(expression.text)} gives a map with the key {MARK}, with which gitbot itself "
            "marks values.",
            "Choose another key.",
        )
    if isinstance(result, dict) and all(isinstance(key, str) for key in result):
        # The library gives maps in an order that differs each time.
        return {key: _json(item, expression) for key, item in sorted(result.items())}
    raise ExpressionError(
        "expression-failed",
        f"{show(expression.text)} gives {_odd(result)}, which a spec cannot hold.",
        "Make a text of it: string(…).",
    )


def _odd(result: Any) -> str:
    if isinstance(result, float):
        return "a number that is not finite"
    return "a map with keys that are no texts" if isinstance(result, dict) else kind_of(result)
