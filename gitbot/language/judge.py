"""Evaluates an expression to true or false. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.expressions import run
from gitbot.language.nodes import kind_name
from gitbot.language.problems import listed, quoted
from gitbot.language.templates import ExpressionError, compile_expression, show
from gitbot.model.values import Json
from gitbot.model.verdicts import Verdict


def judge(expression: str, inputs: Mapping[str, Json]) -> Verdict:
    """Whether the expression holds. The verdict has an error when it is neither true nor false."""
    try:
        compiled = compile_expression(expression)
        unknown = compiled.names.roots - inputs.keys()
        if unknown:
            what = f"{quoted(min(unknown))} is not one of {listed(inputs) or 'no names'}"
            return Verdict(holds=None, error=f"{show(expression)}: {what}")
        result: Any = run(compiled, inputs)
    except ExpressionError as error:
        return Verdict(holds=None, error=error.detail)
    if not isinstance(result, bool):
        error_text = f"{show(expression)} gives {kind_name(result)}, not true or false"
        return Verdict(holds=None, error=error_text)
    return Verdict(holds=result)
