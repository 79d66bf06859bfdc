"""Reads and evaluates what lifecycles say with expressions, and checks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from gitbot.language.copies import Copy
from gitbot.language.frame import Frame
from gitbot.language.nodes import Node, kind_name
from gitbot.language.problems import Problems
from gitbot.language.replacing import replacing_value
from gitbot.language.trees import TreeEvaluator
from gitbot.language.values_of import attributes_of
from gitbot.language.written import Written
from gitbot.model.conditions import Condition
from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address
from gitbot.model.values import Sensitive, Unknown, Value, has_secrets

SELF: Final = "self"
"""How postconditions name their own resource."""


def with_expressions(
    lifecycle: Lifecycle,
    frame: Frame,
    one: Written,
    copy: Copy,
    address: Address,
    properties: Mapping[str, Value],
) -> Lifecycle:
    """The lifecycle with what replaces its resource, and what must hold before and after a change.

    A postcondition names the resource ``self``. Nothing here names it by its key.
    """
    given: Mapping[str, Any] = one.fields.get("lifecycle") or {}
    before, after = given.get("preconditions", ()), given.get("postconditions", ())
    values: Mapping[str, Node] = given.get("replaceWhen", {})
    if not before and not after and not values:
        return lifecycle
    evaluator = _without(frame.evaluator(copy), one.key)
    attributes = attributes_of(one, address, properties)
    own = replace(
        evaluator,
        scope=replace(evaluator.scope, resources={**evaluator.scope.resources, SELF: attributes}),
        names=replace(evaluator.names, resources={**evaluator.names.resources, SELF: one.type}),
    )
    return replace(
        lifecycle,
        replace_when={
            name: replacing_value(frame, one, copy, evaluator, node)
            for name, node in values.items()
        },
        preconditions=_conditions(evaluator, before, one.problems),
        postconditions=_conditions(own, after, one.problems),
    )


def checks_of(frame: Frame) -> dict[str, Condition]:
    """The checks of the module, by address: ``data["models"].checks.size``."""
    written: Mapping[str, Mapping[str, Any]] = frame.fields.get("checks") or {}
    found: dict[str, Condition] = {}
    for name, given in written.items():
        for condition in _conditions(frame.evaluator(), (given,), frame.problems):
            found[f"{frame.prefix}checks.{name}"] = condition
    return found


def check_nodes(frame: Frame) -> list[Node]:
    """The expressions of the module's checks."""
    written: Mapping[str, Mapping[str, Any]] = frame.fields.get("checks") or {}
    return [given["that"] for given in written.values() if "that" in given]


def _without(evaluator: TreeEvaluator, key: str) -> TreeEvaluator:
    names = evaluator.names
    return replace(
        evaluator,
        names=replace(
            names,
            inputs={name: one for name, one in names.inputs.items() if name != key},
            resources={name: one for name, one in names.resources.items() if name != key},
        ),
    )


def _conditions(
    evaluator: TreeEvaluator, written: Iterable[Mapping[str, Any]], problems: Problems
) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            that=_verdict(evaluator, given["that"], problems),
            says=" ".join(given["says"].split()).rstrip("."),
            source=problems.span(given["that"]),
        )
        for given in written
        if "that" in given and "says" in given
    )


def _verdict(evaluator: TreeEvaluator, that: Node, problems: Problems) -> Value:
    """Whether it holds. A verdict is no secret, also where the values behind it are."""
    value = evaluator.evaluate(that)
    verdict = value.value if isinstance(value, Sensitive) else value
    if has_secrets(value):
        problems.add(
            "bad-secret",
            that,
            "A condition cannot depend on a secret: a secret is opened only for the call that sends it.",
            "Ask for something else, or let the program that uses the secret check it.",
        )
    if not isinstance(verdict, (bool, Unknown)):
        problems.add(
            "wrong-type",
            that,
            f"A condition must give true or false; this is {kind_name(verdict)}.",
            "Compare something: ${vars.days >= 30}.",
        )
    return verdict
