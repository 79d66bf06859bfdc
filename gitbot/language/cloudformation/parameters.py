"""Writes the parameters of a template as variables of a module. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gitbot.language.choices import quoted_text
from gitbot.language.cloudformation.coercing import NUMBER, TEXT, Wanted, literal
from gitbot.language.cloudformation.names import Names, Reference, Spell
from gitbot.language.nodes import Mark, Node, kind_name
from gitbot.language.problems import Problems, listed, quoted, suggest

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
_FIELDS: Final = (
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength",
    "MaxValue", "MinLength", "MinValue", "NoEcho", "Type",
)  # fmt: skip
_LISTS: Final = {
    "CommaDelimitedList": "list<string>",
    "List<Number>": "list<number>",
    "List<String>": "list<string>",
}
_OF_AWS: Final = re.compile(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+(?:::[A-Za-z0-9]+)?\Z")
_LOOKED_UP: Final = "AWS::SSM::Parameter::Value<"
_LONGEST_PROSE: Final = 2000
_FLAG: Final = Wanted(schema={"type": "boolean"}, root={})


def variables(node: Node, names: Names, spell: Spell) -> Node:
    """The ``variables``; what references to each parameter become is put into ``names``."""
    found: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    for name, one in node.items():
        declared = _declared(name, one, node.key_mark(name), names.problems)
        if declared is None:
            names.refused.add(name)
            continue
        written, kind = declared
        key = spell(name)
        found[key], marks[key] = written, node.key_mark(name)
        names.parameters[name] = Reference(cel=f"vars.{key}", kind=kind, key=key)
        text = str(one.value["Type"].value)
        if text.startswith(_LOOKED_UP):
            inner = text.removeprefix(_LOOKED_UP).removesuffix(">")
            names.parameters[name], names.lookups[name] = _looked_up(key, inner)
    return Node(found, node.mark, marks)


def _declared(name: str, node: Node, home: Mark, problems: Problems) -> tuple[Node, str] | None:
    """The declaration, and the kind of its values."""
    type_ = node.get("Type")
    if not node.is_map or type_ is None:
        problems.add(
            "bad-template", home, f"The parameter {quoted(name)} has no Type.", "Add Type: String."
        )
        return None
    node = _written_out(name, node, problems)
    for key, _ in node.items():
        if key not in _FIELDS:
            problems.add(
                "bad-template",
                node.key_mark(key),
                f"A parameter has no {quoted(key)}.",
                suggest(key, _FIELDS, f"Its fields: {listed(_FIELDS, 20)}."),
            )
    kind = _kind(name, type_, problems)
    if kind is None:
        return None
    entries = {"type": Node(kind, type_.mark, None, kind)}
    entries |= _default(node, kind)
    entries |= _choices(node, kind)
    entries |= _limits(node, kind)
    for own, theirs in (("description", "Description"), ("sensitive", "NoEcho")):
        given = node.get(theirs)
        if given is not None:
            value = literal(given, _FLAG if own == "sensitive" else TEXT)
            if isinstance(value.value, str):
                value = Node(str(given.value)[:_LONGEST_PROSE], given.mark)
            entries[own] = value
    family = {"list<string>": "list", "list<number>": "numbers"}.get(kind, kind)
    return Node(entries, home, {key: one.mark for key, one in entries.items()}), family


def _written_out(name: str, node: Node, problems: Problems) -> Node:
    """The declaration without fields that are lists or maps where a value is wanted, each a problem."""
    kept: dict[str, Node] = {}
    for key, one in node.items():
        values = one.value if key == "AllowedValues" and one.is_list else [one]
        wrong = [each for each in values if each.is_map or each.is_list]
        for each in wrong:
            problems.add(
                "bad-template",
                each,
                f"{key} of the parameter {quoted(name)} must be written out; this is "
                f"{kind_name(each.value)}.",
                "Write the value; functions have no meaning in parameters.",
            )
        if not wrong:
            kept[key] = one
    return Node(kept, node.mark, node.key_marks)


def _kind(name: str, type_: Node, problems: Problems) -> str | None:
    text = type_.value if isinstance(type_.value, str) else ""
    inner = text.removeprefix("List<").removesuffix(">")
    if text.startswith(_LOOKED_UP):
        return "string"  # the name of the parameter of SSM
    if text in ("String", "Number"):
        return text.lower()
    if text in _LISTS:
        return _LISTS[text]
    if _OF_AWS.match(inner):
        return "string" if inner == text else "list<string>"
    known = ("String", "Number", *_LISTS)
    problems.add(
        "bad-template",
        type_,
        f"{quoted(type_.value)} is no type of a parameter.",
        suggest(text, known, f"Write {listed(known)}, or a type of AWS's own."),
    )
    return None


def _looked_up(key: str, inner: str) -> tuple[Reference, dict[str, Any]]:
    """What a reference to the value of a parameter of SSM becomes, and what is looked up."""
    named = f"${{vars.{key}}}"
    if inner == "AWS::EC2::Image::Id":
        asked = {"type": "AWS::EC2::Image", "filter": {"Parameter": named}}
        return Reference(cel=f"lookups.{key}.ImageId", kind="string", key=key), asked
    asked = {"type": "AWS::SSM::Parameter", "identifier": named}
    value = f"lookups.{key}.Value"
    if inner.startswith("List<") or inner == "CommaDelimitedList":
        return Reference(cel=f'split({value}, ",")', kind="list", key=key), asked
    return Reference(cel=value, kind="string", key=key), asked


def _scalar(node: Node, kind: str) -> Node:
    return literal(node, NUMBER if kind.endswith(("number", "number>")) else TEXT)


def _default(node: Node, kind: str) -> dict[str, Node]:
    default = node.get("Default")
    if default is None:
        return {}
    if not kind.startswith("list"):
        return {"default": _scalar(default, kind)}
    text = default.text if default.text is not None else str(default.value)
    items = [Node(one.strip(), default.mark, None, one.strip()) for one in text.split(",")]
    return {"default": Node([_scalar(one, kind) for one in items], default.mark)}


def _choices(node: Node, kind: str) -> dict[str, Node]:
    given = node.get("AllowedValues")
    if given is None or kind.startswith("list"):
        return {}
    items = given.value if given.is_list else [given]
    # Nothing in an enum is evaluated, so nothing in it is escaped.
    plain = [_scalar(one, kind) for one in items]
    return {"enum": Node([Node(_unescaped(one.value), one.mark) for one in plain], given.mark)}


def _unescaped(value: Any) -> Any:
    return value.replace("$${", "${") if isinstance(value, str) else value


def _limits(node: Node, kind: str) -> dict[str, Node]:
    """The pattern, and the check of everything else."""
    found: dict[str, Node] = {}
    tests: list[tuple[str, str, Node]] = []
    pattern, allowed = node.get("AllowedPattern"), node.get("AllowedValues")
    is_list = kind.startswith("list")
    if pattern is not None and isinstance(pattern.value, str):
        if is_list:
            whole = quoted_text(f"^(?:{pattern.value})$")
            says = f"have only items that match {pattern.value}"
            tests.append((f"value.all(item, string(item).matches({whole}))", says, pattern))
        else:
            found["pattern"] = Node(pattern.value, pattern.mark, None, pattern.value)
    if allowed is not None and is_list and allowed.is_list:
        choices = ", ".join(quoted_text(str(one.text)) for one in allowed.value)
        says = f"have only items of {choices}"
        tests.append((f"value.all(item, string(item) in [{choices}])", says, allowed))
    for field, (test, words) in _TESTS.items():
        limit = node.get(field)
        if limit is not None:
            number = literal(limit, NUMBER).value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                exact = float(number) if "double" in test else int(number)
                tests.append((test.format(exact), words.format(f"{number:g}"), limit))
    if tests:
        found["check"] = _check(tests, node.get("ConstraintDescription"))
    return found


_TESTS: Final[Mapping[str, tuple[str, str]]] = {
    "MinLength": ("size(value) >= {}", "have at least {} characters"),
    "MaxLength": ("size(value) <= {}", "have at most {} characters"),
    "MinValue": ("double(value) >= {}", "be at least {}"),
    "MaxValue": ("double(value) <= {}", "be at most {}"),
}


def _check(tests: list[tuple[str, str, Node]], says: Node | None) -> Node:
    mark = tests[0][2].mark
    that = f"${{{' && '.join(test for test, _, _ in tests)}}}"
    plain = " and ".join(words for _, words, _ in tests)
    text = str(says.value) if says is not None else f"it must {plain}"
    entries = {
        "that": Node(that, mark, None, that),
        "says": Node(text[:_LONGEST_PROSE], mark if says is None else says.mark),
    }
    return Node(entries, mark, dict.fromkeys(entries, mark))
