"""Writes locals, outputs and values of variables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitbot.language.terraform.filling import Filler, Lost
from gitbot.language.terraform.reading import Block
from gitbot.language.terraform.references import spelled
from gitbot.language.terraform.secrets import SECRET, is_secret
from gitbot.language.terraform.values import Merged


def values_of(
    given: Mapping[str, Any], file: str, variables: Mapping[str, Any], filler: Filler
) -> dict[str, Any]:
    """The values of the variables, without secret ones: a spec is read by many."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        key = spelled(name)
        if is_secret(name, value, variables.get(key, {})):
            what = f"the value of {name}, which {SECRET}"
            filler.lost.append(Lost(file=file, line=1, detail=what))
        else:
            found[key] = value
    return found


def locals_of(blocks: Iterable[Block], filler: Filler) -> dict[str, Any]:
    """The locals, without those that only tags can use."""
    found: dict[str, Any] = {}
    for block in blocks:
        for key, attribute in block.attributes.items():
            ok, value = filler.try_value(block, f"local.{key}", attribute, merged=True)
            if ok and not isinstance(value, Merged):
                found[spelled(key)] = value
    return found


def outputs_of(blocks: Iterable[Block], filler: Filler) -> Iterator[tuple[str, Any]]:
    """The outputs by name, the value alone where there is nothing else to say."""
    for block in blocks:
        made: dict[str, Any] = {}
        for key in ("value", "description", "sensitive"):
            attribute = block.attributes.get(key)
            what = f"output.{block.labels[0]}.{key}"
            if attribute is not None:
                ok, value = filler.try_value(block, what, attribute)
                made |= {key: value} if ok else {}
        for below in block.blocks:
            what = f"output.{block.labels[0]}.{below.kind}: write it below spec.checks"
            filler.lose(below, below.line, what)
        if "value" in made:
            short = len(made) == 1 and not isinstance(made["value"], (list, dict))
            yield spelled(block.labels[0]), made["value"] if short else made
