"""Makes of a policy that belongs to several owners one policy for each, as specs have them. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitbot.language.cloudformation.groups import free_name, with_entry
from gitbot.language.nodes import Mark, Node

_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::SNS::TopicPolicy": ("Topics",),
}


def each_alone(template: Node) -> Node:
    """The template in which a policy belongs to one owner; it is not changed itself.

    The first keeps the policy's name, ``P``; the others are ``P2``, ``P3`` and so on. What depends on the
    policy depends on all of them.
    """
    resources = template.get("Resources")
    if resources is None or not any(len(_owners(one)) > 1 for _, one in resources.items()):
        return template
    made: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    parts: dict[str, list[str]] = {}
    for name, found in resources.items():
        made[name], marks[name] = found, resources.key_mark(name)
        for number, owner in enumerate(_owners(found) if len(_owners(found)) > 1 else ()):
            key = name if not number else free_name(name, {*resources.value, *made}, number + 1)
            made[key] = _of_one(found, owner)
            marks.setdefault(key, found.mark)
            parts.setdefault(name, []).append(key)
    waiting = {name: _waiting(found, parts) for name, found in made.items()}
    return with_entry(template, "Resources", Node(waiting, resources.mark, marks))


def _owners(node: Node) -> list[tuple[str, Node]]:
    """The property and the value of every owner of a policy, where each is written out; else none."""
    kind = node.get("Type")
    names = _OWNERS.get(kind.value, ()) if kind is not None and isinstance(kind.value, str) else ()
    lists = {name: node.get("Properties", name) for name in names}
    given = {name: listed for name, listed in lists.items() if listed is not None}
    if not all(listed.is_list for listed in given.values()):
        return []
    owners = [(name, one) for name, listed in given.items() for one in listed.value]
    return [] if any(one.get("Fn::If") for _, one in owners) else owners


def _of_one(node: Node, owner: tuple[str, Node]) -> Node:
    properties = node.value["Properties"]
    for name in _OWNERS[node.value["Type"].value]:
        only = Node([owner[1]], owner[1].mark) if name == owner[0] else None
        properties = with_entry(properties, name, only)
    return with_entry(node, "Properties", properties)


def _waiting(node: Node, parts: Mapping[str, list[str]]) -> Node:
    """The resource, which waits for every part of a policy that it depends on."""
    depends = node.get("DependsOn")
    if depends is None:
        return node
    named = depends.value if depends.is_list else [depends]
    if not any(isinstance(one.value, str) and one.value in parts for one in named):
        return node
    all_of_them = [
        Node(each, one.mark, None, each)
        for one in named
        for each in (parts.get(one.value, [one.value]) if isinstance(one.value, str) else [])
    ]
    return with_entry(node, "DependsOn", Node(all_of_them, depends.mark))
