"""Writes a whole template as the ``spec`` of a module. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.choices import UNREADABLE, UnwritableError, parted, spelled
from gitbot.language.cloudformation.coercing import ANYTHING, Wanted
from gitbot.language.cloudformation.functions import (
    Writer,
    condition,
    function_of,
)
from gitbot.language.cloudformation.keys import local_key
from gitbot.language.cloudformation.names import Mapped, Names, Resource, Spell
from gitbot.language.cloudformation.parameters import variables
from gitbot.language.cloudformation.refusals import is_loop, refuse_sections, refuses, refuses_loops
from gitbot.language.nodes import Choice, Mark, Node
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.types import Types

_FIELDS: Final = (
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type",
    "UpdatePolicy", "UpdateReplacePolicy",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """One template while it is written."""

    node: Node
    names: Names
    writer: Writer
    types: Types
    problems: Problems

    def section(self, name: str) -> Node:
        """The map of this name; an empty one, where there is none or it is no map."""
        found = self.node.get(name)
        if found is not None and found.is_map:
            # A loop was refused before; what it would make is not there.
            plain = {key: one for key, one in found.items() if not is_loop(key)}
            return Node(plain, found.mark, found.key_marks)
        if found is not None and found.value is not None:
            self.problems.add(
                "bad-template", found, f"{name} must be a map.", "Write each entry with its name."
            )
        return Node({}, self.node.mark, {})


class _Map:
    """A map while it is made."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._entries: dict[str, Node] = {}
        self._marks: dict[str, Mark] = {}

    def put(self, key: str, node: Node, mark: Mark | None = None) -> None:
        self._entries[key] = node
        self._marks[key] = node.mark if mark is None else mark

    def node(self) -> Node:
        return Node(self._entries, self._mark, self._marks)


def write_spec(
    node: Node,
    types: Types,
    problems: Problems,
    spell: Spell = str,
    stack_name: str | None = None,
    spell_output: Spell = str,
) -> Node:
    """The ``spec`` of the module that says what the template says.

    ``spell`` says how names of the template are spelled in it, and ``spell_output`` those of its
    outputs. ``stack_name`` is what ``AWS::StackName`` is, if not the name of gitbot's stack. What cannot be said is a problem, and
    a placeholder stands for it.
    """
    names = Names(problems=problems, stack_name=stack_name)
    writer = Writer(names=names, problems=problems)
    template = _Template(node=node, names=names, writer=writer, types=types, problems=problems)
    refuse_sections(node, problems)
    made = _Map(node.mark)
    made.put("variables", variables(template.section("Parameters"), names, spell))
    _name_everything(template, spell)
    locals_ = _locals(template)
    resources = _resources(template)
    outputs = _outputs(template, spell_output)
    for name, text in names.locals_().items():
        locals_.put(name, Node(text, node.mark, None, text))
    made.put("locals", locals_.node())
    made.put("lookups", Node(names.looked_up, node.mark, _places(names.looked_up)))
    made.put("resources", resources)
    made.put("outputs", outputs)
    return made.node()


def _places(nodes: Mapping[str, Node]) -> dict[str, Mark]:
    return {key: one.mark for key, one in nodes.items()}


def _name_everything(template: _Template, spell: Spell) -> None:
    names = template.names
    names.loops = refuses_loops(template.node, template.problems)
    for name, _ in template.section("Conditions").items():
        names.conditions[name] = local_key(spell(name), names.conditions.values())
    taken = set(names.conditions.values())
    for name, node in template.section("Mappings").items():
        key = spell(name)
        key = local_key(f"{key}_map" if key in taken else key, taken)
        taken.add(key)
        kinds = [
            (inner, _mapped_kind(one)) for _, below in node.items() for inner, one in below.items()
        ]
        names.mappings[name] = Mapped(
            local=key,
            kinds=frozenset(kinds),
        )
    for name, node in template.section("Resources").items():
        type_ = node.get("Type")
        text = type_.value if type_ is not None and isinstance(type_.value, str) else ""
        if refuses(
            name, node, text, template.problems, template.section("Resources").key_mark(name)
        ):
            names.refused.add(name)
        else:
            found = template.types.get(text)
            names.resources[name] = Resource(key=spell(name), type_name=text, type=found)


def _mapped_kind(node: Node) -> str:
    return "list" if node.is_list else "string"


