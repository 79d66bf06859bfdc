"""Reads the policies that arguments hold: as JSON, as jsonencode(), or as a data source. Pure.

The data source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.terraform.expressions import reference, stripped
from gitbot.language.terraform.filling import Filler
from gitbot.language.terraform.reading import Attribute, Block, Tree, data_of, word
from gitbot.language.terraform.values import Cel, Joined, LostError, joined

SOURCE: Final = "aws_iam_policy_document"
_PLAIN: Final = {"version": "Version", "policy_id": "Id"}
_STATEMENT: Final = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_WHO: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_HOLE: Final = "\ue000"
"""Stands around the number of an expression in JSON; no policy has this character."""
_DEEPEST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Reads policies with the locals and the data sources of a configuration, by name."""

    locals_: Mapping[str, Attribute] = field(default_factory=dict)
    sources: Mapping[str, Block] = field(default_factory=dict)

    def __call__(self, filler: Filler, block: Block, what: str, attribute: Attribute) -> Any:
        """The policy as a map; None, and it is lost, where it cannot be told."""
        try:
            return self._of(filler, attribute.value, 0)
        except LostError as error:
            filler.lose(block, attribute.line, f"{what}: {error}")
            return None

    def _of(self, filler: Filler, tree: Tree, depth: int) -> Any:
        tree = stripped(tree)
        if data_of(tree) == "function_call" and word(tree.children[0]) == "jsonencode":
            arguments = next(one for one in tree.children if data_of(one) == "arguments")
            inner = next(
                one for one in arguments.children if data_of(one) not in ("", "new_line_or_comment")
            )
            found = filler.writer.value(inner)
            return filler.writer.known(found) if isinstance(found, Cel) else found
        if data_of(tree) == "get_attr_expr_term":
            base, steps = reference(tree)
            if base == "local" and len(steps) == 1 and depth < _DEEPEST:
                local = self.locals_.get(filler.writer.cel(tree).removeprefix("locals."))
                if local is not None:
                    return self._of(filler, local.value, depth + 1)
            if base == "data" and steps[0][1] == SOURCE:
                return self._source(filler, steps)
        return _parsed(filler.writer.value(tree))

    def _source(self, filler: Filler, steps: Any) -> Any:
        name, *index, last = steps[1:]
        block = self.sources.get(str(name[1]))
        if block is None or last != ("attr", "json") or len(index) > 1:
            raise LostError("this is no policy that the configuration has")
        if (
            index
            and "for_each" in block.attributes
            and filler.writer.cel(index[0][1]) != "each.key"
        ):
            raise LostError("which copy of the data source that is cannot be told")
        return _source_of(block, filler)


def _parsed(value: Any) -> Any:
    """The map in a text of JSON, also where there are expressions in its texts.

    Raises:
        LostError: there is none.
    """
    parts = value.parts if isinstance(value, Joined) else (value,)
    holes = [part for part in parts if isinstance(part, Cel)]
    numbers = iter(range(len(holes)))
    text = "".join(
        part if isinstance(part, str) else f"{_HOLE}{next(numbers)}{_HOLE}" for part in parts
    ) if all(isinstance(part, (str, Cel)) for part in parts) else ""  # fmt: skip
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    marked = any(isinstance(part, str) and _HOLE in part for part in parts)
    if not isinstance(found, dict) or len(holes) == len(parts) or marked:
        raise LostError("it is neither JSON nor made by jsonencode()")
    return _filled(found, holes)


def _filled(value: Any, holes: list[Cel]) -> Any:
    if isinstance(value, dict):
        if any(_HOLE in key for key in value):
            raise LostError("a key of a map is an expression, and keys of specs are plain texts")
        return {key: _filled(one, holes) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, holes) for one in value]
    if not isinstance(value, str) or _HOLE not in value:
        return value
    pieces: list[str | Cel] = [
        holes[int(part)] if at % 2 else part for at, part in enumerate(value.split(_HOLE))
    ]
    return joined(pieces)


def _source_of(block: Block, filler: Filler) -> dict[str, Any]:
    """The policy that a data source ``aws_iam_policy_document`` writes."""
    found: dict[str, Any] = {"Version": "2012-10-17"}
    for key, attribute in block.attributes.items():
        if key in _PLAIN:
            found[_PLAIN[key]] = filler.writer.value(attribute.value)
        elif key not in ("for_each", "count"):
            raise LostError(f"{key} of {SOURCE}.{block.labels[1]} has no counterpart")
    _only(block, ("statement",))
    found["Statement"] = [_statement(one, filler) for one in block.blocks]
    return found


def _only(block: Block, kinds: tuple[str, ...]) -> None:
    for one in block.blocks:
        if one.kind not in kinds:
            raise LostError(f"{one.kind} in line {one.line} of {one.file} has no counterpart")


def _statement(block: Block, filler: Filler) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Allow"}
    for key, attribute in block.attributes.items():
        if key not in _STATEMENT:
            raise LostError(f"{key} of a statement has no counterpart")
        found[_STATEMENT[key]] = _single(_plain(filler.writer.value(attribute.value)))
    _only(block, (*_WHO, "condition"))
    for inner in block.blocks:
        given = {
            key: _plain(filler.writer.value(one.value)) for key, one in inner.attributes.items()
        }
        if inner.kind == "condition":
            tests = found.setdefault("Condition", {}).setdefault(_text(given.get("test")), {})
            _add(tests, given.get("variable"), given.get("values"))
        elif given.get("type") == "*":
            found[_WHO[inner.kind]] = "*"
        else:
            who = found.setdefault(_WHO[inner.kind], {})
            if isinstance(who, dict):
                _add(who, given.get("type"), given.get("identifiers"))
    return found


def _add(into: dict[str, Any], key: Any, values: Any) -> None:
    """Add the values to those of this key; one value alone is no list, as Terraform writes it."""
    name = _text(key)
    if name not in into:
        into[name] = _single(values)
        return
    there = into[name] if isinstance(into[name], list) else [into[name]]
    if not isinstance(values, list) or any(isinstance(one, Cel) for one in there):
        raise LostError(f"{name} is there twice, and one of the lists is not written out")
    into[name] = [*there, *values]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise LostError("a key of a map is an expression, and keys of specs are plain texts")
    return value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _plain(value: Any) -> Any:
    """The value with IAM's own ``${…}``, which Terraform writes as ``&{…}``."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Joined):
        return Joined(tuple(_plain(one) for one in value.parts))
    return value.replace("&{", "${") if isinstance(value, str) else value
