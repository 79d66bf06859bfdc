"""Evaluates one resource, and checks it against the schema of its type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitbot.language.choices import settled
from gitbot.language.conditions import with_expressions
from gitbot.language.copies import Copy
from gitbot.language.declared import Declared
from gitbot.language.frame import Frame
from gitbot.language.lifecycles import lifecycle_of
from gitbot.language.network_bits import check_network_bits, may_be_shifted
from gitbot.language.nodes import NOT_LITERAL, Mark, Node
from gitbot.language.own_hours import own_hours
from gitbot.language.placements import placement_of
from gitbot.language.plain_secrets import check_plain_secrets, is_doubtful, texts_in
from gitbot.language.problems import quoted
from gitbot.language.properties import check_properties
from gitbot.language.schema_errors import add_schema_error
from gitbot.language.scope import Attributes
from gitbot.language.self_references import own_attributes
from gitbot.language.static_types import static_type_errors
from gitbot.language.tags import merge_tags, steps_of
from gitbot.language.trees import TreeEvaluator
from gitbot.language.twins import check_twins
from gitbot.language.types import ResourceType
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource, Lifecycle
from gitbot.model.names import Address
from gitbot.model.placement import PLACEMENT
from gitbot.model.tags import MOST_IN_A_TAG, address_text
from gitbot.model.values import Value

# No letter of an address takes more than twelve in a tag.
_SHORT: Final = MOST_IN_A_TAG // 12


def evaluate_resource(
    frame: Frame, one: Written, copy: Copy, after: frozenset[Address]
) -> dict[str, Value]:
    """Evaluate one resource, and put it into what the frames share; its properties."""
    address = Address(f"{frame.prefix}{one.key}{copy.suffix}")
    _check_length(address, one)
    evaluator = frame.evaluator(copy)
    if frame.is_template:
        one = settled(one, evaluator)
    properties = _properties(frame, one, address, evaluator)
    declared = None
    if one.type is not None and one.type.is_served:
        mark = _tags_mark(one)
        merge_tags(properties, one.type.schema, frame.shared.tags, mark, frame.problems)
        declared = _declared(frame, one, one.type, properties)
        _check(frame, declared)
    if (choices := placement_of(one, evaluator)) is not None:
        properties[PLACEMENT] = dict(choices)
    lifecycle = lifecycle_of(one, frame, evaluator, properties)
    if declared is not None:
        _check_texts(frame, declared, lifecycle)
    frame.shared.written[address] = one
    frame.shared.desired[address] = DesiredResource(
        address=address,
        type=one.type_name,
        properties=properties,
        lifecycle=with_expressions(lifecycle, frame, one, copy, address, properties),
        depends_on=after,
        source=one.problems.span(one.home),
        used_at=one.problems.used_at,
        machine=own_hours(one, evaluator),
    )
    return properties


def _properties(
    frame: Frame, one: Written, address: Address, evaluator: TreeEvaluator
) -> dict[str, Value]:
    """The properties as the spec gives them, evaluated."""
    node = one.properties
    if node is None or not node.is_map:
        return {}
    if node.literal is not NOT_LITERAL:
        return dict(node.literal)
    if one.is_plain:
        frame.resources[one.key] = own_attributes(one, address)
    evaluated = evaluator.evaluate(node)
    properties: dict[str, Value] = dict(evaluated) if isinstance(evaluated, dict) else {}
    _leave_out_nulls(properties, node)
    if one.is_plain:
        frame.resources[one.key] = Attributes(address=address)
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
    if node.literal is not NOT_LITERAL:
        return
    for name, child in node.items():
        item = value.get(name)
        if item is None and isinstance(child.value, str):
            value.pop(name, None)
        elif isinstance(child.value, str) and isinstance(item, (dict, list)):
            value[name] = _without_nulls(item)
        elif isinstance(item, dict):
            _leave_out_nulls(item, child)
        elif isinstance(item, list) and child.is_list:
            for each, below in zip(item, child.value, strict=False):
                if isinstance(each, dict):
                    _leave_out_nulls(each, below)


def _without_nulls(value: Value) -> Value:
    """What an expression gave, without the keys of maps in it whose values are null."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return list(map(_without_nulls, value)) if isinstance(value, list) else value


def _check(frame: Frame, declared: Declared) -> None:
    check_properties(declared, frame.problems)
    check_twins(declared, frame.problems)
    for error in static_type_errors(declared.properties, declared.type, frame.types):
        add_schema_error(error, error.path, declared, frame.problems)


def _check_texts(frame: Frame, declared: Declared, lifecycle: Lifecycle) -> None:
    """Add what is wrong with texts that fit the type all the same."""
    texts = texts_in(declared.properties, _is_worth_a_look)
    as_it_is = frame.is_template
    check_plain_secrets(declared, texts, lifecycle, frame.problems, as_it_is=as_it_is)
    check_network_bits(declared, texts, frame.problems)


def _is_worth_a_look(name: str, own: str, text: str) -> bool:
    return is_doubtful(name, own, text) or may_be_shifted(own, text)


def _declared(
    frame: Frame, one: Written, type_: ResourceType, properties: Mapping[str, Value]
) -> Declared:
    return Declared(
        key=one.key,
        type=type_,
        node=one.properties,
        home=one.home,
        properties=properties,
        origins=frame.origins,
        is_literal=one.is_literal,
    )


def _tags_mark(one: Written) -> Mark:
    path = one.type.schema.tags_path if one.type is not None else None
    node = one.properties
    if path is None or node is None:
        return one.home
    tags = node.get(*steps_of(path))
    return one.home if tags is None else tags.mark
