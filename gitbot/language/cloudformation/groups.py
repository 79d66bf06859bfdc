"""Rewrites what templates say of security groups where the same in a spec would mean something else. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.language.cloudformation.writer import function_of
from gitbot.language.nodes import Mark, Node

_GROUP: Final = "AWS::EC2::SecurityGroup"
_RULE: Final = "AWS::EC2::SecurityGroupIngress"
_INSTANCE: Final = "AWS::EC2::Instance"
_LIST: Final = "SecurityGroupIngress"
_NAMES: Final = "SecurityGroups"
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


def rewritten(template: Node) -> Node:
    """The template with three things written as a spec has them; it is not changed itself.

    ``Ref`` of a group is its name where an instance wants names. Where a rule names a group of the template, it
    gets the identifier instead. And where a group has a list of rules, and rules beside it that are resources of
    their own, those of the list become resources too: CloudFormation leaves rules alone that are not in the
    list, and a list of a spec is the whole list.
    """
    resources = template.get("Resources")
    types = {} if resources is None else {name: _type(one) for name, one in resources.items()}
    groups = {name for name, type_ in types.items() if type_ == _GROUP}
    if resources is None or not groups:
        return template
    written = {name: _written(node, types[name], groups) for name, node in resources.items()}
    resources = Node(written, resources.mark, resources.key_marks)
    beside = set(_groups_of_rules(resources, types)) & groups
    made: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    for name, found in resources.items():
        parts = _apart(name, found, {*types, *made}) if name in beside else {name: found}
        made |= parts
        marks |= {
            key: resources.key_mark(name) if key == name else one.mark for key, one in parts.items()
        }
    return with_entry(template, "Resources", Node(made, resources.mark, marks))


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
    if type_ == _RULE:
        for name, identifier in _IDENTIFIERS.items():
            properties = _identified(properties, name, identifier, groups)
        return with_entry(node, "Properties", properties)
    rules = properties.get(_LIST)
    if type_ != _GROUP or rules is None:
        return node
    if rules.is_map and function_of(rules) is None:  # one rule is a list of one
        rules = Node([rules], rules.mark)
    if not rules.is_list:
        return node
    items = [_identified(one, *_SOURCE, groups) for one in rules.value]
    return with_entry(node, "Properties", with_entry(properties, _LIST, Node(items, rules.mark)))


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


def _groups_of_rules(resources: Node, types: Mapping[str, Any]) -> Iterator[str]:
    """Every word that a rule beside a list has as its group."""
    for name, node in resources.items():
        group = node.get("Properties", "GroupId")
        if types[name] == _RULE and group is not None:
            for text in group.texts():
                yield from _WORD.findall(text)


def _apart(name: str, node: Node, taken: set[str]) -> dict[str, Node]:
    """The group without its list, and each rule of the list as a resource."""
    listed = node.get("Properties", _LIST)
    rules = (
        [plain_element(one, node) for one in listed.value]
        if listed is not None and listed.is_list
        else []
    )
    kept = [one for one in rules if one is not None]
    if listed is None or not listed.is_list or len(kept) < len(rules):
        return {name: node}
    properties = node.value["Properties"]
    found = {name: with_entry(node, "Properties", with_entry(properties, _LIST, None))}
    for rule, condition in kept:
        found[free_name(f"{name}Ingress", {*taken, *found})] = _rule(name, node, rule, condition)
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


def _rule(group: str, node: Node, rule: Node, condition: Node | None) -> Node:
    """The rule as a resource, which is there when its group is."""
    properties = with_entry(rule, "GroupId", _attribute(group, "GroupId", rule.mark))
    return resource_beside(node, _RULE, properties, condition)


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
