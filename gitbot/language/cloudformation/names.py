"""The names that a template declares, and what a reference to each becomes in a module. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.cloudformation.identifiers import REFERRED
from gitbot.language.fields import CEL_WORDS
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.types import ResourceType

PARTITION: Final = "aws_partition"
STACK: Final = "aws_stack_name"
SUFFIX: Final = "aws_url_suffix"
STACK_ID: Final = "aws_stack_id"
_PARTITION_OF_REGION: Final = (
    '${env.region.startsWith("cn-") ? "aws-cn" : env.region.startsWith("us-gov-") ? '
    '"aws-us-gov" : "aws"}'
)
_LOCALS: Final[Mapping[str, str]] = {
    PARTITION: _PARTITION_OF_REGION,
    # It names no stack of CloudFormation. Templates make names unique with parts of it, and tag objects with it.
    STACK_ID: f"arn:{_PARTITION_OF_REGION}:cloudformation:${{env.region}}:${{env.account}}:stack/${{stack.name}}/"
    '${uuid(env.account + "/" + env.region + "/" + env.name + "/" + stack.name)}',
    SUFFIX: '${env.region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}',
}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
_PSEUDO: Final[Mapping[str, str]] = {
    "AWS::AccountId": "env.account",
    "AWS::Partition": f"locals.{PARTITION}",
    "AWS::Region": "env.region",
    "AWS::StackId": f"locals.{STACK_ID}",
    "AWS::StackName": "stack.name",
    "AWS::URLSuffix": f"locals.{SUFFIX}",
}
_ATTRIBUTE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What references need to know of a resource. ``key`` is its name in the module."""

    key: str
    type_name: str
    type: ResourceType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a reference becomes: CEL text, and whether it gives a ``string``, ``number`` or ``list``.

    Of a ``kind`` that is empty nobody can tell. ``key`` is the name of a parameter in the module.
    """

    cel: str
    kind: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A mapping: its name in the module, and of which kinds the values of each second key are."""

    local: str
    kinds: frozenset[tuple[str, str]]

    def kind_of(self, key: str | None) -> str:
        """The kind of all values of the key, of any for None; empty where they differ."""
        found = {kind for name, kind in self.kinds if key is None or name == key}
        return found.pop() if len(found) == 1 else ""


def node_of(value: Any, mark: Mark) -> Node:
    """The value as a node at this position."""
    if isinstance(value, Mapping):
        entries = {key: node_of(one, mark) for key, one in value.items()}
        return Node(entries, mark, dict.fromkeys(entries, mark))
    return Node(value, mark, None, str(value))


@dataclass(slots=True, kw_only=True)
class Names:
    """The names of one template. Maps lead from its names to those of the module.

    ``parameters`` has the kinds of the values too. ``refused`` are names whose declarations gitbot
    does not take: their references are no problems of their own. ``used`` are the local values that
    pseudo parameters need. With ``loops`` the template makes names that nobody knows here. ``lookups`` has what parameters of SSM ask, ``looked_up`` the lookups that are
    used, each with its key. ``stack_name`` is ``AWS::StackName``; None: the name of gitbot's stack.
    """

    problems: Problems
    parameters: dict[str, Reference] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    mappings: dict[str, Mapped] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    loops: bool = False
    stack_name: str | None = None
    lookups: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked_up: dict[str, Node] = field(default_factory=dict)

    def locals_(self) -> dict[str, str]:
        """The local values of the pseudo parameters that are used."""
        known = {**_LOCALS, STACK: self.stack_name or ""}
        return {name: known[name] for name in sorted(self.used)}

    def ref(self, name: str, node: Node) -> Reference | None:
        """What ``Ref`` gives; None, with a problem added, for a name that is none."""
        if name in self.parameters:
            if name in self.lookups:
                self.look_up(self.parameters[name].key, self.lookups[name], node)
            return self.parameters[name]
        if name in self.resources:
            return self._identifier(self.resources[name])
        if name in self.refused or (self.loops and not name.startswith("AWS::")):
            return None
        if name.startswith("AWS::"):
            return self._pseudo(name, node)
        known = [*self.parameters, *self.resources, *_PSEUDO]
        self.problems.add(
            "unknown-name",
            node,
            f"The template has no parameter and no resource {quoted(name)}.",
            suggest(
                name, known, "Correct the name; in Fn::Sub, write ${!name} for a literal ${name}."
            ),
        )
        return None

    def look_up(self, key: str, asked: Mapping[str, Any], node: Node) -> None:
        """Let the module have this lookup."""
        self.looked_up.setdefault(key, node_of(asked, node.mark))

    def _pseudo(self, name: str, node: Node) -> Reference | None:
        named = self.stack_name is not None and name == "AWS::StackName"
        cel = f"locals.{STACK}" if named else _PSEUDO.get(name)
        if cel is not None:
            root, _, inside = cel.partition(".")
            self.used |= {inside} if root == "locals" else set()
            return Reference(cel=cel, kind="string")
        why, fix = {
            "AWS::NotificationARNs": ("gitbot sends no notifications to SNS", "Remove it."),
        }.get(name, ("CloudFormation has no such pseudo parameter", "Correct the name."))
        self.problems.add("template-unsupported", node, f"{name}: {why}.", fix)
        return None

    def _identifier(self, one: Resource) -> Reference:
        attribute = REFERRED.get(one.type_name)
        paths = () if one.type is None else one.type.schema.primary_identifier
        if attribute is not None or not paths:
            return Reference(cel=f"{one.key}.{attribute or 'Ref'}", kind="")
        found = [path.strip("/").replace("/", ".") for path in paths]
        # Of several identifiers Ref gives all, as the registry writes them.
        parts = [f"{one.key}.{path}" for path in found]
        joined = ' + "|" + '.join(parts)
        return Reference(cel=joined, kind="string" if len(parts) > 1 else "")

    def attribute(self, name: str, attribute: str, node: Node) -> Reference | None:
        """What ``Fn::GetAtt`` gives; None, with a problem added, for a name that is none."""
        one = self.resources.get(name)
        steps = attribute.split(".")
        if one is not None and all(_ATTRIBUTE.match(step) for step in steps):
            inside = "".join(f'["{step}"]' if step in CEL_WORDS else f".{step}" for step in steps)
            return Reference(cel=f"{one.key}{inside}", kind="")
        if name not in self.refused and not self.loops:
            what = "resource" if one is None else f"attribute {quoted(attribute)} of"
            self.problems.add(
                "unknown-name",
                node,
                f"The template has no {what} {quoted(name)}.",
                suggest(name, self.resources, "Correct the name."),
            )
        return None

    def condition(self, name: str, node: Node) -> str | None:
        """The CEL of a condition; None, with a problem added, for a name that is none."""
        if name in self.conditions:
            return f"locals.{self.conditions[name]}"
        if self.loops:
            return None
        self.problems.add(
            "unknown-name",
            node,
            f"The template has no condition {quoted(name)}.",
            suggest(name, self.conditions, "Declare it below Conditions."),
        )
        return None


Spell = Callable[[str], str]
"""How a name of a template is spelled in the module."""
