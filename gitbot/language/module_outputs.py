"""Reads the outputs of a stack or of a module. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.concealing import concealed
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.trees import TreeEvaluator
from gitbot.model.desired import DesiredOutput
from gitbot.model.values import is_sensitive


def read_outputs(
    fields: Mapping[str, Any], evaluator: TreeEvaluator, problems: Problems
) -> dict[str, DesiredOutput]:
    """The outputs by name. One that shows a sensitive value is a problem."""
    outputs: dict[str, DesiredOutput] = {}
    for name, given in (fields.get("outputs") or {}).items():
        node: Node | None = given.get("value")
        if node is None:
            continue
        value = evaluator.evaluate(node)
        sensitive = given.get("sensitive", False)
        if sensitive is None:
            sensitive = is_sensitive(value)
        if is_sensitive(value) and not sensitive:
            problems.add(
                "sensitive-output",
                node,
                f"The output {quoted(name)} is made from a sensitive variable.",
                f"Write it as {{value: …, sensitive: true}}, or remove the output {name}.",
            )
        outputs[name] = DesiredOutput(
            value=concealed(value) if sensitive else value,
            sensitive=sensitive,
            description=given.get("description", ""),
        )
    return outputs
