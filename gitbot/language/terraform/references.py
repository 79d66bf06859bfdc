"""Writes references between the blocks of a configuration as CEL. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from gitbot.language.cloudformation.converting import Spelling
from gitbot.language.terraform.expressions import Step, Writer, stripped
from gitbot.language.terraform.policies import SOURCE
from gitbot.language.terraform.reading import Attribute, Block, word
from gitbot.language.terraform.tables import DOCUMENTS, ENCODED, ROWS
from gitbot.language.terraform.values import Cel, LostError, Merged

_ROOTS: Final[Mapping[str, str]] = {"var": "vars", "local": "locals"}
_OTHER_KINDS: Final = frozenset({"Tags", "UserData", *DOCUMENTS})
_MAPS: Final = frozenset({"map", "object"})
_LISTS: Final = frozenset({"list", "set", "tuple"})
_INDEX: Final = "int(each.key)"


class Counted(StrEnum):
    """What ``count`` makes of a block: copies by number, or one that may be missing."""

    COPIES = "copies"
    MAYBE = "maybe"


@dataclass(slots=True, kw_only=True)
class Names:
    """The keys of resources and modules by Terraform's type and name, and how they are counted.

    ``numbers`` are how many copies there are, where that is known. ``values`` are those of variables and
    locals, by their names in a spec: ``vars.zones``.
    """

    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    counted: dict[tuple[str, str], Counted] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    each: set[tuple[str, str]] = field(default_factory=set)
    blocks: dict[tuple[str, str], Block] = field(default_factory=dict)
    spell: Spelling = field(default_factory=Spelling)

    def beside(self, key: str, ends: str) -> str:
        """A new key for a resource that belongs to the one with this key."""
        number, name = 1, f"{key} {ends}"  # no name of Terraform has a space
        while name in self.spell.keys:
            number += 1
            name = f"{key} {ends} {number}"
        return self.spell(name)

    def resolve(self, base: str, steps: Sequence[Step], writer: Writer) -> str:
        """The reference in CEL.

        Raises:
            LostError: what is referred to is not carried over.
        """
        if len(steps) > 2 and steps[1][0] in ("splat", "values"):
            return self._all((base, str(steps[0][1])), steps[1][0], steps[2:], writer)
        rest = [writer.step(one) for one in steps if one[0] in ("attr", "index")]
        if base in _ROOTS and steps:
            return f"{_ROOTS[base]}.{spelled(str(steps[0][1]))}{''.join(rest[1:])}"
        if base == "each" and rest:
            return "each" + "".join(rest)
        if (base, rest) == ("count", [".index"]):
            return _INDEX
        if (base, rest) == ("terraform", [".workspace"]):
            return "env.name"
        if base == "data" and (known := _data(steps)):
            return known
        own = (base, str(steps[0][1]) if steps else "")
        key = self.keys.get(own)
        if key is None:
            raise LostError(f"{base}{''.join(rest)} is nothing that is carried over")
        copy, after = self._copy(own, steps[1:], writer)
        if not after:
            raise LostError(f"{key} as a whole has no counterpart; name its attributes")
        first = spelled(str(after[0][1])) if base == "module" else _attribute(base, after[0])
        return f"{key}{copy}.{first}" + "".join(writer.step(one) for one in after[1:])

    def _all(self, own: tuple[str, str], kind: str, after: Sequence[Step], writer: Writer) -> str:
        """The list that ``x[*].name`` gives of copies by number, or ``values(x)[*].name`` of those by key."""
        key = self.keys.get(own)
        by_key = own in self.each
        if key is None or by_key != (kind == "values"):
            raise LostError(f"{'.'.join(own)}[*] is nothing that is carried over")
        name = spelled(str(after[0][1])) if own[0] == "module" else _attribute(own[0], after[0])
        rest = name + "".join(writer.step(one) for one in after[1:])
        if by_key:
            return f"{key}.map(one, {key}[one].{rest})"
        if own in self.numbers:
            each = (f'{key}["{at}"].{rest}' for at in range(self.numbers[own]))
            return f"[{', '.join(each)}]"
        return (
            f"({key} != null ? [{key}.{rest}] : [])" if own in self.counted else f"[{key}.{rest}]"
        )

    def _copy(
        self, own: tuple[str, str], steps: Sequence[Step], writer: Writer
    ) -> tuple[str, Sequence[Step]]:
        """Which copy is meant, and the steps after that."""
        if not steps or steps[0][0] != "index":
            return "", steps
        index, after = writer.cel(steps[0][1]), steps[1:]
        match self.counted.get(own):
            case None:
                return f"[{index}]", after
            case Counted.MAYBE if index == "0":
                return "", after
            case Counted.COPIES if index == _INDEX:
                return "[each.key]", after
            case Counted.COPIES if index.isdigit():
                return f'["{index}"]', after
        raise LostError(f"{'.'.join(own)}[{index}]: which copy that is cannot be told")


_OF_DATA: Final[Mapping[tuple[str, str], str]] = {
    ("aws_caller_identity", "account_id"): "env.account",
    ("aws_region", "name"): "env.region",
    ("aws_region", "id"): "env.region",
    ("aws_region", "region"): "env.region",
    ("aws_partition", "partition"): '(env.region.startsWith("cn-") ? "aws-cn" : '
    'env.region.startsWith("us-gov-") ? "aws-us-gov" : "aws")',
}
KNOWN_DATA: Final = frozenset({SOURCE, *(type_ for type_, _ in _OF_DATA)})
"""Data sources that are carried over where they are used."""


def _data(steps: Sequence[Step]) -> str:
    """What a data source gives that an environment knows; empty where it does not."""
    if len(steps) != 3 or any(kind != "attr" for kind, _ in steps):
        return ""
    return _OF_DATA.get((str(steps[0][1]), str(steps[2][1])), "")


def _attribute(type_: str, step: Step) -> str:
    row, name = ROWS[type_], str(step[1])
    target = row.attributes.get(name) or row.fields.get(name)
    # Terraform has these as other kinds of values.
    other = target in _OTHER_KINDS or f"{type_}.{name}" in ENCODED
    if step[0] != "attr" or not isinstance(target, str) or other:
        raise LostError(f"{type_} has no attribute {name} that is known here")
    return target


def names_of(blocks: Iterable[Block]) -> Names:
    """The names of the resources and modules of a configuration."""
    found = Names()
    for block in blocks:
        match block.kind, block.labels:
            case "resource", (type_, name) if type_ in ROWS:
                own, other = (type_, name), f"{type_[4:]}_{name}"
            case "module", (name,):
                own, other = ("module", name), f"{name}_module"
            case _:
                continue
        taken = any(name == known for _, known in found.keys)
        found.keys[own] = found.spell(other if taken else name)
        found.blocks[own] = block
        if "for_each" in block.attributes:
            found.each.add(own)
        if "count" in block.attributes:
            found.counted[own] = Counted.MAYBE  # until the number is known
    return found


def spelled(name: str) -> str:
    """The name of a variable, local or output, as specs spell names."""
    return Spelling()(name)


def maps_of(blocks: Iterable[Block], writer: Writer) -> Mapping[str, bool]:
    """Whether variables and locals are maps, as far as their types and values say it; others are lists."""
    found: dict[str, bool] = {}
    for block in blocks:
        named = block.attributes if block.kind == "locals" else {}
        if block.kind == "variable":
            key, type_ = f"vars.{spelled(block.labels[0])}", block.attributes.get("type")
            head = word(stripped(type_.value)).partition("(")[0] if type_ is not None else ""
            if head in _MAPS or head in _LISTS:
                found[key] = head in _MAPS
            elif type_ is None and "default" in block.attributes:
                _note(found, key, block.attributes["default"], writer)
        for name, attribute in named.items():
            _note(found, f"locals.{spelled(name)}", attribute, writer)
    return found


def _note(found: dict[str, bool], key: str, attribute: Attribute, writer: Writer) -> None:
    tree = stripped(attribute.value)
    try:
        value = writer.value(tree)
    except LostError:
        return
    if isinstance(value, (dict, list)):
        found[key] = isinstance(value, dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Finds what a local holds, where the configuration writes it out. ``locals_`` are by their names in a spec."""

    locals_: Mapping[str, Attribute]
    writer: Writer
    found: dict[str, Any] = field(default_factory=dict)

    def __call__(self, cel: Cel) -> Any:
        """The map that the local which the CEL names holds; else the CEL."""
        root, _, name = cel.text.partition(".")
        attribute = self.locals_.get(name) if root == "locals" else None
        if attribute is None:
            return cel
        if name not in self.found:
            self.found[name] = cel  # where locals need each other in a circle
            try:
                value = replace(self.writer, known=self).value(attribute.value)
                self.found[name] = value if isinstance(value, (dict, Merged)) else cel
            except LostError:
                pass
        return self.found[name]
