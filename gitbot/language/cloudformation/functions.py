"""Writes the values of a template in the language of specs: functions become expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.choices import UNREADABLE, UnwritableError, expression_of, quoted_text
from gitbot.language.cloudformation.coercing import (
    ANYTHING,
    LIST,
    TEXT,
    Wanted,
    converted,
    escaped,
    literal,
)
from gitbot.language.cloudformation.dynamic import DynamicError, has_dynamic, resolved
from gitbot.language.cloudformation.names import Names, Reference
from gitbot.language.nodes import Choice, Node, kind_name
from gitbot.language.problems import Problems, quoted
from gitbot.language.templates import ExpressionError

_PLACE: Final = re.compile(r"\$\{([^{}]*)\}")
_DEEPEST: Final = 40
_LONGEST: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes values of one template."""

    names: Names
    problems: Problems

    def value(self, node: Node, wanted: Wanted = ANYTHING) -> Node | None:
        """The value as a spec has it; None for ``AWS::NoValue``.

        One that cannot be written is a placeholder, with a problem added.
        """
        try:
            return self._value(node, wanted)
        except UnwritableError:
            return Node(UNREADABLE, node.mark)

    def cel(self, node: Node, wanted: Wanted = TEXT) -> str:
        """The CEL text of a value.

        Raises:
            UnwritableError: it cannot be written.
        """
        return expression_of(self._value(node, wanted))

    def refuse(self, code: str, node: Node, detail: str, fix: str) -> UnwritableError:
        """The error for a value with this problem, which is added."""
        self.problems.add(code, node, detail, fix)
        return UnwritableError()

    def _value(self, node: Node, wanted: Wanted) -> Node | None:
        call = function_of(node)
        if call is not None:
            return self._called(*call, node, wanted)
        if isinstance(node.value, dict) and wanted.is_list_of_maps():
            return Node([self._value(node, wanted.below(0))], node.mark)
        if isinstance(node.value, dict):
            found = {key: self.value(one, wanted.below(key)) for key, one in node.value.items()}
            kept = {key: one for key, one in found.items() if one is not None}
            return Node(kept, node.mark, node.key_marks)
        if isinstance(node.value, list):
            items = (self.value(one, wanted.below(number)) for number, one in enumerate(node.value))
            return Node([one for one in items if one is not None], node.mark)
        if isinstance(node.value, str) and has_dynamic(node.value):
            made = converted(self.resolved(escaped(node.value), node), "string", wanted)
            return Node(made, node.mark, None, made)
        return literal(node, wanted)

    def _called(self, name: str, argument: Node, node: Node, wanted: Wanted) -> Node | None:
        if name == "Ref" and argument.value == "AWS::NoValue":
            return None
        if name == "Fn::If":
            return self._choice(argument, wanted)
        write = _FUNCTIONS.get(name)
        if write is None:
            raise self._unknown(name, node)
        text, kind = write(self, argument)
        if has_dynamic(text):
            text = self.resolved(text, node)
        made = converted(text, kind, wanted)
        if "${" not in made.replace("$${", ""):
            plain = Node(made.replace("$${", "${"), node.mark, None, argument.text)
            return literal(plain, wanted)
        return Node(made, node.mark, None, made)

    def _choice(self, argument: Node, wanted: Wanted) -> Node:
        name, yes, no = self.arguments("Fn::If", argument, 3, 3)
        condition = self.names.condition(self.plain("Fn::If", name), name)
        branches = self.value(yes, wanted), self.value(no, wanted)
        if condition is None:
            raise UnwritableError
        return Node(Choice(condition=condition, yes=branches[0], no=branches[1]), argument.mark)

    def _unknown(self, name: str, node: Node) -> UnwritableError:
        why = UNSUPPORTED.get(name)
        if why is not None:
            return self.refuse("template-unsupported", node, f"{name}: {why[0]}.", why[1])
        return self.refuse(
            "bad-template", node, f"CloudFormation has no function {quoted(name)}.", "Correct it."
        )

    def resolved(self, text: str, node: Node) -> str:
        """The template of a scalar, with its dynamic references as secrets."""
        try:
            return resolved(text)
        except DynamicError as error:
            raise self.refuse("bad-template", node, error.detail, error.fix) from None
        except ExpressionError as error:
            raise self.refuse(error.code, node, error.detail, error.fix) from None

    # --- arguments

    def arguments(self, name: str, argument: Node, least: int, most: int) -> list[Node]:
        """The arguments of a function that takes a list of them."""
        items = argument.value
        if not isinstance(items, list) or not least <= len(items) <= most:
            number = f"{least}" if least == most else f"{least} to {most}"
            given = f"{len(items)} of them" if isinstance(items, list) else kind_name(items)
            raise self.refuse(
                "bad-template",
                argument,
                f"{name} takes a list of {number} arguments; this is {given}.",
                "Write what AWS's reference of intrinsic functions says.",
            )
        return items

    def plain(self, name: str, node: Node) -> str:
        """A text that must be written out."""
        if not isinstance(node.value, str):
            raise self.refuse(
                "bad-template",
                node,
                f"{name} wants a name here, written out; this is {kind_name(node.value)}.",
                "Write the name.",
            )
        return node.value

    def bounded(self, text: str, node: Node) -> str:
        """The text, if it is not too long: texts in texts can grow without end."""
        if len(text) > _LONGEST:
            raise self.refuse(
                "bad-template",
                node,
                f"The value has more than {_LONGEST:,} characters.",
                "Use fewer values inside of each other.",
            )
        return text

    def text(self, node: Node) -> str:
        """The value as the template of a text, to be put beside others."""
        found = self._value(node, TEXT)
        if found is not None and isinstance(found.value, str):
            return found.value
        return f"${{{expression_of(found)}}}"


