"""Reads the off-hours that a machine has beside its type; they can be an expression. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.hours import SCHEDULE, off_hours_of
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.scope import is_placeholder
from gitbot.language.shape import read
from gitbot.language.templates import has_template
from gitbot.language.trees import TreeEvaluator
from gitbot.language.written import Written
from gitbot.model.hours import NO_RULES, MachineRules
from gitbot.model.values import Sensitive, Unknown, is_sensitive


def own_hours(one: Written, evaluator: TreeEvaluator) -> MachineRules:
    """What the resource itself says about its power. A schedule that is wrong, or that nobody
    knows before the apply, is a problem. An expression that gives null says nothing."""
    given: Mapping[str, Any] | None = one.fields.get("offhours")
    node = one.node.get("offhours")
    if given is None or node is None:
        return NO_RULES
    where = f"{one.key}.offhours"
    written: Node | None = given.get("schedule")
    if written is not None:
        text = _schedule(written, where, evaluator, one.problems)
        if text is None:
            return NO_RULES
        given = {**given, "schedule": text}
    return MachineRules(off_hours=off_hours_of(given, node, where, one.problems))


def _schedule(node: Node, where: str, evaluator: TreeEvaluator, problems: Problems) -> str | None:
    if isinstance(node.value, str) and has_template(node.value):
        value = evaluator.evaluate(node)
        if isinstance(value, (Unknown, Sensitive)):
            _add_hidden(value, node, where, problems)
            return None
        if value is None:
            return None
        node = Node(value, node.mark)
    text: str | None = read(node, SCHEDULE, where, problems)
    return text


def _add_hidden(value: Unknown | Sensitive, node: Node, where: str, problems: Problems) -> None:
    if isinstance(value, Unknown) and is_placeholder(value):
        return  # it has a problem already, or the module is only checked
    secret = isinstance(value, Sensitive) or is_sensitive(value)
    why = "is a sensitive value, and plans show when machines are stopped"
    if isinstance(value, Unknown) and not secret:
        why = f"would come from {value.template}, which only the cloud can tell"
    problems.add("bad-hours", node, f"{where} {why}.", "Use a value that is written in the specs.")
