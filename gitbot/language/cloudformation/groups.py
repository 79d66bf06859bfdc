"""Rewrites what templates say of security groups where the same in a spec would mean something else. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.cloudformation.writer import function_of
from gitbot.language.nodes import Mark, Node


@dataclass(frozen=True, slots=True)
class _Direction:
    """Rules of one direction: the list of a group with them, and what a resource is named after it."""

    list: str
    suffix: str

    @property
    def rule(self) -> str:
        return f"AWS::EC2::{self.list}"


_INGRESS: Final = _Direction("SecurityGroupIngress", "Ingress")
_EGRESS: Final = _Direction("SecurityGroupEgress", "Egress")
EGRESS: Final = f"/{_EGRESS.list}"
_GROUP: Final = "AWS::EC2::SecurityGroup"
_INSTANCE: Final = "AWS::EC2::Instance"
_NAMES: Final = "SecurityGroups"
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


def rewritten(template: Node) -> Node:
    """The template with four things written as a spec has them; it is not changed itself.

    ``Ref`` of a group is its name where an instance wants names. Where a rule names a group of the template, it
    gets the identifier instead. Where a group has a list of rules, and rules beside it that are resources of
    their own, those of the list become resources too: CloudFormation leaves rules alone that are not in the
    list, and a list of a spec is the whole list. And a group with egress rules, in a list or beside it, is made
    without the one that EC2 gives every new group; an empty list takes nothing from it.
    """
    resources = template.get("Resources")
    types = {} if resources is None else {name: _type(one) for name, one in resources.items()}
    groups = {name for name, type_ in types.items() if type_ == _GROUP}
    if resources is None or not groups:
        return template
    written = {name: _written(node, types[name], groups) for name, node in resources.items()}
    resources = Node(written, resources.mark, resources.key_marks)
    for direction in (_INGRESS, _EGRESS):
        resources = _with_rules_apart(resources, direction, groups)
    return with_entry(template, "Resources", resources)


def is_closed(node: Node) -> bool:
    """Whether the group is made without egress rules, which are resources of their own."""
    listed = node.get("Properties", _EGRESS.list)
    return _type(node) == _GROUP and listed is not None and listed.is_list and not listed.value


def _with_rules_apart(resources: Node, direction: _Direction, groups: set[str]) -> Node:
    beside = set(_groups_of_rules(resources, direction)) & groups
    made: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    for name, found in resources.items():
        taken = {*resources.value, *made}
        parts = _apart(name, found, taken, direction) if name in beside else {name: found}
        made |= parts
        marks |= {
            key: resources.key_mark(name) if key == name else one.mark for key, one in parts.items()
        }
    return Node(made, resources.mark, marks)


def _type(node: Node) -> Any:
    found = node.get("Type")
    return None if found is None else found.value


def _written(node: Node, type_: Any, groups: set[str]) -> Node:
    """The resource with its groups by name or by identifier, as a spec wants them."""
    properties = node.get("Properties")
    if properties is None or not properties.is_map:
        return node
    if type_ == _INSTANCE:
        return _by_names(node, groups)
    if type_ == _INGRESS.rule:
        for name, identifier in _IDENTIFIERS.items():
            properties = _identified(properties, name, identifier, groups)
        return with_entry(node, "Properties", properties)
    if type_ != _GROUP:
        return node
    for direction in (_INGRESS, _EGRESS):
        rules = properties.get(direction.list)
        if rules is not None and rules.is_map and function_of(rules) is None:
            rules = Node([rules], rules.mark)  # one rule is a list of one
        if rules is not None and rules.is_list:
            items = [_identified(one, *_SOURCE, groups) for one in rules.value]
            whole = Node(items, rules.mark) if items or direction is _INGRESS else None
            properties = with_entry(properties, direction.list, whole)
    return with_entry(node, "Properties", properties)


_SOURCE: Final = ("SourceSecurityGroupName", "SourceSecurityGroupId")
_IDENTIFIERS: Final = {_SOURCE[0]: _SOURCE[1], "GroupName": "GroupId"}


def _identified(rule: Node, name: str, identifier: str, groups: set[str]) -> Node:
    """The rule with the identifier of a group of the template instead of its name."""
    group = _referred(rule.get(name), groups)
    if group is None or identifier in rule.value:
        return rule
    return with_entry(
        with_entry(rule, name, None), identifier, _attribute(group, "GroupId", rule.mark)
    )


def _groups_of_rules(resources: Node, direction: _Direction) -> Iterator[str]:
    """Every word that a rule beside a list has as its group; rules that may not be there count for no egress."""
    for _, node in resources.items():
        group = node.get("Properties", "GroupId")
        doubtful = direction is _EGRESS and node.get("Condition") is not None
        if _type(node) == direction.rule and group is not None and not doubtful:
            for text in group.texts():
                yield from _WORD.findall(text)


def _apart(name: str, node: Node, taken: set[str], direction: _Direction) -> dict[str, Node]:
    """The group without its list, and each rule of the list as a resource."""
    properties = node.get("Properties") or Node({}, node.mark)
    listed = properties.get(direction.list)
    if listed is not None and not listed.is_list:
        return {name: node}
    rules = [] if listed is None else [plain_element(one, node) for one in listed.value]
    kept = [one for one in rules if one is not None]
    if len(kept) < len(rules) or (listed is None and direction is _INGRESS):
        return {name: node}
    without = Node([], node.mark) if direction is _EGRESS else None
    bare = with_entry(properties, direction.list, without)
    found = {name: with_entry(node, "Properties", bare)}
    for rule, condition in kept:
        key = free_name(f"{name}{direction.suffix}", {*taken, *found})
        whole = with_entry(rule, "GroupId", _attribute(name, "GroupId", rule.mark))
        found[key] = resource_beside(node, direction.rule, whole, condition)
    return found


def plain_element(element: Node, node: Node) -> tuple[Node, Node | None] | None:
    """The element of a list of the resource, and the condition under which it is there; None where it
    cannot be a resource."""
    condition = node.get("Condition")
    choice = element.get("Fn::If")
    if choice is not None and choice.is_list and len(choice.value) == 3 and condition is None:
        condition, element, other = choice.value
        nothing = other.get("Ref")
        if nothing is None or nothing.value != "AWS::NoValue":
            return None
    is_plain = element.is_map and "Fn::If" not in element.value and "Ref" not in element.value
    return (element, condition) if is_plain else None


def resource_beside(node: Node, type_: str, properties: Node, condition: Node | None) -> Node:
    """The resource that an element of a list of ``node`` becomes; it is kept as that one is."""
    at = properties.mark
    own = {key: node.value[key] for key in _SHARED if key in node.value}
    own |= {} if condition is None else {"Condition": condition}
    entries = {"Type": Node(type_, at, None, type_), **own, "Properties": properties}
    return Node(entries, at, dict.fromkeys(entries, at))


_SHARED: Final = ("DeletionPolicy", "UpdateReplacePolicy")


def free_name(stem: str, taken: set[str], number: int = 1) -> str:
    """The stem with the first number, from this one on, that makes a name which is not taken."""
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def _by_names(node: Node, groups: set[str]) -> Node:
    """The instance, with the names of the groups that it takes by name."""
    names = node.get("Properties", _NAMES)
    if names is None or not names.is_list:
        return node
    found = Node([_name(one, groups) for one in names.value], names.mark)
    return with_entry(node, "Properties", with_entry(node.value["Properties"], _NAMES, found))


def _name(node: Node, groups: set[str]) -> Node:
    group = _referred(node, groups)
    return node if group is None else _attribute(group, "GroupName", node.mark)


def _referred(node: Node | None, groups: set[str]) -> str | None:
    """The group that the value is a ``Ref`` of."""
    group = None if node is None else node.get("Ref")
    if group is None or not isinstance(group.value, str) or group.value not in groups:
        return None
    return group.value


def _attribute(group: str, attribute: str, at: Mark) -> Node:
    text = f"{group}.{attribute}"
    return Node({"Fn::GetAtt": Node(text, at, None, text)}, at, {"Fn::GetAtt": at})


def with_entry(node: Node, key: str, value: Node | None) -> Node:
    """The map with another value at the key; without the key for None."""
    entries = {name: one for name, one in node.value.items() if name != key}
    marks = dict(node.key_marks or {})
    if value is not None:
        entries = {**node.value, key: value}
        marks.setdefault(key, value.mark)
    return Node(entries, node.mark, marks)
