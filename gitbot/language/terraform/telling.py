"""Tells what of a configuration no part of a spec says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from gitbot.language.terraform.filling import Filler
from gitbot.language.terraform.reading import Block
from gitbot.language.terraform.references import KNOWN_DATA, spelled
from gitbot.language.terraform.values import Cel, Merged

_SPOKEN: Final = {
    "data": "a data source is a lookup here: write it below spec.lookups",
    "moved": "write the move below spec.moved",
    "import": "write it below spec.imports",
    "check": "write it below spec.checks",
}
_WRITTEN: Final = frozenset({"variable", "locals", "resource", "module", "output", "terraform"})


def tell_others(blocks: Sequence[Block], filler: Filler) -> None:
    """Keep what no section of a spec is for."""
    for block in blocks:
        if block.kind in _WRITTEN or (block.kind == "data" and block.labels[0] in KNOWN_DATA):
            continue
        if block.kind == "provider":
            _provider(block, filler)
        else:
            words = ".".join((block.kind, *block.labels))
            why = _SPOKEN.get(block.kind, "it has no counterpart")
            filler.lose(block, block.line, f"{words}: {why}")


def _provider(block: Block, filler: Filler) -> None:
    if "alias" in block.attributes:
        what = "another region or account is another environment, or spec.regions of a stack"
        filler.lose(block, block.line, f"provider.{block.labels[0]} has an alias: {what}")
    for one in block.inner("default_tags"):
        what = "write these tags in environment.yaml, below spec.tags"
        filler.lose(one, one.line, f"default_tags: {what}")


def tell_names(blocks: Sequence[Block], filler: Filler, text: str) -> None:
    """Keep which names become one, and which locals the spec in ``text`` uses and cannot have."""
    for kind in ("variable", "output"):
        found = ((block.labels[0], block) for block in blocks if block.kind == kind)
        _check_spelling(found, filler)
    pairs = [(key, one) for one in blocks if one.kind == "locals" for key in one.attributes]
    _check_spelling(pairs, filler)
    for key, block in pairs:
        used = re.search(rf"locals\.{re.escape(spelled(key))}\b", text) is not None
        if used and isinstance(filler.writer.known(Cel(f"locals.{spelled(key)}")), Merged):
            what = f"local.{key}: merge() of maps that are not written out is known for tags only"
            filler.lose(block, block.attributes[key].line, what)


def _check_spelling(names: Iterable[tuple[str, Block]], filler: Filler) -> None:
    first: dict[str, str] = {}
    for name, block in names:
        other = first.setdefault(spelled(name), name)
        if other != name:
            what = f"{name} and {other} would both be {spelled(name)}: rename one of them"
            filler.lose(block, block.line, what)
