"""Finds the addresses in a spec, and the identifiers, of the objects that Terraform's state knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gitbot.language.terraform.state import Instance, Key

Identify: TypeAlias = "Callable[[Mapping[str, Any]], str | None]"
"""The identifier that gitbot has for an object, from Terraform's attributes of it; None if it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A resource that was written for one of Terraform: its key, and how its objects are identified."""

    key: str
    identify: Identify


@dataclass(slots=True, kw_only=True)
class Written:
    """What was written of a configuration: the pieces of its resources and its modules, by name.

    ``copied`` are the keys of resources and modules that have ``forEach``.
    """

    pieces: dict[tuple[str, str], list[Piece]] = field(default_factory=dict)
    modules: dict[str, tuple[str, Written]] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)

    def add(self, own: tuple[str, str], piece: Piece) -> None:
        """Keep that the piece was written for this resource of Terraform."""
        self.pieces.setdefault(own, []).append(piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """Identifiers by the addresses in the spec, and of what is not imported: its address, and why."""

    ids: Mapping[str, str]
    left: tuple[tuple[str, str], ...]


def imports_of(written: Written, instances: Iterable[Instance]) -> Imports:
    """The imports of all objects, as far as the spec has them."""
    ids: dict[str, str] = {}
    left: list[tuple[str, str]] = []
    for one in instances:
        for address, identifier, why in _places(written, one):
            if identifier:
                ids[address] = identifier
            else:
                left.append((one.address, why))
    return Imports(ids=ids, left=tuple(left))


def _places(written: Written, one: Instance) -> Iterator[tuple[str, str | None, str]]:
    """For each piece of the object: its address and identifier, or why there is none."""
    prefix = ""
    for name, key in one.modules:
        if name not in written.modules:
            yield "", None, f"module.{name} is not carried over"
            return
        own, inner = written.modules[name]
        step = _step(written, own, key)
        if step is None:
            yield "", None, f"the copies of module.{name} are not carried over"
            return
        prefix, written = f"{prefix}{step}.", inner
    pieces = written.pieces.get((one.type, one.name))
    if not pieces:
        yield "", None, "the configuration has it no more, or it is not carried over"
    for piece in pieces or ():
        step = _step(written, piece.key, one.key)
        if step is None:
            yield "", None, "its copies are not carried over"
        else:
            yield f"{prefix}{step}", piece.identify(one.attributes), _unnamed(piece)


def _unnamed(piece: Piece) -> str:
    return f"the state does not name what is {piece.key} in the spec"


def _step(written: Written, own: str, key: Key) -> str | None:
    """The step of an address; None where the copy is not in the spec. ``count`` of one is no copy."""
    if own in written.copied:
        return None if key is None else f'{own}["{key}"]'
    return own if key is None or key == 0 else None


def by_attributes(pattern: str) -> Identify:
    """The identifier that a pattern such as ``{route_table_id}|{destination_cidr_block}`` gives."""

    def identify(attributes: Mapping[str, Any]) -> str | None:
        given = {name: one for name, one in attributes.items() if isinstance(one, str) and one}
        try:
            return pattern.format_map(given)
        except KeyError:
            return None

    return identify
