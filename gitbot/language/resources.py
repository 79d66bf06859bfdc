"""Reads and evaluates the resources of one stack. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.language.declared import Declared
from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.lifecycles import check_moves, lifecycle_of
from gitbot.language.list_elements import check_list_elements
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.properties import check_properties
from gitbot.language.schema_errors import add_schema_error
from gitbot.language.scope import Attributes
from gitbot.language.self_references import names_itself, own_attributes
from gitbot.language.static_types import static_type_errors
from gitbot.language.tags import merge_tags
from gitbot.language.trees import TreeEvaluator, roots_in
from gitbot.language.twins import check_twins
from gitbot.language.types import Types
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.graph import cycles, order
from gitbot.model.names import Address
from gitbot.model.values import Value, is_known, is_sensitive, reveal


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The resources of one stack. Call ``read``, then ``link``, then ``evaluate``."""

    node: Node
    types: Types
    inherited_tags: Mapping[str, str]
    problems: Problems
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    dependencies: dict[str, frozenset[str]] = field(default_factory=dict)
    desired: dict[Address, DesiredResource] = field(default_factory=dict)

    def read(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the resources from ``fields``, the result of ``shape.read``."""
        for key, given in fields.items():
            type_name = given.get("type")
            child = self.node.get(key)
            if not self._is_key_allowed(key) or type_name is None or child is None:
                continue
            type_ = self.types.get(type_name)
            if type_ is None:
                self._add_unknown_type(type_name, child)
            elif not type_.is_served:
                self._add_not_served(type_name, child)
            self.written[key] = Written(
                key=key,
                node=child,
                home=self.node.key_mark(key),
                fields=given,
                type_name=type_name,
                type=type_,
            )

    def link(self) -> tuple[str, ...]:
        """Find the dependencies of every resource, and return the keys with dependencies first.

        A circle is added as a problem; its resources come last.
        """
        for key, one in self.written.items():
            used = roots_in(one.properties) if one.properties is not None else frozenset()
            named = self._depends_on(one)
            if names_itself(one):
                used -= {key}
            self.dependencies[key] = (used & self.written.keys()) | named
        for cycle in cycles(self.dependencies):
            self.problems.add(
                "cycle",
                self.written[cycle[0]].home,
                f"{' → '.join(cycle)}: each needs the next one first.",
                "Remove one of these references, or write what it gives as a value of its own.",
            )
        return order(self.dependencies)

    def evaluate(self, keys: Iterable[str], evaluator: TreeEvaluator, used: frozenset[str]) -> None:
        """Evaluate the resources in the order of ``keys``.

        Once a resource in ``used`` is evaluated, its attributes are put into the evaluator's scope.
        Until then its attributes are unknown.
        """
        attributes = evaluator.scope.resources
        assert isinstance(attributes, dict)
        for key in self.written:
            attributes[key] = Attributes(address=Address(key))
        for key in keys:
            one = self.written[key]
            attributes[key] = own_attributes(one)
            properties = self._properties(one, evaluator)
            attributes[key] = Attributes(address=Address(key))
            if key in used:
                attributes[key] = attributes_of(one, properties)
            self.desired[Address(key)] = DesiredResource(
                address=Address(key),
                type=one.type_name,
                properties=properties,
                lifecycle=lifecycle_of(one, self.problems),
                depends_on=frozenset(Address(name) for name in self.dependencies[key]),
                source=self.problems.span(one.home),
            )
        check_moves(self.desired, self.written, self.problems)
        check_list_elements(self.written, self.problems)

    def _properties(self, one: Written, evaluator: TreeEvaluator) -> dict[str, Value]:
        node = one.properties
        evaluated = evaluator.evaluate(node) if node is not None and node.is_map else {}
        properties: dict[str, Value] = dict(evaluated) if isinstance(evaluated, dict) else {}
        if one.type is None or not one.type.is_served:
            return properties  # the type has a problem already
        mark = _tags_mark(one)
        merge_tags(properties, one.type.schema, self.inherited_tags, mark, self.problems)
        self._check(
            Declared(
                key=one.key,
                type=one.type,
                node=node,
                home=one.home,
                properties=properties,
                origins=self.origins,
            )
        )
        return properties

    def _check(self, declared: Declared) -> None:
        types = {key: one.type for key, one in self.written.items()}
        check_properties(declared, self.problems)
        check_twins(declared, self.problems)
        for error in static_type_errors(declared.properties, declared.type, types):
            add_schema_error(error, error.path, declared, self.problems)

    def _depends_on(self, one: Written) -> frozenset[str]:
        names = (one.fields.get("lifecycle") or {}).get("dependsOn", ())
        for name in names:
            if name not in self.written and name not in self.node.value:
                self.problems.add(
                    "unknown-dependency",
                    one.node.get("lifecycle", "dependsOn"),
                    f"{one.key} depends on {quoted(name)}, which is not a resource of this stack.",
                    suggest(name, self.written, "Remove it."),
                )
        return frozenset(names) & self.written.keys()

    def _is_key_allowed(self, key: str) -> bool:
        allowed = key not in SCOPE_ROOTS and key not in CEL_WORDS
        if not allowed:
            self.problems.add(
                "bad-name",
                self.node.key_mark(key),
                f"{quoted(key)} cannot name a resource, because the word has a meaning in "
                "expressions.",
                "Choose another key.",
            )
        return allowed

    def _add_unknown_type(self, name: str, node: Node) -> None:
        self.problems.add(
            "unknown-type",
            node.get("type"),
            f"The CloudFormation registry has no resource type {quoted(name)}.",
            suggest(
                name,
                tuple(self.types.all_names()),
                "Look it up in AWS's reference of CloudFormation resource types.",
            ),
        )

    def _add_not_served(self, name: str, node: Node) -> None:
        self.problems.add(
            "type-not-served",
            node.get("type"),
            f"{name} exists, but this version of gitbot does not manage it. It manages "
            f"{listed(self.types.served_names(), 40)}.",
            "Remove the resource for now.",
        )


def _tags_mark(one: Written) -> Mark:
    path = one.type.schema.tags_path if one.type is not None else None
    node = one.properties
    if path is None or node is None:
        return one.home
    tags = node.get(*path.strip("/").split("/"))
    return one.home if tags is None else tags.mark


def attributes_of(one: Written, properties: Mapping[str, Value]) -> Attributes:
    """The attributes that other expressions can read before the resource exists."""
    if one.type is None:
        return Attributes(address=Address(one.key))
    return Attributes(
        address=Address(one.key),
        known={name: reveal(value) for name, value in properties.items() if is_known(value)},
        sensitive=frozenset(name for name, value in properties.items() if is_sensitive(value)),
        late=one.type.late_keys,
    )
