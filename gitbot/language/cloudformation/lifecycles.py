"""Writes what a template says of a resource's life as its ``lifecycle``. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.language.cloudformation.draft import Map, Template, plain_name
from gitbot.language.cloudformation.groups import EGRESS, is_closed
from gitbot.language.cloudformation.refusals import GROUP
from gitbot.language.cloudformation.writer import function_of
from gitbot.language.nodes import Node
from gitbot.language.problems import listed, quoted, suggest
from gitbot.model.schema import Snapshots


def lifecycle_of(template: Template, name: str, node: Node) -> Node:
    """The ``lifecycle`` of the resource, which has no entries where the template says nothing of it."""
    made = Map(node.mark)
    depends = node.get("DependsOn")
    if depends is not None:
        items = depends.value if depends.is_list else [depends]
        keys = [_dependency(template, one) for one in items]
        made.put("dependsOn", Node([one for one in keys if one is not None], depends.mark))
    deletion = _policy(template, name, node, "DeletionPolicy")
    replacement = _policy(template, name, node, "UpdateReplacePolicy")
    if deletion is not None:
        made.put("retain", deletion)
    snapshot = _snapshot(template, name, node)
    if snapshot is not None:
        made.put("snapshotOnDelete", snapshot)
    if replacement is not None and replacement.value and deletion and deletion.value:
        made.put("protect", replacement)
    elif replacement is not None and replacement.value:
        template.problems.add(
            "template-unsupported",
            replacement,
            f"{name} keeps its object when it is replaced, and not when it is deleted; gitbot can only "
            "refuse to replace what is kept in both cases.",
            "Write DeletionPolicy: Retain as well, or remove UpdateReplacePolicy.",
        )
    if template.names.resources[name].type_name == REPOSITORY and empties(node):
        made.put("emptyOnDelete", Node(True, node.mark))
    if is_closed(node):
        made.put("ignoreChanges", Node([Node(EGRESS, node.mark, None, EGRESS)], node.mark))
    sizes = _scaled_by_others(template, name, node)
    if sizes is not None:
        made.put("ignoreDrift", sizes)
    return made.node()


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
REPOSITORY: Final = "AWS::ECR::Repository"
EMPTIES: Final = "EmptyOnDelete"


def empties(node: Node) -> bool | None:
    """Whether the images of a repository go with it; None where the template does not say it in plain words."""
    given = node.get("Properties", EMPTIES)
    return None if given is None else _SWITCHES.get(str(given.value).lower())


_SWITCHES: Final = {"true": True, "false": False}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
_SCALED: Final = "AutoScalingScheduledAction"
_UPDATES: Final = (_SCALED, "AutoScalingReplacingUpdate", "AutoScalingRollingUpdate")
_SIZES: Final = ("/MinSize", "/MaxSize", "/DesiredCapacity")


def _scaled_by_others(template: Template, name: str, node: Node) -> Node | None:
    """The sizes of a group that stay as others make them until the template changes them.

    Policies of replacing and rolling updates say nothing here: a plan tells at each such change that machines
    which run stay as they are.
    """
    policy = node.get("UpdatePolicy")
    if policy is None or template.names.resources[name].type_name != GROUP:
        return None
    for key, _ in policy.items():
        if key not in _UPDATES:
            template.problems.add(
                "template-unsupported",
                policy.key_mark(key),
                f"UpdatePolicy of {name} has {quoted(key)}, which says nothing of a group that gitbot knows.",
                f"Remove it. What it may say: {listed(_UPDATES, 20)}.",
            )
    left = node.get("UpdatePolicy", _SCALED, "IgnoreUnmodifiedGroupSizeProperties")
    if left is None or left.value not in (True, "true", "True"):
        return None
    return Node([Node(size, left.mark, None, size) for size in _SIZES], left.mark)


def _dependency(template: Template, node: Node) -> Node | None:
    name = plain_name(template, "DependsOn", node)
    one = template.names.resources.get(name)
    if one is not None:
        return Node(one.key, node.mark, None, one.key)
    if name and name not in template.names.refused and not template.names.loops:
        template.problems.add(
            "unknown-dependency",
            node,
            f"The template has no resource {quoted(name)}.",
            suggest(name, template.names.resources, "Remove it."),
        )
    return None


def _kept(template: Template, name: str) -> Snapshots:
    type_ = template.names.resources[name].type
    return Snapshots.NEVER if type_ is None else type_.schema.snapshots


def _snapshot(template: Template, name: str, node: Node) -> Node | None:
    """Whether what the object holds is kept in a snapshot; None where the policies do not say."""
    kept, fields = _kept(template, name), ("DeletionPolicy", "UpdateReplacePolicy")
    policies = [one for field in fields if (one := node.get(field)) is not None]
    if kept is Snapshots.NEVER:
        return None
    asked = next((one for one in policies if one.value == "Snapshot"), None)
    if asked is not None:
        return Node(True, asked.mark)
    deletion = node.get("DeletionPolicy")
    if kept is not Snapshots.UNASKED or deletion is None or deletion.value != "Delete":
        return None
    return Node(False, deletion.mark)


def _policy(template: Template, name: str, node: Node, field: str) -> Node | None:
    """Whether the object is kept, as the policy says."""
    given = node.get(field)
    if given is None:
        return None
    if given.value in ("Delete", "Retain", "RetainExceptOnCreate"):
        return Node(given.value != "Delete", given.mark)
    one = template.names.resources[name]
    code, why = "bad-template", f"{field} of {name} is {quoted(given.value)}"
    if function_of(given) is not None:
        code, why = (
            "template-unsupported",
            f"{field} of {name} is a function, and gitbot knows no values yet when it reads it",
        )
    elif given.value == "Snapshot":
        if one.type is None or not one.type.is_served:
            return None  # that this version does not manage the type says it all
        if _kept(template, name) is not Snapshots.NEVER:
            return Node(False, given.mark)  # see ``_snapshot``
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        why = f"{why}, but an {one.type_name} has no snapshots; CloudFormation refuses it too"
    template.problems.add(code, given, f"{why}.", "Write Retain or Delete.")
    return None
