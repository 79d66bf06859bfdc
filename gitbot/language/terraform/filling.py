"""Fills properties of resources from arguments and blocks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.terraform.expressions import Writer
from gitbot.language.terraform.reading import Attribute, Block
from gitbot.language.terraform.tables import DOCUMENTS, ENCODED, Field, Inner, Item
from gitbot.language.terraform.values import Cel, LostError, Merged, cel_of, grouped, unmerged

META: Final = frozenset({"count", "for_each", "depends_on", "provider"})
"""Arguments that every resource takes."""
_UNKNOWN: Final = " has no counterpart that is known here"
_MISSING: Final = object()
_PAIRS: Final = frozenset({"Tags", "TagFilters"})
"""Lists of keys and values that Terraform has as maps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What is not in the spec, with its place."""

    file: str
    line: int
    detail: str


@dataclass(slots=True, kw_only=True)
class Filler:
    """Fills maps of properties, and keeps what could not be carried over in ``lost``.

    ``document`` gives the map that an argument with a policy holds; None, and it is lost, where it has none.
    """

    writer: Writer
    document: Callable[[Filler, Block, str, Attribute], Any] = field(repr=False)
    lost: list[Lost] = field(default_factory=list)

    def lose(self, block: Block, line: int, detail: str) -> None:
        """Keep that something in the block is not carried over."""
        self.lost.append(Lost(file=block.file, line=line, detail=detail))

    def try_value(
        self, block: Block, what: str, attribute: Attribute, *, merged: bool = False
    ) -> tuple[bool, Any]:
        """Whether the argument can be written, and its value. ``merged``: it may be ``Merged``."""
        try:
            value = self.writer.value(attribute.value)
            if not merged:
                unmerged(value)
            return True, value
        except LostError as error:
            self.lose(block, attribute.line, f"{what}: {error}")
            return False, None

    def try_quietly(self, attribute: Attribute) -> Any:
        """The value of the argument; None where it cannot be written."""
        try:
            return self.writer.value(attribute.value)
        except LostError:
            return None

    def fill(
        self, into: dict[str, Any], fields: Mapping[str, Field], block: Block, name: str
    ) -> None:
        """Put everything of the block into the map. ``name`` is what problems call the block."""
        whole = fields.get("*")
        if isinstance(whole, Inner):
            own = {k: v for k, v in block.attributes.items() if k in whole.fields}
            rest = {k: v for k, v in block.attributes.items() if k not in whole.fields}
            if own:
                self._put(into, whole, replace(block, attributes=own, blocks=()), name)
            block = replace(block, attributes=rest)
        for key, attribute in block.attributes.items():
            if key not in META:
                self._argument(into, fields, block, f"{name}.{key}", attribute)
        for below in block.blocks:
            known = fields.get(below.kind)
            if isinstance(known, Inner):
                self._put(into, known, below, f"{name}.{below.kind}")
            elif below.kind not in ("lifecycle", "timeouts"):
                self.lose(below, below.line, f"{name}.{below.kind}{_UNKNOWN}")

    def _argument(
        self,
        into: dict[str, Any],
        fields: Mapping[str, Field],
        block: Block,
        what: str,
        attribute: Attribute,
    ) -> None:
        target = fields.get(what.rpartition(".")[2], _MISSING)
        if target is _MISSING:
            self.lose(block, attribute.line, f"{what}{_UNKNOWN}")
        elif isinstance(target, Inner):
            self.lose(block, attribute.line, f"{what} is written as an argument, not as a block")
        elif isinstance(target, Item):
            self._append(into, target.name, block, what, attribute)
        elif isinstance(target, str):
            self._set(into, target, block, what, attribute)

    def _append(
        self, into: dict[str, Any], name: str, block: Block, what: str, attribute: Attribute
    ) -> None:
        written, value = self.try_value(block, what, attribute)
        if not written:
            return
        there = into.setdefault(name, [])
        if isinstance(there, list):
            there.append(value)
        else:
            self.lose(block, attribute.line, f"{what}: {name} is set by one expression already")

    def _put(self, into: dict[str, Any], inner: Inner, block: Block, name: str) -> None:
        made: dict[str, Any] = into if inner.name == "" else {}
        self.fill(made, inner.fields, block, name)
        if inner.name:
            holder, last = _holder(into, inner.name)
            if inner.many:
                holder.setdefault(last, []).append(made)
            else:
                holder[last] = made

    def _set(
        self, into: dict[str, Any], target: str, block: Block, what: str, attribute: Attribute
    ) -> None:
        holder, last = _holder(into, target)
        if last in DOCUMENTS:
            value = self.document(self, block, what, attribute)
        else:
            _, value = self.try_value(block, what, attribute, merged=last in _PAIRS)
        if value is None:
            return
        if last in _PAIRS and isinstance(value, Cel):
            known = self.writer.known(value)
            value = known if isinstance(known, Merged) else value
        try:
            made = encoded(value) if what in ENCODED else shaped(last, value)
            if isinstance(made, Merged):
                cel_of(made)  # there is no way to say it
            holder[last] = made
        except LostError as error:
            self.lose(block, attribute.line, f"{what}: {error}")


def encoded(value: Any) -> Cel:
    """The text in base64."""
    return Cel(f"base64({cel_of(value)})")


def shaped(name: str, value: Any) -> Any:
    """The value as the property wants it.

    Raises:
        LostError: there is no way to say it.
    """
    if name == "IpProtocol" and isinstance(value, int):
        return str(value)
    if name not in _PAIRS:
        return value
    if isinstance(value, Merged):
        return Cel(
            " + ".join(_without(value.parts[at + 1 :], one) for at, one in enumerate(value.parts))
        )
    if isinstance(value, dict):
        return [{"Key": key, "Value": _tag(one)} for key, one in value.items()]
    return Cel(_pairs(value, ""))


def _tag(value: Any) -> Any:
    """The text that Terraform makes of a number or a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _pairs(value: Any, wanted: str) -> str:
    of = grouped(cel_of(value))
    return f'{of}{wanted}.map(key, {{"Key": key, "Value": {of}[key]}})'


def _without(later: Sequence[Any], value: Any) -> str:
    """The pairs of the map whose keys no later map has."""
    asked = " || ".join(f"key in {grouped(cel_of(one))}" for one in later)
    if isinstance(value, dict) and not asked:
        return cel_of(shaped("Tags", value))
    return _pairs(value, f".filter(key, !({asked}))" if asked else "")


def set_default(into: dict[str, Any], path: str, value: Any) -> None:
    """Set the property at the path, ``A/B``, where it is not set."""
    holder, last = _holder(into, path)
    holder.setdefault(last, value)


def _holder(into: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *parents, last = path.split("/")
    for parent in parents:
        into = into.setdefault(parent, {})
    return into, last