def function_of(node: Node) -> tuple[str, Node] | None:
    """The name of the function and its argument; None where the value is no call."""
    value = node.value
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def _ref(writer: Writer, argument: Node) -> tuple[str, str]:
    return _spelled(writer.names.ref(writer.plain("Ref", argument), argument))


def _get_att(writer: Writer, argument: Node) -> tuple[str, str]:
    if isinstance(argument.value, str):
        name, _, attribute = argument.value.partition(".")
    else:
        first, *rest = writer.arguments("Fn::GetAtt", argument, 2, 3)
        name = writer.plain("Fn::GetAtt", first)
        attribute = ".".join(writer.plain("Fn::GetAtt", one) for one in rest)
    return _spelled(writer.names.attribute(name, attribute, argument))


def _spelled(found: Reference | None) -> tuple[str, str]:
    if found is None:
        raise UnwritableError
    return f"${{{found.cel}}}", found.kind


def _sub(writer: Writer, argument: Node) -> tuple[str, str]:
    pattern, own = argument, Node({}, argument.mark)
    if isinstance(argument.value, list):
        pattern, own = writer.arguments("Fn::Sub", argument, 2, 2)
    text = writer.plain("Fn::Sub", pattern)
    values = own.value if isinstance(own.value, dict) else {}
    made, at = "", 0
    for found in _PLACE.finditer(text):
        made += escaped(text[at : found.start()])
        made = writer.bounded(beside(made, _place(writer, found[1], values, pattern)), pattern)
        at = found.end()
    return made + escaped(text[at:]), "string"


def beside(text: str, other: str) -> str:
    """One scalar behind the other: a ``$`` before an expression would escape it."""
    bare = text.rstrip("$")
    if len(bare) == len(text) or not other.startswith("${"):
        return text + other
    return f'{bare}${{"{text[len(bare) :]}"}}{other}'


