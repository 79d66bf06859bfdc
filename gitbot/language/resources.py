"""The resources of one stack: their dependencies, evaluated properties and lifecycles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitbot.language.declared import Declared
from gitbot.language.evaluate import Attributes
from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.nodes import Mark, Node
from gitbot.language.parts import check_parts
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.properties import check_properties
from gitbot.language.tags import merge_tags
from gitbot.language.trees import TreeEvaluator, roots_in
from gitbot.language.types import ResourceType, Types
from gitbot.model.desired import DesiredResource, Lifecycle
from gitbot.model.graph import cycles, order
from gitbot.model.names import Address
from gitbot.model.schema import ReplaceOrder
from gitbot.model.values import Value, is_known, is_sensitive, reveal


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One resource as written. ``type`` None: not known."""

    key: str
    node: Node
    home: Mark
    fields: Mapping[str, Any]
    type_name: str
    type: ResourceType | None
    depends_on: frozenset[str] = frozenset()

    @property
    def properties(self) -> Node | None:
        """The properties' node."""
        return self.node.get("properties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Reads and evaluates the resources of one stack, one method per step."""

    node: Node
    types: Types
    inherited_tags: Mapping[str, str]
    problems: Problems
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    desired: dict[Address, DesiredResource] = field(default_factory=dict)

    def read(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the resources apart; ``fields`` is what ``shape.read`` gave."""
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
        """Find every resource's dependencies; the keys in an order that respects them.

        Circles are added as problems; the order then is as good as it gets.
        """
        for key, one in self.written.items():
            used = roots_in(one.properties) if one.properties is not None else frozenset()
            named = self._depends_on(one)
            self.written[key] = replace(one, depends_on=(used & self.written.keys()) | named)
        edges = {key: one.depends_on for key, one in self.written.items()}
        for cycle in cycles(edges):
            self.problems.add(
                "cycle",
                self.written[cycle[0]].home,
                f"{' → '.join(cycle)}: each needs the next one first.",
                "Remove one of these references, or write what it gives as a value of its own.",
            )
        return order(edges)

    def evaluate(self, keys: Iterable[str], evaluator: TreeEvaluator, used: frozenset[str]) -> None:
        """Evaluate the resources in this order.

        The attributes of those in ``used`` are put into the evaluator's scope as they become
        known; a resource that is not evaluated yet has only unknown ones.
        """
        attributes = evaluator.scope.resources
        assert isinstance(attributes, dict)
        for key in self.written:
            attributes[key] = Attributes(address=Address(key))
        for key in keys:
            one = self.written[key]
            properties = self._properties(one, evaluator)
            if key in used:
                attributes[key] = attributes_of(one, properties)
            self.desired[Address(key)] = DesiredResource(
                address=Address(key),
                type=one.type_name,
                properties=properties,
                lifecycle=self._lifecycle(one),
                depends_on=frozenset(Address(name) for name in one.depends_on),
                source=self.problems.span(one.home),
            )
        self._check_moves()
        check_parts(self.written, self.problems)

    def _properties(self, one: Written, evaluator: TreeEvaluator) -> dict[str, Value]:
        node = one.properties
        evaluated = evaluator.evaluate(node) if node is not None and node.is_map else {}
        properties: dict[str, Value] = dict(evaluated) if isinstance(evaluated, dict) else {}
        if one.type is None or not one.type.is_served:
            return properties  # said once, of the type
        mark = _tags_mark(one)
        merge_tags(properties, one.type.schema, self.inherited_tags, mark, self.problems)
        check_properties(
            Declared(
                key=one.key,
                type=one.type,
                node=node,
                home=one.home,
                properties=properties,
                origins=self.origins,
            ),
            self.problems,
        )
        return properties

    def _depends_on(self, one: Written) -> frozenset[str]:
        names = (one.fields.get("lifecycle") or {}).get("dependsOn", ())
        for name in names:
            if name not in self.written and name not in self.node.value:
                self.problems.add(
                    "unknown-dependency",
                    one.node.get("lifecycle", "dependsOn"),
                    f"{one.key} depends on {quoted(name)}, which is no resource of this stack.",
                    suggest(name, self.written, "Remove it."),
                )
        return frozenset(names) & self.written.keys()

    def _lifecycle(self, one: Written) -> Lifecycle:
        given: Mapping[str, Any] = one.fields.get("lifecycle") or {}
        if not given:
            return _NO_LIFECYCLE
        ignored = given.get("ignoreChanges", ())
        self._check_ignored(one, ignored)
        order_ = given.get("replace")
        moved = given.get("moved")
        return Lifecycle(
            protect=given.get("protect", False),
            ignore_changes=ignored,
            replace=None if order_ is None else ReplaceOrder(order_),
            retain=given.get("retain", False),
            empty_on_delete=given.get("emptyOnDelete", False),
            moved=None if moved is None else Address(moved),
            import_id=given.get("import"),
        )

    def _check_ignored(self, one: Written, pointers: Iterable[str]) -> None:
        if one.type is None:
            return
        for pointer in pointers:
            name = pointer.strip("/").split("/")[0]
            if name not in one.type.names:
                self.problems.add(
                    "unknown-property",
                    one.node.get("lifecycle", "ignoreChanges"),
                    f"{pointer} is ignored, but {one.type_name} has no property {quoted(name)}.",
                    suggest(name, one.type.names, "Remove it."),
                )

    def _check_moves(self) -> None:
        """Refuse a former address that two resources claim, or that is still declared."""
        taken: dict[Address, str] = {}
        for address, one in self.desired.items():
            moved = one.lifecycle.moved
            if moved is None:
                continue
            place = self.written[address].node.get("lifecycle", "moved")
            if moved in self.desired:
                self.problems.add(
                    "duplicate-move",
                    place,
                    f"{address} was moved from {moved}, but {moved} is still declared.",
                    "Remove moved, or the resource under its former key.",
                )
            elif moved in taken:
                self.problems.add(
                    "duplicate-move",
                    place,
                    f"Both {taken[moved]} and {address} were moved from {moved}.",
                    "Remove moved from one of them.",
                )
            taken[moved] = address

    def _is_key_allowed(self, key: str) -> bool:
        allowed = key not in SCOPE_ROOTS and key not in CEL_WORDS
        if not allowed:
            self.problems.add(
                "bad-name",
                self.node.key_mark(key),
                f"{quoted(key)} cannot name a resource, because expressions use the word "
                "themselves.",
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


_NO_LIFECYCLE = Lifecycle()


def _tags_mark(one: Written) -> Mark:
    path = one.type.schema.tags_path if one.type is not None else None
    node = one.properties
    if path is None or node is None:
        return one.home
    tags = node.get(*path.strip("/").split("/"))
    return one.home if tags is None else tags.mark


def attributes_of(one: Written, properties: Mapping[str, Value]) -> Attributes:
    """What other expressions may read of the resource before it exists."""
    if one.type is None:
        return Attributes(address=Address(one.key))
    late: set[str] = set()
    for below in one.type.late.values():
        late |= below
    return Attributes(
        address=Address(one.key),
        known={name: reveal(value) for name, value in properties.items() if is_known(value)},
        sensitive=frozenset(name for name, value in properties.items() if is_sensitive(value)),
        late=frozenset(late),
    )
