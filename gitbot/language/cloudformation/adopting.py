"""Says with which values and identifiers a running stack's objects become those of a spec. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.cloudformation.secret_parameters import secret_parameters
from gitbot.language.nodes import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """A stack of CloudFormation that runs.

    ``template`` is its text, ``parameters`` are the values by name. ``objects`` maps the names of its
    resources to the identifiers that CloudFormation has of their objects.
    """

    name: str
    template: str = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    objects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What a spec needs beside the template. Keys are names of the template.

    ``unnamed`` are resources whose identifiers nobody can tell.
    """

    values: Mapping[str, Any]
    imports: Mapping[str, str]
    unnamed: tuple[str, ...]


def adopted(running: RunningStack, template: Node, rewritten: Node) -> Adopted:
    """The values and identifiers of the running stack, whose template this is.

    ``rewritten`` is the template with rules of groups and policies of roles as resources that
    CloudFormation does not know. Values that are or may be secret are left out.
    """
    hidden = secret_parameters(template, running.parameters)
    declared = template.get("Parameters")
    values = {
        name: _typed(running.parameters[name], node.get("Type"))
        for name, node in (declared.items() if declared is not None else ())
        if name in running.parameters and name not in hidden
    }
    imports: dict[str, str] = {}
    unnamed: list[str] = []
    resources = template.get("Resources")
    for name, node in resources.items() if resources is not None else ():
        if name in running.objects:
            identifier = _identifier(name, node, running)
            if identifier is None:
                unnamed.append(name)
            else:
                imports[name] = identifier
    more = rewritten.get("Resources")
    for name, node in more.items() if more is not None else ():
        known = resources is not None and resources.get(name) is not None
        if not known and _owner(node) in running.objects:
            unnamed.append(name)
    return Adopted(values=values, imports=imports, unnamed=tuple(unnamed))


def _owner(node: Node) -> str:
    """The group of a rule, or whose a policy is; empty where it is no reference."""
    group = node.get("Properties", "GroupId", "Fn::GetAtt")
    if group is not None:
        return str(group.value).partition(".")[0]
    for whose in ("Roles", "Users", "Groups"):
        listed = node.get("Properties", whose)
        first = listed.value[0].get("Ref") if listed is not None and listed.is_list else None
        if first is not None:
            return str(first.value)
    return ""


def _typed(text: str, type_: Node | None) -> Any:
    kind = type_.value if type_ is not None and isinstance(type_.value, str) else ""
    if kind == "Number":
        return _number(text)
    if kind in ("CommaDelimitedList", "List<Number>") or kind.startswith("List<"):
        items = [one.strip() for one in text.split(",")]
        return [_number(one) for one in items] if kind == "List<Number>" else items
    return text


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


# What names the object where CloudFormation has another identifier of it than gitbot: the first
# part is written out, the others are properties.
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::EC2::Route": ("", "RouteTableId", "DestinationCidrBlock"),
    "AWS::EC2::VPCGatewayAttachment": ("IGW", "VpcId"),
    "AWS::S3::BucketPolicy": ("", "Bucket"),
}


def _identifier(name: str, node: Node, running: RunningStack) -> str | None:
    type_ = node.get("Type")
    parts = _PARTS.get(type_.value if type_ is not None else "")
    if parts is None:
        return running.objects[name]
    first, *properties = parts
    if node.get("Properties", "VpnGatewayId") is not None:
        first = "VGW"
    found = [_resolved(node.get("Properties", one), running) for one in properties]
    if any(one is None for one in found):
        return running.objects[name] if "|" in running.objects[name] else None
    return "|".join(([first] if first else []) + [str(one) for one in found])


def _resolved(node: Node | None, running: RunningStack) -> str | None:
    """The text that the value has in the running stack, where that is easy to tell."""
    if node is None:
        return None
    name = node.get("Ref")
    if name is not None:
        key = str(name.value)
        return running.objects.get(key) or running.parameters.get(key)
    return node.value if isinstance(node.value, str) else None
