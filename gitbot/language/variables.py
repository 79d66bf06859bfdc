"""Resolves the variables of a stack and checks their values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import regex

from gitbot.language.concealing import concealed
from gitbot.language.nodes import Mark, Node, kind_name
from gitbot.language.plain_secrets import check_plain_value
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.scope import PLACEHOLDER
from gitbot.language.trees import NameSpace, TreeEvaluator
from gitbot.language.variable_types import example_of, type_misfit
from gitbot.model.values import Sensitive, Value, canonical_json, is_known, is_sensitive, reveal

_PATTERN_TIMEOUT_S = 1.0

Declaration = Mapping[str, Any]
"""One entry of ``spec.variables``, as ``shape.read`` returns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The values that variables are given, and where.

    ``place`` is the node of the values, ``home`` the position of what gives them, ``field`` their
    name in messages. A value is evaluated by ``evaluator``: not in the module that declares it.
    ``trial``: nobody gives any, and a variable without a default is not known.
    """

    values: Mapping[str, Node]
    place: Node | None
    home: Mark | None
    field: str
    evaluator: TreeEvaluator
    trial: bool = False


def resolve_variables(
    declared: Mapping[str, Declaration], spec: Node, given: Given, evaluator: TreeEvaluator
) -> dict[str, Value]:
    """The value of every declared variable: the given one, else the default.

    A wrong value becomes ``PLACEHOLDER``, with a problem. A sensitive value becomes sensitive, also
    where only the cloud can tell it. ``spec`` is the ``spec`` of the declaring document, in which
    ``evaluator`` evaluates defaults.
    """
    for name in given.values:
        if name not in declared:
            _add_undeclared(name, declared, given)
    return {name: _resolve(name, one, spec, given, evaluator) for name, one in declared.items()}


def origins_of(
    declared: Mapping[str, Declaration], values: Mapping[str, Node]
) -> dict[tuple[str, str], str]:
    """Where the value of each variable comes from, in words, by ``("vars", name)``."""
    found: dict[tuple[str, str], str] = {}
    for name, one in declared.items():
        given, default = values.get(name), one.get("default")
        if given is not None:
            found["vars", name] = f"`values.{name}` at line {given.mark[0]}"
        elif default is not None:
            found["vars", name] = f"the default of `variables.{name}` at line {default.mark[0]}"
    return found


def _add_undeclared(name: str, declared: Mapping[str, Declaration], given: Given) -> None:
    given.evaluator.problems.add(
        "unknown-variable",
        given.place.key_mark(name) if given.place else given.home,
        f"{given.field} gives {quoted(name)}, which spec.variables does not declare.",
        suggest(name, declared, "Declare it in spec.variables, or remove it."),
    )


def _resolve(
    name: str, declaration: Declaration, spec: Node, given: Given, evaluator: TreeEvaluator
) -> Value:
    if not _declaration_fits(name, declaration, spec, evaluator.problems):
        return PLACEHOLDER
    default, node = declaration.get("default"), given.values.get(name)
    value: Value = PLACEHOLDER
    if default is not None:
        value = _checked(name, declaration, default, "bad-default", evaluator)
        _warn(name, declaration, default, evaluator)
        _hold(name, declaration, default, value, evaluator, evaluator)
    if node is not None:
        value = _checked(name, declaration, node, "variable-value", given.evaluator)
        _warn(name, declaration, node, given.evaluator)
        _hold(name, declaration, node, value, given.evaluator, evaluator)
    elif default is None and not given.trial:
        place = spec.get("variables")
        own = place.key_mark(name) if place else spec.mark
        given.evaluator.problems.add(
            "missing-variable",
            given.home or own,
            f"The variable {quoted(name)} has no default, and {given.field} does not give it.",
            f"Add {name} to {given.field}.",
        )
    return value


def _warn(name: str, declaration: Declaration, node: Node, evaluator: TreeEvaluator) -> None:
    if declaration.get("sensitive"):
        check_plain_value(name, node, evaluator.problems)


def _checked(
    name: str, declaration: Declaration, node: Node, code: str, evaluator: TreeEvaluator
) -> Value:
    value = evaluator.evaluate(node)
    hidden = bool(declaration.get("sensitive")) or is_sensitive(value)
    if not is_known(value):
        return concealed(value) if hidden else value
    plain = reveal(value)
    reason = misfit(plain, declaration)
    if reason is not None:
        what = "The value" if code == "variable-value" else "The default"
        shown = "" if hidden or isinstance(plain, (list, dict)) else f" {quoted(plain)}"
        evaluator.problems.add(
            code,
            node,
            f"{what}{shown} of {quoted(name)} {reason}.",
            f"Write {_example(declaration)}.",
        )
        return PLACEHOLDER
    return Sensitive(plain) if hidden else plain


def _hold(
    name: str,
    declaration: Declaration,
    node: Node,
    value: Value,
    given: TreeEvaluator,
    own: TreeEvaluator,
) -> None:
    """Add a problem at ``node`` when the value does not pass the declaration's ``check``.

    The check is evaluated by ``own``. A value that only the cloud can tell passes.
    """
    check: Mapping[str, Any] = declaration.get("check") or {}
    that: Node | None = check.get("that")
    if that is None or not is_known(value):
        return
    judge = TreeEvaluator(
        scope=replace(own.scope, inputs={**own.scope.inputs, "value": value}),  # type: ignore[dict-item]
        names=NameSpace(inputs={**own.names.inputs, "value": None}),
        problems=own.problems,
    )
    verdict = judge.evaluate(that)
    verdict = verdict.value if isinstance(verdict, Sensitive) else verdict
    if verdict is False:
        given.problems.add(
            "variable-value",
            node,
            f"The value of {quoted(name)} is refused: {check.get('says', that.value)}.",
            f"Give {name} another value.",
        )
    elif verdict is not True and is_known(verdict):
        own.problems.add(
            "wrong-type",
            that,
            f"The check of {quoted(name)} must give true or false; this is {kind_name(verdict)}.",
            "Compare value with something: ${value >= 30}.",
        )


def _declaration_fits(name: str, declaration: Declaration, spec: Node, problems: Problems) -> bool:
    """Whether the enum and the pattern fit the type."""
    kind = declaration.get("type")
    choices: Node | None = declaration.get("enum")
    if kind is None:
        return False  # reported when the shape was checked
    if choices is not None and (
        not choices.is_list
        or not choices.value
        or any(type_misfit(one, kind) for one in choices.plain())
    ):
        problems.add(
            "bad-value",
            choices,
            f"The enum of {quoted(name)} must be a list with at least one {kind}.",
            f"List the allowed values, each a {kind}.",
        )
        return False
    pattern = declaration.get("pattern")
    if pattern is not None:
        try:
            regex.compile(pattern)
        except regex.error as error:
            problems.add(
                "bad-value",
                spec.get("variables", name, "pattern"),
                f"The pattern of {quoted(name)} is not a regular expression: {error}.",
                "Correct the pattern.",
            )
            return False
    return True


def misfit(value: Any, declaration: Declaration) -> str | None:
    """Why the plain value does not fit the declaration; None when it fits."""
    wrong_type = type_misfit(value, declaration["type"])
    if wrong_type is not None:
        return wrong_type
    choices: Node | None = declaration.get("enum")
    if choices is not None:
        allowed = choices.plain()
        # Compared as JSON, because Python takes True for 1.
        if canonical_json(value) not in {canonical_json(one) for one in allowed}:
            return f"is not one of {listed(map(str, allowed), 20)}"
    pattern = declaration.get("pattern")
    if pattern is not None and isinstance(value, str):
        try:
            if regex.fullmatch(pattern, value, timeout=_PATTERN_TIMEOUT_S) is None:
                return f"does not match the pattern {pattern}"
        except TimeoutError:
            return "takes too long to compare with the variable's pattern"
    return None


def _example(declaration: Declaration) -> str:
    choices: Node | None = declaration.get("enum")
    if choices is not None:
        return f"one of {listed(map(str, choices.plain()), 20)}"
    pattern = declaration.get("pattern")
    return f"a value that matches {pattern}" if pattern else example_of(declaration["type"])
