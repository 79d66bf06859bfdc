"""Makes elements of lists resources of their own, where a template has others beside them. Pure.

They are the inline policies of a role, a user or a group, and the subscriptions of a topic. CloudFormation leaves
others alone that are not in the list, and a list of a spec is the whole list.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.cloudformation.groups import (
    free_name,
    plain_element,
    resource_beside,
    with_entry,
)
from gitbot.language.nodes import Mark, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A list of a type. Its elements are resources of the type ``element``, which say whose they are at ``whose``:
    one owner, or a list with one."""

    property: str
    element: str
    whose: str
    listed: bool


def _policies(whose: str) -> _List:
    return _List(property="Policies", element="AWS::IAM::Policy", whose=whose, listed=True)


_LISTS: Final[Mapping[str, _List]] = {
    "AWS::IAM::Group": _policies("Groups"),
    "AWS::IAM::Role": _policies("Roles"),
    "AWS::IAM::User": _policies("Users"),
    "AWS::SNS::Topic": _List(
        property="Subscription", element="AWS::SNS::Subscription", whose="TopicArn", listed=False
    ),
}
_PLACE: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")


def lists_apart(template: Node) -> Node:
    """The template in which such a role, user, group or topic has no list; it is not changed itself.

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
    """Every owner of a list to which a resource of the template belongs as well."""
    owners: dict[str, _List] = {}
    for name, one in resources.items():
        own = _LISTS.get(_type(one))
        if own is not None and one.get("Properties", own.property) is not None:
            owners[name] = own
    for _, node in resources.items():
        for name, own in owners.items():
            named = node.get("Properties", own.whose) if _type(node) == own.element else None
            if named is not None and name in _named(named):
                yield name


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
    """The owner without its list, and each element of the list as a resource."""
    own = _LISTS[_type(node)]
    listed = node.get("Properties", own.property)
    whole = listed.value if listed is not None and listed.is_list else []
    elements = [plain_element(one, node) for one in whole]
    kept = [one for one in elements if one is not None]
    if not kept or len(kept) < len(elements):
        return {name: node}
    properties = node.value["Properties"]
    found = {name: with_entry(node, "Properties", with_entry(properties, own.property, None))}
    for element, condition in kept:
        at = element.mark
        owner = Node({"Ref": Node(name, at, None, name)}, at, {"Ref": at})
        properties = with_entry(element, own.whose, Node([owner], at) if own.listed else owner)
        key = free_name(f"{name}{own.element.rpartition(':')[2]}", {*taken, *found})
        found[key] = resource_beside(node, own.element, properties, condition)
    return found


def _waiting(node: Node, parts: Mapping[str, list[str]]) -> Node:
    """The resource, which waits for the elements of every owner that it refers to or depends on."""
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
