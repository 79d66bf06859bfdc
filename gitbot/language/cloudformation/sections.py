"""Writes a whole template as the ``spec`` of a module. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.language.choices import UNREADABLE, UnwritableError, parted, spelled
from gitbot.language.cloudformation.coercing import ANYTHING, Wanted
from gitbot.language.cloudformation.conditions import condition
from gitbot.language.cloudformation.draft import Map, Template, plain_name
from gitbot.language.cloudformation.functions import writer_of
from gitbot.language.cloudformation.groups import with_entry
from gitbot.language.cloudformation.keys import local_key
from gitbot.language.cloudformation.lifecycles import EMPTIES, REPOSITORY, empties, lifecycle_of
from gitbot.language.cloudformation.names import Mapped, Names, Resource, Spell
from gitbot.language.cloudformation.parameters import variables
from gitbot.language.cloudformation.refusals import refuse_sections, refuses, refuses_loops
from gitbot.language.cloudformation.zones import IDENTIFIER, NAME, zone_of
from gitbot.language.nodes import Choice, Mark, Node
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.types import Types

_FIELDS: Final = (
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type",
    "UpdatePolicy", "UpdateReplacePolicy",
)  # fmt: skip
# What RDS writes in small letters, and CloudFormation too before it sends it.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
_IN_SMALL_LETTERS: Final[Mapping[str, str]] = {
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
}


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
    writer = writer_of(names, problems)
    template = Template(node=node, names=names, writer=writer, types=types, problems=problems)
    refuse_sections(node, problems)
    made = Map(node.mark)
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


def _name_everything(template: Template, spell: Spell) -> None:
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


def _locals(template: Template) -> Map:
    made = Map(template.node.mark)
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


def _resources(template: Template) -> Node:
    section = template.section("Resources")
    made = Map(section.mark)
    for name, node in section.items():
        one = template.names.resources.get(name)
        if one is not None:
            made.put(one.key, _resource(template, name, node, one), section.key_mark(name))
    return made.node()


def _resource(template: Template, name: str, node: Node, one: Resource) -> Node:
    home = template.section("Resources").key_mark(name)
    made = Map(home)
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
        if one.type_name == REPOSITORY and empties(node) is not None:
            properties = with_entry(properties, EMPTIES, None)  # see ``lifecycle_of``
        written = _properties(template, one, properties)
        if written is not None:
            made.put("properties", parted(written), node.key_mark("Properties"))
    lifecycle = lifecycle_of(template, name, node)
    if lifecycle.value:
        made.put("lifecycle", lifecycle)
    return made.node()


def _properties(template: Template, one: Resource, properties: Node) -> Node | None:
    schema = one.type.schema.json_schema if one.type is not None else {}
    zone = zone_of(template, one.type_name, properties)
    given = properties if zone is None else with_entry(properties, NAME, None)
    small = _IN_SMALL_LETTERS.get(one.type_name, "")
    name = given.get(small) if small else None
    if name is not None and isinstance(name.value, str):
        given = with_entry(
            given, small, Node(name.value.lower(), name.mark, None, name.value.lower())
        )
    written = template.writer.value(given, Wanted(schema=schema, root=schema))
    return written if zone is None or written is None else with_entry(written, IDENTIFIER, zone)


def _condition(template: Template, node: Node) -> str | None:
    name = plain_name(template, "Condition", node)
    return template.names.condition(name, node) if name else None


def _outputs(template: Template, spell: Spell) -> Node:
    section = template.section("Outputs")
    made = Map(section.mark)
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
        output = Map(section.key_mark(name))
        output.put("value", spelled(written or Node(None, value.mark)))
        description = node.get("Description")
        if description is not None and isinstance(description.value, str):
            output.put("description", Node(description.value[:2000], description.mark))
        made.put(spell(name), output.node(), section.key_mark(name))
    return made.node()
