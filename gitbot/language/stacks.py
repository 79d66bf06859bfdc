"""Loads one Stack document into a DesiredStack. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitbot.language.drift_fields import drift_off
from gitbot.language.environments import EnvironmentScope
from gitbot.language.expiry import check_protected, lifetime_of
from gitbot.language.fields import STACK
from gitbot.language.hashing import desired_hash
from gitbot.language.hours import give_rules
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.resources import Resources
from gitbot.language.scope import Scope
from gitbot.language.shape import read
from gitbot.language.tags import check_reserved
from gitbot.language.trees import NameSpace, TreeEvaluator, roots_in
from gitbot.language.types import Types
from gitbot.language.variables import PLACEHOLDER, origins_of, resolve_variables
from gitbot.model.desired import DesiredOutput, DesiredStack
from gitbot.model.values import (
    Sensitive,
    Unknown,
    Value,
    is_known,
    is_sensitive,
    map_leaves,
    reveal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedStack:
    """The result of one document. ``desired`` is None when it or its environment has a problem."""

    name: str | None
    problems: Problems
    desired: DesiredStack | None


def load_stack(
    document: Node, environment: EnvironmentScope, types: Types, problems: Problems
) -> LoadedStack:
    """The stack that the document declares. Every problem is added to ``problems``."""
    before = len(problems.found)
    given_name = document.get("metadata", "name")
    if given_name is not None and isinstance(given_name.value, str):
        problems = problems.of_stack(given_name.value)
    fields: dict[str, Any] = read(document, STACK, "", problems) or {}
    metadata: dict[str, Any] = fields.get("metadata") or {}
    spec: dict[str, Any] = fields.get("spec") or {}
    name = metadata.get("name")
    labels: dict[str, str] = metadata.get("labels") or {}
    _check_labels(document, labels, problems)

    inputs = _inputs(name, labels, environment)
    _resolve_values(document, spec, inputs, environment, problems)
    resources = _resources(document, spec, environment, labels, types, problems)
    evaluator = _evaluator(inputs, resources, environment, problems)
    _evaluate(document, resources, evaluator)
    outputs = _outputs(spec, evaluator, problems)
    give_rules(document, spec, resources.written, resources.desired, problems)

    desired = None
    known = environment.environment
    rules = known.expiry if known is not None else None
    lifetime = lifetime_of(document, spec, name, rules, problems)
    check_protected(document, name, lifetime, rules, resources.desired, problems)
    if len(problems.found) == before and known is not None and name is not None:
        desired = DesiredStack(
            environment=environment.name,
            name=name,
            region=known.region,
            resources=resources.desired,
            outputs=outputs,
            labels=labels,
            moved_from=metadata.get("moved"),
            sensitive=any(is_sensitive(one.properties) for one in resources.desired.values())
            or any(is_sensitive(one.value) for one in outputs.values()),
            drift_off=drift_off(spec.get("drift"), known.timezone),
            lifetime=lifetime,
            promote=spec.get("promote", False),
            hash=desired_hash(known.region, resources.desired, outputs, lifetime),
            source=problems.span(document),
        )
    return LoadedStack(name=name, problems=problems, desired=desired)


def _check_labels(document: Node, labels: Mapping[str, str], problems: Problems) -> None:
    place = document.get("metadata", "labels")
    if place is not None:
        check_reserved({key: place.key_mark(key) for key in labels}, "label", problems)
    moved = document.get("metadata", "moved")
    name = document.get("metadata", "name")
    if moved is not None and name is not None and moved.value == name.value:
        problems.add(
            "bad-value",
            moved,
            f"metadata.moved is the stack's name {quoted(name.value)} itself.",
            "Write the name that it had before, or remove it.",
        )


def _inputs(
    name: str | None, labels: Mapping[str, str], environment: EnvironmentScope
) -> dict[str, Mapping[str, Value]]:
    return {
        "vars": {},
        "env": environment.values or {},
        "stack": {"name": name, "labels": dict(labels)},
    }


def _names(
    inputs: Mapping[str, Mapping[str, Value]], environment: EnvironmentScope
) -> dict[str, frozenset[str] | None]:
    names: dict[str, frozenset[str] | None] = {
        root: frozenset(values) for root, values in inputs.items()
    }
    if environment.environment is None:
        names["env"] = None
    return names


def _resolve_values(
    document: Node,
    spec: Mapping[str, Any],
    inputs: dict[str, Mapping[str, Value]],
    environment: EnvironmentScope,
    problems: Problems,
) -> None:
    """Put the stack's variables into ``inputs``. Their values may use ``env`` and ``stack``."""
    place = document.get("spec")
    early = {root: values for root, values in inputs.items() if root != "vars"}
    evaluator = TreeEvaluator(
        scope=_scope(early, environment),
        names=NameSpace(inputs=_names(early, environment)),
        problems=problems,
    )
    if place is not None:
        inputs["vars"] = resolve_variables(
            spec.get("variables") or {}, spec.get("values") or {}, place, evaluator, problems
        )
        # A variable with a wrong declaration still counts as declared.
        written = place.get("variables")
        names = dict(written.items()) if written is not None else {}
        inputs["vars"] = {**dict.fromkeys(names, PLACEHOLDER), **inputs["vars"]}


