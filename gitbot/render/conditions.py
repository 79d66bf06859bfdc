"""Renders what is told of preconditions, postconditions and checks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitbot.model.conditions import ConditionKind, OpenCondition
from gitbot.render.blocks import Block, Bullets, Code, Rank, Spans, Strong, Words

_AFTERWARDS = {
    ConditionKind.PRECONDITION: "nothing of the stack is changed before it holds",
    ConditionKind.POSTCONDITION: "an apply fails after this resource, and does nothing that "
    "depends on it",
    ConditionKind.CHECK: "it stops nothing",
}
_WHEN = {
    ConditionKind.PRECONDITION: "before this resource is touched",
    ConditionKind.POSTCONDITION: "after this resource",
    ConditionKind.CHECK: "when everything else is done",
}


def condition_blocks(conditions: Sequence[OpenCondition]) -> Iterator[Block]:
    """The blocks of a plan: what does not hold now, then what is checked at apply."""
    failed = [one for one in conditions if one.holds is False]
    if failed:
        yield Bullets(items=tuple(map(unmet_words, failed)), rank=Rank.VITAL)
    opened = [one for one in conditions if one.holds is None]
    if opened:
        yield Bullets(items=tuple(map(_open, opened)))


def result_items(unmet: Iterable[OpenCondition]) -> tuple[Spans, ...]:
    """The items about checks after an apply."""
    return tuple(unmet_words(one) if one.holds is False else _unasked(one) for one in unmet)


def unmet_words(one: OpenCondition) -> Spans:
    """What is said of a condition that does not hold."""
    return (
        Strong(f"⚠ A {one.kind.value} does not hold"),
        Words(": "),
        Code(one.address),
        Words(f": {one.says} ({_AFTERWARDS[one.kind]})."),
    )


def _open(one: OpenCondition) -> Spans:
    return (
        Words(f"The {one.kind.value} of " if one.kind is not ConditionKind.CHECK else ""),
        Code(one.address),
        Words(f" is checked at apply, {_WHEN[one.kind]}: {one.says}."),
    )


def _unasked(one: OpenCondition) -> Spans:
    return (
        Strong("⚠ A check could not be asked"),
        Words(": "),
        Code(one.address),
        Words(f": {one.says}. The cloud does not give what it uses."),
    )