def _place(writer: Writer, name: str, values: Mapping[str, Node], node: Node) -> str:
    """What stands in a text for ``${name}``."""
    if name.startswith("!"):
        return escaped(f"${{{name[1:]}}}")
    name = name.strip()
    if name in values:
        return writer.text(values[name])
    resource, dot, attribute = name.partition(".")
    if dot:
        return _spelled(writer.names.attribute(resource, attribute, node))[0]
    return converted(*_spelled(writer.names.ref(name, node)), TEXT)


def _join(writer: Writer, argument: Node) -> tuple[str, str]:
    delimiter, values = writer.arguments("Fn::Join", argument, 2, 2)
    between = writer.plain("Fn::Join", delimiter)
    if isinstance(values.value, list) and not any(_is_choice(one) for one in values.value):
        made = ""
        for number, one in enumerate(values.value):
            made += escaped(between) if number else ""
            made = writer.bounded(beside(made, writer.text(one)), one)
        return made, "string"
    return (
        f"${{{_called_on(_list(writer, 'Fn::Join', values))}.join({quoted_text(between)})}}",
        "string",
    )


_TEXTS: Final = Wanted(schema={"type": "array", "items": {"type": "string"}}, root={})


def _list(writer: Writer, name: str, values: Node) -> str:
    """The CEL text of the list that a function works on."""
    if not values.is_list and function_of(values) is None:
        raise writer.refuse(
            "bad-template",
            values,
            f"{name} wants a list here; this is {kind_name(values.value)}.",
            "Write a list, or a function that gives one, such as Fn::Split.",
        )
    return writer.cel(values, _TEXTS)


def _is_choice(node: Node) -> bool:
    call = function_of(node)
    return call is not None and (call[0] == "Fn::If" or call[1].value == "AWS::NoValue")


def _called_on(text: str) -> str:
    """The CEL text, so that a method can be called on it."""
    return text if re.fullmatch(r"[\w.]+|\[[^\[\]]*\]", text) else f"({text})"


def _select(writer: Writer, argument: Node) -> tuple[str, str]:
    index, values = writer.arguments("Fn::Select", argument, 2, 2)
    found = _called_on(_list(writer, "Fn::Select", values))
    return f"${{{found}[{writer.cel(index, _INDEX)}]}}", "string"


_INDEX: Final = Wanted(schema={"type": "integer"}, root={})


def _split(writer: Writer, argument: Node) -> tuple[str, str]:
    delimiter, text = writer.arguments("Fn::Split", argument, 2, 2)
    between = quoted_text(writer.plain("Fn::Split", delimiter))
    return f"${{split({writer.cel(text)}, {between})}}", "list"


def _base64(writer: Writer, argument: Node) -> tuple[str, str]:
    return f"${{base64({writer.cel(argument)})}}", "string"


def _cidr(writer: Writer, argument: Node) -> tuple[str, str]:
    block, count, bits = writer.arguments("Fn::Cidr", argument, 3, 3)
    numbers = f"{writer.cel(count, _INDEX)}, {writer.cel(bits, _INDEX)}"
    return f"${{subnets({writer.cel(block)}, {numbers})}}", "list"


def _find(writer: Writer, argument: Node) -> tuple[str, str]:
    mapping, first, second, *more = writer.arguments("Fn::FindInMap", argument, 3, 4)
    key, inner = writer.cel(first), writer.cel(second)
    map_, kind = _mapping(writer, mapping, second)
    found = f"{map_}[{key}][{inner}]"
    if not more:
        return f"${{{found}}}", kind
    default = more[0].get("DefaultValue")
    if default is None:
        raise writer.refuse(
            "bad-template",
            more[0],
            "The fourth argument of Fn::FindInMap is a map with DefaultValue.",
            "Write {DefaultValue: …}.",
        )
    there = f"{key} in {map_} && {inner} in {map_}[{key}]"
    return f"${{{there} ? {found} : {writer.cel(default, ANYTHING)}}}", ""


