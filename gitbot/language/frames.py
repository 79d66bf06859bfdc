"""Evaluates one module where it is used; a stack is the outermost one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.language.copies import ANY_COPY, Copy, copies_of
from gitbot.language.declared import Declared
from gitbot.language.entries import read_entries
from gitbot.language.lifecycles import lifecycle_of
from gitbot.language.linking import expand, link, names_in, names_of, ordered
from gitbot.language.list_elements import check_list_elements
from gitbot.language.module_outputs import read_outputs
from gitbot.language.moves import Move, moves_of
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.properties import check_properties
from gitbot.language.schema_errors import add_schema_error
from gitbot.language.scope import PLACEHOLDER, AnyName, Attributes, Scope
from gitbot.language.self_references import own_attributes
from gitbot.language.static_types import static_type_errors
from gitbot.language.tags import merge_tags
from gitbot.language.trees import NameSpace, TreeEvaluator
from gitbot.language.twins import check_twins
from gitbot.language.types import ResourceType, Types
from gitbot.language.values_of import attribute_values, attributes_of
from gitbot.language.written import Written
from gitbot.model.desired import DesiredOutput, DesiredResource
from gitbot.model.names import Address
from gitbot.model.tags import MOST_IN_A_TAG, address_text
from gitbot.model.values import Value

Inputs = dict[str, Mapping[str, Value] | None]
Allowed = dict[str, frozenset[str] | None]
# No letter of an address takes more than twelve in a tag.
_SHORT = MOST_IN_A_TAG // 12
NO_ADDRESSES: frozenset[Address] = frozenset()
NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyValues:
    """What expressions can read of one copy, and the resources that it comes from."""

    values: Mapping[str, Value]
    sources: frozenset[Address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the modules of one stack share: what they find goes into ``desired`` and ``written``.

    ``secret`` are the nodes that hold values of sensitive variables of modules, with their files.
    ``use`` evaluates a module for a copy of an entry, whose resources depend on all of the addresses.
    """

    types: Types
    use: Callable[[Frame, Written, Copy, frozenset[Address]], CopyValues]
    tags: Mapping[str, str]
    desired: dict[Address, DesiredResource] = field(default_factory=dict)
    written: dict[Address, Written] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    secret: list[tuple[str, Node]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One module where it is used.

    ``spec`` is the ``spec`` of its document and ``fields`` what ``shape.read`` made of it.
    ``prefix`` is what its addresses begin with, ``path`` the modules that lead to it, ``after``
    what all of its resources depend on. ``behind`` has the resources from which the value of a name
    comes.
    """

    shared: Shared
    problems: Problems
    spec: Node | None
    fields: Mapping[str, Any]
    inputs: Inputs
    allowed: Allowed
    resources: dict[str, Attributes] = field(default_factory=dict)
    types: dict[str, ResourceType | None] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    prefix: str = ""
    path: tuple[str, ...] = ()
    after: frozenset[Address] = NO_ADDRESSES
    behind: dict[str, frozenset[Address]] = field(default_factory=dict)
    made: dict[str, frozenset[Address]] = field(default_factory=dict)

    def get(self, *keys: str) -> Node | None:
        """The node below ``spec``."""
        return None if self.spec is None else self.spec.get(*keys)

    def evaluator(self, copy: Copy | None = None) -> TreeEvaluator:
        """What evaluates the trees of this module; for a copy with ``each``."""
        inputs, allowed = self.inputs, self.allowed
        if copy is not None and copy.each is not None:
            inputs = {**inputs, "each": copy.each}
            allowed = {**allowed, "each": frozenset(("key", "value"))}
        return TreeEvaluator(
            scope=Scope(inputs=inputs, resources=self.resources),
            names=NameSpace(inputs=allowed, resources=self.types),
            problems=self.problems,
        )

    def sources(self, names: Iterable[str]) -> frozenset[Address]:
        """The resources from which the values of the names come."""
        return NO_ADDRESSES.union(*(self.behind[one] for one in expand(names, self.behind)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The outputs of a module where it is used, and the resources from which they come."""

    outputs: Mapping[str, DesiredOutput]
    sources: frozenset[Address]


def evaluate_frame(frame: Frame) -> Evaluated:
    """The outputs. Its resources are put into what the frames share, and problems are added."""
    place = frame.get("resources")
    entries = read_entries(
        place or Node({}, (1, 1)),
        frame.fields.get("resources") or {},
        frame.shared.types,
        frame.problems,
    )
    locals_: Mapping[str, Node] = frame.fields.get("locals") or {}
    edges = link(entries, locals_, place)
    _declare(frame, entries, locals_, place)
    homes = {key: one.home for key, one in entries.items()}
    homes |= {f"locals.{name}": node.mark for name, node in locals_.items()}
    outputs = frame.get("outputs")
    used = NO_NAMES.union(*edges.values(), names_in([outputs]))
    values: dict[str, Value] = dict.fromkeys(locals_, PLACEHOLDER)
    frame.inputs["locals"] = values
    for name in ordered(edges, homes, frame.problems):
        entry = entries.get(name)
        if entry is not None:
            _evaluate_entry(frame, entry, is_used=name in used)
        else:
            node = locals_[name.removeprefix("locals.")]
            values[name.removeprefix("locals.")] = frame.evaluator().evaluate(node)
            frame.behind[name] = frame.sources(names_in([node]))
    check_list_elements(entries, frame.problems)
    frame.shared.moves.extend(moves_of(frame.fields, frame.spec, frame.prefix, frame.problems))
    found = read_outputs(frame.fields, frame.evaluator(), frame.problems)
    return Evaluated(outputs=found, sources=frame.sources(names_in([outputs])))


def _declare(
    frame: Frame, entries: Mapping[str, Written], locals_: Mapping[str, Node], place: Node | None
) -> None:
    """Let every expression name everything, also what is wrong or not evaluated yet."""
    frame.allowed["locals"] = frozenset(locals_)
    for key, _ in place.items() if place is not None else ():
        entry = entries.get(key)
        if entry is None or entry.is_plain:
            frame.types[key] = None if entry is None else entry.type
            if entry is not None:
                address = Address(f"{frame.prefix}{key}")
                frame.resources[key] = Attributes(address=address)
        else:
            frame.inputs[key], frame.allowed[key] = AnyName(), None


def _evaluate_entry(frame: Frame, one: Written, *, is_used: bool) -> None:
    key = one.key
    after = frame.after | frame.sources(names_of(one))
    for name in (one.fields.get("lifecycle") or {}).get("dependsOn", ()):
        after |= frame.made.get(name, NO_ADDRESSES)
    if one.is_plain:
        properties = _resource(frame, one, Copy(), after)
        if is_used:
            address = frame.resources[key].address
            frame.resources[key] = attributes_of(one, address, properties)
        frame.made[key] = frame.behind[key] = frozenset((Address(f"{frame.prefix}{key}"),))
        return
    before = frozenset(frame.shared.desired)
    copies = copies_of(one, frame.evaluator())
    # Where nobody can tell the copies, one of them shows whatever else is wrong.
    tried = copies
    if tried is None:
        tried = (ANY_COPY if one.is_copied else Copy(),)
    found = [_evaluate_copy(frame, one, each, after) for each in tried]
    frame.made[key] = frozenset(frame.shared.desired) - before
    frame.behind[key] = NO_ADDRESSES.union(*(each.sources for each in found))
    if copies is not None:
        values = {each.key: made.values for each, made in zip(copies, found, strict=True)}
        whole = values if one.is_copied else values.get(None)
        frame.inputs[key] = whole  # type: ignore[assignment]  # a copied entry has no key None
        anything = whole is None or isinstance(whole, AnyName)
        frame.allowed[key] = None if anything else frozenset(map(str, whole or ()))


def _evaluate_copy(frame: Frame, one: Written, copy: Copy, after: frozenset[Address]) -> CopyValues:
    if one.module is not None:
        return frame.shared.use(frame, one, copy, after)
    properties = _resource(frame, one, copy, after)
    address = Address(f"{frame.prefix}{one.key}{copy.suffix}")
    return CopyValues(
        values=attribute_values(one, address, properties), sources=frozenset((address,))
    )


def _resource(
    frame: Frame, one: Written, copy: Copy, after: frozenset[Address]
) -> dict[str, Value]:
    """Evaluate one resource; its properties."""
    address = Address(f"{frame.prefix}{one.key}{copy.suffix}")
    _check_length(address, one)
    if one.is_plain:
        frame.resources[one.key] = own_attributes(one, address)
    node = one.properties
    evaluator = frame.evaluator(copy)
    evaluated = evaluator.evaluate(node) if node is not None and node.is_map else {}
    properties: dict[str, Value] = dict(evaluated) if isinstance(evaluated, dict) else {}
    if node is not None:
        _leave_out_nulls(properties, node)
    if one.is_plain:
        frame.resources[one.key] = Attributes(address=address)
    if one.type is not None and one.type.is_served:
        mark = _tags_mark(one)
        merge_tags(properties, one.type.schema, frame.shared.tags, mark, frame.problems)
        _check(frame, one, one.type, properties)
    frame.shared.written[address] = one
    frame.shared.desired[address] = DesiredResource(
        address=address,
        type=one.type_name,
        properties=properties,
        lifecycle=lifecycle_of(one, frame.prefix, one.problems),
        depends_on=after,
        source=one.problems.span(one.home),
    )
    return properties


def _check_length(address: Address, one: Written) -> None:
    """An address stands in a tag, whose value AWS limits to 256 characters."""
    if len(address) > _SHORT and len(address_text(address)) > MOST_IN_A_TAG:
        one.problems.add(
            "bad-name",
            one.home,
            f"The address {quoted(address)} is too long to stand in a tag.",
            "Use shorter keys, or fewer modules inside of each other.",
        )


def _leave_out_nulls(value: dict[str, Value], node: Node) -> None:
    """Take out of the map what an expression makes null: the property is then not declared."""
    for name, child in node.items():
        item = value.get(name)
        if item is None and isinstance(child.value, str):
            value.pop(name, None)
        elif isinstance(item, dict):
            _leave_out_nulls(item, child)
        elif isinstance(item, list) and child.is_list:
            for each, below in zip(item, child.value, strict=False):
                if isinstance(each, dict):
                    _leave_out_nulls(each, below)


def _check(
    frame: Frame,
    one: Written,
    type_: ResourceType,
    properties: Mapping[str, Value],
) -> None:
    declared = Declared(
        key=one.key,
        type=type_,
        node=one.properties,
        home=one.home,
        properties=properties,
        origins=frame.origins,
    )
    check_properties(declared, frame.problems)
    check_twins(declared, frame.problems)
    for error in static_type_errors(properties, type_, frame.types):
        add_schema_error(error, error.path, declared, frame.problems)


def _tags_mark(one: Written) -> Mark:
    path = one.type.schema.tags_path if one.type is not None else None
    node = one.properties
    if path is None or node is None:
        return one.home
    tags = node.get(*path.strip("/").split("/"))
    return one.home if tags is None else tags.mark
