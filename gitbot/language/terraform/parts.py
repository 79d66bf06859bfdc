"""Puts what Terraform cuts out of an object, such as a bucket's versioning, into its properties. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gitbot.language.terraform.expressions import Step, reference, stripped
from gitbot.language.terraform.filling import Filler, set_default
from gitbot.language.terraform.metas import Metas
from gitbot.language.terraform.part_tables import PARTS, Part
from gitbot.language.terraform.reading import Attribute, Block, data_of, word
from gitbot.language.terraform.references import Names
from gitbot.language.terraform.tables import Item
from gitbot.language.terraform.values import Cel, LostError

_TEXTS: Final = {"id", "bucket", "arn", "name"}
_EACH: Final = frozenset({"each.key", "each.value"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Puts parts into the resources of a configuration."""

    names: Names
    filler: Filler
    metas: Metas

    def put(self, block: Block, found: Mapping[str, Any]) -> None:
        """Put the part into its owner, or keep why that cannot be."""
        part, words = PARTS[block.labels[0]], ".".join(block.labels)
        owner, steps = self._owner(block, part.of)
        if owner is None or owner not in found:
            self.filler.lose(block, block.line, f"{words}: its {part.of} is no resource here")
            return
        inside = {key: one for key, one in block.attributes.items() if key != part.of}
        rest, into = replace(block, attributes=inside), found[owner]
        if self._is_list(part, rest, into):
            return
        if not self._same_copies(block, steps, into):
            what = f"{words} is there for some copies only, and {owner} would have it always"
            self.filler.lose(block, block.line, what)
            return
        self._lifecycle(block, words)
        self.filler.fill(into["properties"], part.fields, rest, block.labels[0])
        for path, value in part.always.items():
            set_default(into["properties"], path, value)

    def _lifecycle(self, block: Block, words: str) -> None:
        for inner in block.inner("lifecycle"):
            self.filler.lose(inner, inner.line, f"{words}.lifecycle: write it at its owner")

    def _owner(self, block: Block, argument: str) -> tuple[str | None, list[Step]]:
        """The key of the resource that the argument names, and the steps from there."""
        attribute = block.attributes.get(argument)
        try:
            base, steps = reference(attribute.value) if attribute is not None else ("", [])
        except LostError:
            return None, []
        if not steps or steps[-1][0] != "attr" or steps[-1][1] not in _TEXTS:
            return None, []
        return self.names.keys.get((base, str(steps[0][1]))), steps[1:-1]

    def _is_list(self, part: Part, block: Block, into: Mapping[str, Any]) -> bool:
        """Whether the copies of the part are the elements of one list of an owner; then they are put."""
        (field,) = part.fields.values() if len(part.fields) == 1 else (None,)
        each = block.attributes.get("for_each")
        if not isinstance(field, Item) or each is None or into.keys() & {"forEach", "when"}:
            return False
        try:
            values = self.filler.writer.value(each.value)
            (name,) = part.fields
            one = self.filler.writer.value(block.attributes[name].value)
        except (LostError, KeyError):
            return False
        if not isinstance(one, Cel) or one.text not in _EACH:
            return False
        if isinstance(values, dict):
            values = list(values if one.text == "each.key" else values.values())
        there = into["properties"].get(field.name, [])
        if isinstance(values, list) and isinstance(there, list):
            into["properties"][field.name] = [*there, *values]
            return True
        if isinstance(values, Cel) and _is_set(each) and not there:
            into["properties"][field.name] = values
            return True
        return False

    def _same_copies(self, block: Block, steps: list[Step], into: Mapping[str, Any]) -> bool:
        """Whether there is one part for each copy of the owner."""
        quiet = replace(self.filler, lost=[])
        copies = replace(self.metas, filler=quiet).copies(block)
        if block.attributes.keys() & {"count", "for_each"} and not copies:
            return False
        own = {key: into[key] for key in ("forEach", "when") if key in into}
        index = self.filler.writer.cel(steps[0][1]) if steps and steps[0][0] == "index" else None
        if "forEach" in own:
            return copies == own and index in ("each.key", "int(each.key)")
        return copies == own and index in (None, "0")


def _is_set(attribute: Attribute) -> bool:
    """Whether it is ``toset(…)``: then keys and values are the same."""
    tree = stripped(attribute.value)
    return data_of(tree) == "function_call" and word(tree.children[0]) == "toset"