def _mapping(writer: Writer, mapping: Node, second: Node) -> tuple[str, str]:
    """The CEL text of a mapping, and the kind of its values; its name may be a function."""
    known = writer.names.mappings
    if function_of(mapping) is not None:
        every = ", ".join(f"{quoted_text(name)}: locals.{one.local}" for name, one in known.items())
        return f"{{{every}}}[{writer.cel(mapping)}]", ""
    name = writer.plain("Fn::FindInMap", mapping)
    if name not in known:
        raise writer.refuse(
            "unknown-name",
            mapping,
            f"The template has no mapping {quoted(name)}.",
            "Declare it below Mappings.",
        )
    kind = known[name].kind_of(second.text if function_of(second) is None else None)
    return f"locals.{known[name].local}", kind


def _zones(writer: Writer, argument: Node) -> tuple[str, str]:
    region = function_of(argument)
    own = argument.value in ("", None) or (
        region is not None and (region[0], region[1].value) == ("Ref", "AWS::Region")
    )
    if not own:
        raise writer.refuse(
            "template-unsupported",
            argument,
            "Fn::GetAZs: gitbot looks up the zones of the stack's own region only.",
            'Write !GetAZs "".',
        )
    writer.names.look_up(_ZONES, _ASKED, argument)
    return f"${{lookups.{_ZONES}.ZoneName}}", "list"


_ZONES: Final = "aws_zones"
_ASKED: Final[Mapping[str, Any]] = {
    "type": "AWS::EC2::AvailabilityZone",
    "filter": {"State": "available", "ZoneType": "availability-zone"},
    "pick": "all",
}


def _length(writer: Writer, argument: Node) -> tuple[str, str]:
    return f"${{size({writer.cel(argument, LIST)})}}", "number"


def _json_string(writer: Writer, argument: Node) -> tuple[str, str]:
    return f"${{json({writer.cel(argument, ANYTHING)})}}", "string"


_FUNCTIONS: Final[Mapping[str, Callable[[Writer, Node], tuple[str, str]]]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find,
    "Fn::GetAZs": _zones,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _json_string,
}
UNSUPPORTED: Final[Mapping[str, tuple[str, str]]] = {
    "Fn::ImportValue": (
        "gitbot has no exports",
        "Make it a parameter of the template, and give an output of another stack where it is used.",
    ),
    "Fn::Transform": ("gitbot runs no macros", "Write out what the macro makes."),
    **dict.fromkeys(
        [
            "Fn::Contains",
            "Fn::EachMemberEquals",
            "Fn::EachMemberIn",
            "Fn::RefAll",
            "Fn::ValueOf",
            "Fn::ValueOfAll",
        ],
        ("only rules have it, which gitbot does not do", "Write a condition without it."),
    ),
}


# --- conditions


def condition(writer: Writer, node: Node, depth: int = 0) -> str:
    """The CEL text of a condition.

    Raises:
        UnwritableError: it cannot be written.
    """
    value: Any = node.value
    if isinstance(value, dict) and len(value) == 1 and depth < _DEEPEST:
        ((name, argument),) = value.items()
        if name == "Condition":
            found = writer.names.condition(writer.plain(name, argument), argument)
            if found is None:
                raise UnwritableError
            return found
        if name == "Fn::Equals":
            one, other = writer.arguments(name, argument, 2, 2)
            return f"{writer.cel(one)} == {writer.cel(other)}"
        if name in _COMBINED:
            least, most, sign = _COMBINED[name]
            parts = writer.arguments(name, argument, least, most)
            inside = (f"({condition(writer, one, depth + 1)})" for one in parts)
            return "!" + next(inside) if name == "Fn::Not" else sign.join(inside)
    raise writer.refuse(
        "bad-template",
        node,
        "A condition is Fn::And, Fn::Or, Fn::Not, Fn::Equals or Condition.",
        "Write one of these.",
    )


_COMBINED: Final = {
    "Fn::And": (2, 10, " && "),
    "Fn::Or": (2, 10, " || "),
    "Fn::Not": (1, 1, ""),
}
