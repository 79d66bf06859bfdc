"""Renders what a plan has looked up, and what it would find now. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.lookups import KeptLookup, Pick, PlannedLookup
from gitbot.model.plan import OutputChange, Plan
from gitbot.model.values import Value
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    DiffLine,
    Fold,
    Rank,
    Sign,
    Spans,
    Words,
)
from gitbot.render.line_diff import wrapped
from gitbot.render.path_lines import output_lines
from gitbot.render.values import value_words


def lookup_blocks(plan: Plan) -> Iterator[Block]:
    """A fold for each lookup that an apply would record, then what stays, and what is newer."""
    for one in plan.new_lookups:
        yield Fold(
            symbol="?", name=one.address, about=_about(one), diff=tuple(wrapped(lookup_lines(one)))
        )
    remarks = [one for one in plan.lookups if one.remark]
    if remarks:
        yield Bullets(items=tuple(_remark(one) for one in remarks))
    stays = [one for one in plan.lookups if not one.moves]
    if stays:
        yield Fold(
            symbol="?",
            name="lookups",
            about="stay as they are recorded",
            diff=tuple(
                wrapped(DiffLine(Sign.NOTE, f"{one.address}: {_found(one)}") for one in stays)
            ),
            rank=Rank.DETAIL,
        )


def lookup_lines(one: PlannedLookup) -> Iterator[DiffLine]:
    """What the lookup asks, and what it has found."""
    yield DiffLine(Sign.NOTE, f"asks: {_asked(one)}")
    before, found = one.before, one.found
    if found is None:
        return
    yield from _line("found", _ids(before), _ids(found), new=before is None)
    for name, value in sorted(found.attributes.items()):
        known = before.attributes if before is not None else {}
        if name not in known or known[name] != value:
            yield from _line(name, known.get(name), value, new=name not in known)


def _line(name: str, before: Value, after: Value, *, new: bool) -> Iterator[DiffLine]:
    if new or before != after:
        yield from output_lines(OutputChange(name=name, before=before, after=after, added=new))


def _ids(kept: KeptLookup | None) -> Value:
    if kept is None:
        return None
    return kept.identifiers[0] if len(kept.identifiers) == 1 else list(kept.identifiers)


def _about(one: PlannedLookup) -> str:
    if one.found is None:
        return f"{one.type} is looked up by the apply, when what it asks is known"
    return f"{one.type} was looked up{'' if one.before is None else ' again'}"


def _asked(one: PlannedLookup) -> str:
    identifier, filter_ = one.asked.get("identifier"), one.asked.get("filter")
    what = identifier if identifier is not None else filter_ or "the only one"
    pick = one.asked.get("pick")
    return value_words(what) + (f", {pick}" if pick != Pick.ONE else "")


def _found(one: PlannedLookup) -> str:
    words = value_words(_ids(one.found))
    if one.found is None or not one.found.attributes:
        return words
    return f"{words} {value_words(one.found.attributes)}"


def _remark(one: PlannedLookup) -> Spans:
    return (Code(one.address), Words(f": {one.remark}."))