class _AnyName(dict[str, Value]):
    """The variables of an environment that did not load: every name has a placeholder."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Value:
        return PLACEHOLDER


def _scope(inputs: Mapping[str, Mapping[str, Value]], environment: EnvironmentScope) -> Scope:
    if environment.environment is None:
        inputs = {**inputs, "env": _AnyName()}
    return Scope(inputs=inputs, resources={})


def _resources(
    document: Node,
    spec: Mapping[str, Any],
    environment: EnvironmentScope,
    labels: Mapping[str, str],
    types: Types,
    problems: Problems,
) -> Resources:
    tags = environment.environment.tags if environment.environment is not None else {}
    resources = Resources(
        node=document.get("spec", "resources") or Node({}, document.mark),
        types=types,
        inherited_tags={**tags, **labels},
        problems=problems,
        origins={
            **_environment_origins(environment),
            **origins_of(spec.get("variables") or {}, spec.get("values") or {}),
        },
    )
    resources.read(spec.get("resources") or {})
    return resources


def _evaluate(document: Node, resources: Resources, evaluator: TreeEvaluator) -> None:
    """Evaluate the resources in order, so that expressions see the attributes that they use."""
    ordered = resources.link()
    used = frozenset[str]().union(*resources.dependencies.values())
    outputs = document.get("spec", "outputs")
    if outputs is not None:
        used |= roots_in(outputs)
    resources.evaluate(ordered, evaluator, used)


def _environment_origins(environment: EnvironmentScope) -> dict[tuple[str, str], str]:
    known = environment.environment
    names = known.variables if known is not None else ()
    return {("env", name): f"`variables.{name}` of environment.yaml" for name in names}


def _evaluator(
    inputs: Mapping[str, Mapping[str, Value]],
    resources: Resources,
    environment: EnvironmentScope,
    problems: Problems,
) -> TreeEvaluator:
    declared = dict.fromkeys(resources.node.value) if resources.node.is_map else {}
    return TreeEvaluator(
        scope=_scope(inputs, environment),
        names=NameSpace(
            inputs=_names(inputs, environment),
            resources={**declared, **{key: one.type for key, one in resources.written.items()}},
        ),
        problems=problems,
    )


def _outputs(
    spec: Mapping[str, Any], evaluator: TreeEvaluator, problems: Problems
) -> dict[str, DesiredOutput]:
    outputs: dict[str, DesiredOutput] = {}
    for name, fields in (spec.get("outputs") or {}).items():
        node: Node | None = fields.get("value")
        if node is None:
            continue
        value = evaluator.evaluate(node)
        sensitive = fields.get("sensitive", False)
        if is_sensitive(value) and not sensitive:
            problems.add(
                "sensitive-output",
                node,
                f"The output {quoted(name)} is made from a sensitive variable.",
                f"Write it as {{value: …, sensitive: true}}, or remove the output {name}.",
            )
        outputs[name] = DesiredOutput(
            value=_hidden(value) if sensitive else value,
            sensitive=sensitive,
            description=fields.get("description", ""),
        )
    return outputs


def _hidden(value: Value) -> Value:
    """The value, marked as sensitive."""
    if is_known(value):
        return Sensitive(reveal(value))
    return map_leaves(  # type: ignore[no-any-return]
        value,
        lambda leaf: (
            replace(leaf, sensitive=True)
            if isinstance(leaf, Unknown)
            else leaf
            if isinstance(leaf, Sensitive)
            else Sensitive(leaf)
        ),
    )
