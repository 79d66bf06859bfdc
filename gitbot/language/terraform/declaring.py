"""Writes the variables of a configuration as those of a spec. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from gitbot.language.terraform.expressions import Step, Writer
from gitbot.language.terraform.filling import Filler
from gitbot.language.terraform.reading import Block, Tree, data_of, word
from gitbot.language.terraform.secrets import SECRET, is_secret
from gitbot.language.terraform.values import Cel, LostError

_PLAIN: Final = {"string": "string", "number": "number", "bool": "boolean"}
_MANY: Final = {"list": "list", "set": "list", "map": "map"}


def declared(block: Block, filler: Filler) -> dict[str, Any]:
    """The declaration of the variable of a ``variable`` block."""
    name, found = block.labels[0], dict[str, Any]()
    for key, attribute in block.attributes.items():
        if key == "type":
            try:
                found["type"] = typed(attribute.value)
            except LostError as error:
                filler.lose(block, attribute.line, f"variable.{name}.type: {error}")
        elif key in ("default", "description", "sensitive"):
            ok, value = filler.try_value(block, f"variable.{name}.{key}", attribute)
            if ok and value is not None:
                found[key] = value
            elif ok:
                what = "is null: a variable here has a value, so somebody must give one"
                filler.lose(block, attribute.line, f"variable.{name}.{key} {what}")
        elif key != "nullable":
            filler.lose(block, attribute.line, f"variable.{name}.{key} has no counterpart")
    checks = [one for one in map(_check(filler, name), block.inner("validation")) if one]
    if checks:
        found["check"] = checks[0]
    for more in list(block.inner("validation"))[1:]:
        filler.lose(
            more, more.line, f"variable.{name}: a variable has one check; join them with &&"
        )
    kind = found.pop("type", _type_of(found.get("default")))
    return {"type": kind, **_without_secret(found, block, filler)}


def _without_secret(declared: dict[str, Any], block: Block, filler: Filler) -> dict[str, Any]:
    """The declaration without a default that nobody should read."""
    name, default = block.labels[0], declared.get("default")
    if default is None or not is_secret(name, default, declared):
        return declared
    filler.lose(block, block.line, f"variable.{name}.default, which {SECRET}")
    return {key: one for key, one in declared.items() if key != "default"}


def typed(tree: Tree) -> str:
    """The type, as a spec spells it.

    Raises:
        LostError: there is no such type.
    """
    match data_of(tree):
        case "expr_term":
            return typed(next(one for one in tree.children if data_of(one)))
        case "identifier":
            name = word(tree)
            if name in _PLAIN or name in _MANY:
                return _PLAIN.get(name) or _MANY[name]
        case "function_call":
            name = word(tree.children[0])
            arguments = next(one for one in tree.children if data_of(one) == "arguments")
            given = [one for one in arguments.children if _is_one(one)]
            if name in _MANY:
                return f"{_MANY[name]}<{typed(given[0])}>"
            if name == "object":
                return f"object<{', '.join(_fields(given[0]))}>"
    raise LostError("this type has no counterpart")


def _fields(tree: Tree) -> list[str]:
    found = []
    for element in tree.iter_subtrees_topdown():
        if data_of(element) != "object_elem":
            continue
        key, value = (one for one in element.children if _is_one(one))
        inner = value.children[0] if data_of(value) == "expr_term" else value
        if data_of(inner) == "function_call" and word(inner.children[0]) == "optional":
            arguments = next(one for one in inner.children if data_of(one) == "arguments")
            first = next(one for one in arguments.children if _is_one(one))
            found.append(f"{_name(key)}?: {typed(first)}")
        else:
            found.append(f"{_name(key)}: {typed(value)}")
    return found


def _name(tree: Tree) -> str:
    return word(
        next(one for one in tree.iter_subtrees() if data_of(one) in ("identifier", "string"))
    )


def _is_one(tree: Tree) -> bool:
    return data_of(tree) not in ("", "new_line_or_comment")


def _type_of(default: Any) -> str:
    for kind, name in ((bool, "boolean"), ((int, float), "number"), (list, "list"), (dict, "map")):
        if isinstance(default, kind):
            return name
    return "string"


def _check(filler: Filler, name: str) -> Any:
    def resolve(base: str, steps: Sequence[Step], writer: Writer) -> str:
        if base == "var" and steps and steps[0] == ("attr", name):
            return "value" + "".join(writer.step(one) for one in steps[1:])
        raise LostError("a check of a variable uses its value alone")

    def check(block: Block) -> dict[str, Any] | None:
        try:
            writer = replace(filler.writer, resolve=resolve)
            that = Cel(writer.cel(block.attributes["condition"].value))
            return {"that": that, "says": writer.value(block.attributes["error_message"].value)}
        except LostError as error:
            filler.lose(block, block.line, f"variable.{name}.validation: {error}")
            return None

    return check
