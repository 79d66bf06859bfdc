"""Makes inline policies of a role resources of their own, where a template has others beside them. Pure.

CloudFormation leaves policies of a role alone that are not in its list, and a list of a spec is the whole list.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.language.cloudformation.groups import (
    free_name,
    plain_element,
    resource_beside,
    with_entry,
)
from gitbot.language.nodes import Mark, Node

_POLICY: Final = "AWS::IAM::Policy"
_OWNERS: Final[Mapping[str, str]] = {
    "AWS::IAM::Role": "Roles",
    "AWS::IAM::User": "Users",
    "AWS::IAM::Group": "Groups",
}
_LIST: Final = "Policies"
_PLACE: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")


def inline_apart(template: Node) -> Node:
    """The template in which such a role, user or group has no list of policies; it is not changed itself.

    The policies of the list of ``Role`` become ``RolePolicy1``, ``RolePolicy2`` and so on. Who refers to
    the role waits for them, as before.
    """
    resources = template.get("Resources")
    beside = set() if resources is None else set(_shared(resources))
    if resources is None or not beside:
        return template
    made: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    parts: dict[str, list[str]] = {}
    for name, found in resources.items():
        apart = _apart(name, found, {*resources.value, *made}) if name in beside else {name: found}
        made |= apart
        marks |= {
            key: resources.key_mark(name) if key == name else one.mark for key, one in apart.items()
        }
        if len(apart) > 1:
            parts[name] = [key for key in apart if key != name]
    own = {key for keys in parts.values() for key in keys}
    waiting = {key: one if key in own else _waiting(one, parts) for key, one in made.items()}
    return with_entry(template, "Resources", Node(waiting, resources.mark, marks))


def _shared(resources: Node) -> Iterator[str]:
    """Every role, user and group with a list that a policy of the template belongs to as well."""
    owners = {
        name
        for name, one in resources.items()
        if _type(one) in _OWNERS and one.get("Properties", _LIST) is not None
    }
    for _, node in resources.items():
        for whose in _OWNERS.values() if _type(node) == _POLICY else ():
            named = node.get("Properties", whose)
            yield from owners & set(() if named is None else _named(named))


def _type(node: Node) -> Any:
    found = node.get("Type")
    return None if found is None else found.value


def _named(node: Node) -> Iterator[str]:
    """Every resource and parameter that the value refers to."""
    for key, one in node.items():
        if key == "Ref":
            yield str(one.value)
        elif key == "Fn::GetAtt":
            first = one.value[0].value if one.is_list and one.value else one.value
            yield str(first).partition(".")[0]
        else:
            if key == "Fn::Sub":
                pattern = one.value[0] if one.is_list and one.value else one
                yield from _PLACE.findall(str(pattern.value))
            yield from _named(one)
    for one in node.value if node.is_list else ():
        yield from _named(one)


def _apart(name: str, node: Node, taken: set[str]) -> dict[str, Node]:
    """The role without its list, and each policy of the list as a resource."""
    listed = node.get("Properties", _LIST)
    whole = listed.value if listed is not None and listed.is_list else []
    elements = [plain_element(one, node) for one in whole]
    kept = [one for one in elements if one is not None]
    if not kept or len(kept) < len(elements):
        return {name: node}
    properties = node.value["Properties"]
    found = {name: with_entry(node, "Properties", with_entry(properties, _LIST, None))}
    for policy, condition in kept:
        at = policy.mark
        owner = Node([Node({"Ref": Node(name, at, None, name)}, at, {"Ref": at})], at)
        own = with_entry(policy, _OWNERS[_type(node)], owner)
        key = free_name(f"{name}Policy", {*taken, *found})
        found[key] = resource_beside(node, _POLICY, own, condition)
    return found


def _waiting(node: Node, parts: Mapping[str, list[str]]) -> Node:
    """The resource, which waits for the policies of every role that it refers to or depends on."""
    depends = node.get("DependsOn")
    named = [] if depends is None else depends.value if depends.is_list else [depends]
    asked = {one.value for one in named if isinstance(one.value, str)}
    properties = node.get("Properties")
    asked |= set() if properties is None else set(_named(properties))
    more = [key for name in sorted(parts.keys() & asked) for key in parts[name]]
    if not more:
        return node
    at = node.mark if depends is None else depends.mark
    wanted = [*named, *(Node(key, at, None, key) for key in more)]
    return with_entry(node, "DependsOn", Node(wanted, at))