def _locals(template: _Template) -> _Map:
    made = _Map(template.node.mark)
    mappings, conditions = template.section("Mappings"), template.section("Conditions")
    for name, node in mappings.items():
        written = template.writer.value(node, _MAPPED)
        if written is not None:
            made.put(template.names.mappings[name].local, written, mappings.key_mark(name))
    for name, node in conditions.items():
        try:
            text = f"${{{condition(template.writer, node)}}}"
            written = Node(text, node.mark, None, text)
        except UnwritableError:
            written = Node(UNREADABLE, node.mark)
        made.put(template.names.conditions[name], written, conditions.key_mark(name))
    return made


_STRINGS: Final[Mapping[str, Any]] = {"type": ["string", "array"], "items": {"type": "string"}}
_MAPPED: Final = Wanted(
    schema={"additionalProperties": {"additionalProperties": _STRINGS}}, root={}
)


def _resources(template: _Template) -> Node:
    section = template.section("Resources")
    made = _Map(section.mark)
    for name, node in section.items():
        one = template.names.resources.get(name)
        if one is not None:
            made.put(one.key, _resource(template, name, node, one), section.key_mark(name))
    return made.node()


def _resource(template: _Template, name: str, node: Node, one: Resource) -> Node:
    home = template.section("Resources").key_mark(name)
    made = _Map(home)
    type_ = node.get("Type")
    if type_ is not None:
        made.put("type", Node(one.type_name, type_.mark, None, one.type_name))
    for key, _ in node.items():
        if key not in _FIELDS:
            template.problems.add(
                "bad-template",
                node.key_mark(key),
                f"The resource {name} has no field {quoted(key)}.",
                suggest(key, _FIELDS, f"Its fields: {listed(_FIELDS, 20)}."),
            )
    when = node.get("Condition")
    if when is not None:
        found = _condition(template, when)
        if found is not None:
            made.put("when", Node(f"${{{found}}}", when.mark))
    properties = node.get("Properties")
    if properties is not None and properties.value is not None:
        schema = one.type.schema.json_schema if one.type is not None else {}
        written = template.writer.value(properties, Wanted(schema=schema, root=schema))
        if written is not None:
            made.put("properties", parted(written), node.key_mark("Properties"))
    lifecycle = _lifecycle(template, name, node)
    if lifecycle.value:
        made.put("lifecycle", lifecycle)
    return made.node()


def _condition(template: _Template, node: Node) -> str | None:
    name = _plain(template, "Condition", node)
    return template.names.condition(name, node) if name else None


def _plain(template: _Template, field: str, node: Node) -> str:
    try:
        return template.writer.plain(field, node)
    except UnwritableError:
        return ""


def _lifecycle(template: _Template, name: str, node: Node) -> Node:
    made = _Map(node.mark)
    depends = node.get("DependsOn")
    if depends is not None:
        items = depends.value if depends.is_list else [depends]
        keys = [_dependency(template, one) for one in items]
        made.put("dependsOn", Node([one for one in keys if one is not None], depends.mark))
    deletion = _policy(template, name, node, "DeletionPolicy")
    replacement = _policy(template, name, node, "UpdateReplacePolicy")
    if deletion is not None:
        made.put("retain", deletion)
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
    return made.node()


def _dependency(template: _Template, node: Node) -> Node | None:
    name = _plain(template, "DependsOn", node)
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


def _policy(template: _Template, name: str, node: Node, field: str) -> Node | None:
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
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        why = f"{why}, but an {one.type_name} has no snapshots; CloudFormation refuses it too"
    template.problems.add(code, given, f"{why}.", "Write Retain or Delete.")
    return None


def _outputs(template: _Template, spell: Spell) -> Node:
    section = template.section("Outputs")
    made = _Map(section.mark)
    for name, node in section.items():
        value = node.get("Value")
        if value is None:
            template.problems.add(
                "bad-template",
                section.key_mark(name),
                f"The output {name} has no Value.",
                "Add Value.",
            )
            continue
        written = template.writer.value(value, ANYTHING)
        when = node.get("Condition")
        found = None if when is None else _condition(template, when)
        if found is not None:
            written = Node(Choice(condition=found, yes=written, no=None), value.mark)
        output = _Map(section.key_mark(name))
        output.put("value", spelled(written or Node(None, value.mark)))
        description = node.get("Description")
        if description is not None and isinstance(description.value, str):
            output.put("description", Node(description.value[:2000], description.mark))
        made.put(spell(name), output.node(), section.key_mark(name))
    return made.node()
