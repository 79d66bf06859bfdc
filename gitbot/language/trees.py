"""Evaluates YAML trees: checks the names in each expression, then computes its value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.language.evaluate import evaluate
from gitbot.language.fields import SCOPE_ROOTS
from gitbot.language.linking import scanned
from gitbot.language.nodes import NOT_LITERAL, Node
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.scanner import Names, Step
from gitbot.language.scope import PLACEHOLDER, Scope
from gitbot.language.templates import ExpressionError, Template, parse_template, show
from gitbot.language.types import ResourceType
from gitbot.model.codec import MARK
from gitbot.model.lookups import LookupKind
from gitbot.model.values import Unknown, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSpace:
    """The names that expressions may use.

    ``inputs`` maps each root to its names; None allows any name. ``resources`` maps each key to its
    type; None when the type is not known. ``lookups`` maps the name of each lookup to what can be
    read of it.
    """

    inputs: Mapping[str, frozenset[str] | None]
    resources: Mapping[str, ResourceType | None] = field(default_factory=dict)
    lookups: Mapping[str, LookupKind | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEvaluator:
    """Evaluates trees in one scope. A scalar with a problem becomes an ``Unknown``."""

    scope: Scope
    names: NameSpace
    problems: Problems

    def evaluate(self, node: Node) -> Value:
        """The values of the tree. Every problem in it is added. Parts of it may be shared: see ``Node.literal``."""
        if node.literal is not NOT_LITERAL:
            return node.literal  # type: ignore[no-any-return]
        value = node.value
        kind = type(value)
        if kind is str:
            return self._scalar(node, value)
        if kind is dict:
            return {
                key: self.evaluate(child)
                for key, child in value.items()
                if "$" not in key or self._is_key_allowed(node, key)
            }
        if kind is list:
            return [self.evaluate(child) for child in value]
        return value  # type: ignore[no-any-return]

    def _is_key_allowed(self, node: Node, key: str) -> bool:
        if key == MARK:
            self.problems.add(
                "reserved-key",
                node.key_mark(key),
                f"gitbot itself marks values with {quoted(key)}.",
                "Choose another key.",
            )
            return False
        if "${" in key:
            self.problems.add(
                "expression-in-key",
                node.key_mark(key),
                f"The key {quoted(key)} holds an expression; keys are never evaluated.",
                "Write the key out.",
            )
            return False
        return True

    def _scalar(self, node: Node, text: str) -> Value:
        try:
            template = parse_template(text)
            usual = _is_attribute(template, self.names)
            if usual or check_names(template.names, node, self.names, self.problems):
                return evaluate(template, self.scope)
        except ExpressionError as error:
            self.problems.add(error.code, node, error.detail, error.fix)
        return Unknown(template=text, inputs={"": {"": PLACEHOLDER}})


def roots_in(node: Node) -> frozenset[str]:
    """The roots that the expressions of the tree use. Expressions with errors are skipped."""
    return frozenset[str]().union(*(names.roots for names in scanned([node])))


def check_names(names: Names, node: Node, allowed: NameSpace, problems: Problems) -> bool:
    """Whether every name is allowed. Each other name is added as a problem."""
    found = False
    for code, detail, fix in _misuses(names, allowed):
        problems.add(code, node, detail, fix)
        found = True
    return not found


def _is_attribute(template: Template, allowed: NameSpace) -> bool:
    """Whether it is an attribute of a resource that has it, as most expressions are."""
    root, name = template.selection or ("", "")
    type_ = None if root in allowed.inputs else allowed.resources.get(root)
    return type_ is not None and name in type_.names


def _misuses(names: Names, allowed: NameSpace) -> Iterator[tuple[str, str, str]]:
    for name in sorted(names.bound):
        if name in allowed.inputs or name in allowed.resources:
            yield (
                "bad-expression",
                f'The comprehension variable "{name}" hides what {name} means elsewhere.',
                "Give it another name.",
            )
    for name in sorted(names.tested & allowed.resources.keys()):
        yield (
            "has-on-resource",
            f"The result of has({name}.…) would depend on whether {name} exists already.",
            "Use the attribute itself.",
        )
    for root in sorted(names.bare):
        if root in allowed.resources and root not in allowed.inputs:
            yield (
                "bare-resource",
                f'"{root}" is a resource; an expression uses its attributes one by one.',
                f"Select an attribute: {show(f'{root}.…')}, for example {_example(root, allowed)}.",
            )
        elif root not in allowed.inputs:
            yield _unknown_root(root, allowed)
    yield from _misused_lookups(names, allowed)
    for root, name in sorted(names.selected - names.asked):
        misuse = _misused_selection(root, name, allowed)
        if misuse is not None:
            yield misuse


def _misused_lookups(names: Names, allowed: NameSpace) -> Iterator[tuple[str, str, str]]:
    paths = {*names.paths, *names.compared, *names.walked}
    for path in sorted((one for one in paths if one[0] == "lookups"), key=str):
        misuse = _misused_lookup(path, allowed)
        if misuse is not None:
            yield misuse


def _misused_lookup(path: tuple[Step, ...], allowed: NameSpace) -> tuple[str, str, str] | None:
    """What is wrong with what is read of a lookup; an unknown name is told elsewhere."""
    name, attribute = (*path[1:], None, None)[:2]
    if "lookups" not in allowed.inputs or (isinstance(name, str) and name not in allowed.lookups):
        return None
    if not (isinstance(name, str) and isinstance(attribute, str)):
        return (
            "bare-lookup",
            "An expression names a lookup and one of its attributes, both as they are.",
            f"Select an attribute: {show('lookups.name.Attribute')}.",
        )
    kind = allowed.lookups[name]
    if kind is None or attribute in kind.attributes:
        return None
    return (
        "unknown-attribute",
        f"lookups.{name} is an {kind.type}, of which no attribute {quoted(attribute)} can be looked up.",
        suggest(attribute, kind.attributes, f"Its attributes: {listed(kind.attributes, 20)}."),
    )


def _misused_selection(root: str, name: str, allowed: NameSpace) -> tuple[str, str, str] | None:
    if root in allowed.resources and root not in allowed.inputs:
        type_ = allowed.resources[root]
        if type_ is None or name in type_.names:
            return None
        return (
            "unknown-attribute",
            f"{root} is an {type_.schema.name}, which has no attribute {quoted(name)}.",
            suggest(name, type_.names, f"Its attributes: {listed(type_.names, 20)}."),
        )
    if root not in allowed.inputs:
        return _unknown_root(root, allowed)
    known = allowed.inputs[root]
    if known is None or name in known:
        return None
    otherwise = {
        "vars": f"Declare {name} in spec.variables.",
        "env": f"Add {'spec.account' if name == 'account' else f'{name} to spec.variables'}"
        " in environment.yaml.",
        "lookups": f"Declare {name} in lookups.",
        "locals": f"Declare {name} in spec.locals.",
    }.get(root, f"Use one of {listed(known)}.")
    if root == "env" and "stack" in allowed.inputs and "stacks" not in allowed.inputs:
        otherwise = (
            f"A module sees {listed(known)} of the environment: declare a variable, and hand over "
            f"{show(f'env.{name}')} in the values of whoever uses the module."
        )
    if not known and root not in SCOPE_ROOTS:
        return (
            "unknown-name",
            f"There is no {root}.{name}: there are no copies of {root}, because its `when` is false or its "
            "forEach is empty.",
            f"Ask first: {show(f'{quoted(name)} in {root} ? … : …')}, or remove the use.",
        )
    return "unknown-name", f"There is no {root}.{name}.", suggest(name, known, otherwise)


def _unknown_root(root: str, allowed: NameSpace) -> tuple[str, str, str]:
    if root == "each":
        return (
            "unknown-name",
            "each is there only in an entry with forEach.",
            "Give the entry a forEach, or remove each.",
        )
    if root == "stacks":
        return (
            "unknown-name",
            "stacks is there only in a stack, so that a module says what it needs.",
            "Declare a variable, and hand the output over in the values of whoever uses the module.",
        )
    known = [*allowed.inputs, *allowed.resources]
    what = "a resource of this stack or one of" if allowed.resources else "one of"
    return (
        "unknown-name",
        f'"{root}" is not {what} {listed(allowed.inputs)}.',
        _habit(root)
        or suggest(root, known, 'Correct the name, or write "$${" for a literal "${".'),
    )


_TERRAFORM = {
    "local": "The root is called locals: ${locals.name}.",
    "data": "What is read and not managed is a lookup: ${lookups.name.Attribute}.",
    "module": "A module's outputs are read by its key below resources: ${data.bucket_name}.",
}


def _habit(root: str) -> str:
    """How to write what Terraform writes with this name; empty for other names."""
    if root.startswith("aws_"):
        return "Name a resource by its key below spec.resources: ${bucket.Arn}."
    return _TERRAFORM.get(root, "")


def _example(root: str, allowed: NameSpace) -> str:
    type_ = allowed.resources[root]
    first: Any = min(type_.late, default=None) if type_ is not None else None
    return show(f"{root}.{first or 'Arn'}")
