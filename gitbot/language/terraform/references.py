"""Writes references between the blocks of a configuration as CEL. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gitbot.language.cloudformation.converting import Spelling
from gitbot.language.terraform.expressions import LostError, Step, Writer
from gitbot.language.terraform.reading import Block, data_of, word
from gitbot.language.terraform.tables import ROWS

_ROOTS: Final[Mapping[str, str]] = {"var": "vars", "local": "locals"}
_INDEX: Final = "int(each.key)"


class Counted(StrEnum):
    """What ``count`` makes of a block: copies by number, or one that may be missing."""

    COPIES = "copies"
    MAYBE = "maybe"


@dataclass(slots=True, kw_only=True)
class Names:
    """The keys of resources and modules by Terraform's type and name, and how they are counted."""

    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    counted: dict[tuple[str, str], Counted] = field(default_factory=dict)

    def resolve(self, base: str, steps: Sequence[Step], writer: Writer) -> str:
        """The reference in CEL.

        Raises:
            LostError: what is referred to is not carried over.
        """
        rest = [writer.step(one) for one in steps]
        if base in _ROOTS and steps:
            return f"{_ROOTS[base]}.{spelled(str(steps[0][1]))}{''.join(rest[1:])}"
        if base == "each" and rest:
            return "each" + "".join(rest)
        if (base, rest) == ("count", [".index"]):
            return _INDEX
        if (base, rest) == ("terraform", [".workspace"]):
            return "env.name"
        own = (base, str(steps[0][1]) if steps else "")
        key = self.keys.get(own)
        if key is None:
            raise LostError(f"{base}{''.join(rest)} is nothing that is carried over")
        copy, after = self._copy(own, steps[1:], writer)
        if not after:
            raise LostError(f"{key} as a whole has no counterpart; name its attributes")
        first = spelled(str(after[0][1])) if base == "module" else _attribute(base, after[0])
        return f"{key}{copy}.{first}" + "".join(writer.step(one) for one in after[1:])

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


def _attribute(type_: str, step: Step) -> str:
    row, name = ROWS[type_], str(step[1])
    target = row.attributes.get(name) or row.fields.get(name)
    if step[0] != "attr" or not isinstance(target, str):
        raise LostError(f"{type_} has no attribute {name} that is known here")
    return target


def names_of(blocks: Iterable[Block]) -> Names:
    """The names of the resources and modules of a configuration."""
    found, spell = Names(), Spelling()
    for block in blocks:
        match block.kind, block.labels:
            case "resource", (type_, name) if type_ in ROWS:
                own, other = (type_, name), f"{type_[4:]}_{name}"
            case "module", (name,):
                own, other = ("module", name), f"{name}_module"
            case _:
                continue
        taken = any(name == known for _, known in found.keys)
        found.keys[own] = spell(other if taken else name)
        if "count" in block.attributes:
            found.counted[own] = _counted(block)
    return found


def _counted(block: Block) -> Counted:
    tree = block.attributes["count"].value
    while data_of(tree) == "expr_term" and len(tree.children) == 1:
        tree = tree.children[0]
    return Counted.COPIES if word(tree).isdigit() else Counted.MAYBE


def spelled(name: str) -> str:
    """The name of a variable, local or output, as specs spell names."""
    return Spelling()(name)
