"""Renders what the cloud has that is newer than what stacks were applied with. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitbot.model.names import Address, StackId
from gitbot.model.newer import LostSecret, Newer, NewerAnswer, Rotation
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Span, Spans, Words

_MOST = 50


def newer_blocks(found: Mapping[StackId, Sequence[Newer]]) -> Iterator[Block]:
    """A list with one entry for each thing, by stack; nothing where there is none."""
    items = [_item(stack, one) for stack, some in sorted(found.items()) for one in some]
    if not items:
        return
    yield Paragraph(
        spans=(Words("What stacks use and do not manage has moved on since they were applied:"),)
    )
    yield Bullets(items=tuple(items[:_MOST]))
    if len(items) > _MOST:
        yield Paragraph(spans=(Words(f"And {len(items) - _MOST} more."),))


def _item(stack: StackId, one: Newer) -> Spans:
    place: Spans = (Code(stack.label), Words(": "))
    match one:
        case NewerAnswer(lookup=lookup, says=says):
            return (*place, Code(lookup), Words(f": {says}."))
        case LostSecret(reference=reference, says=says):
            return (
                *place,
                Code(reference),
                Words(f" cannot be had any more, so the stack cannot be planned. {says}"),
            )
        case Rotation():
            return (*place, *_rotated(one))


def _rotated(one: Rotation) -> Iterator[Span]:
    if one.secrets:
        yield Words("rotated: ")
        yield Code(", ".join(one.secrets))
        yield Words(". ")
    else:
        yield Words("a secret in `replaceWhen` was rotated. ")
    if one.refused:
        yield Words(f"What the next apply would do is not known: {one.refused}")
        return
    if not (one.updates or one.replaces):
        yield Words("The next apply changes nothing for it.")
        return
    yield Words("The next apply ")
    if one.updates:
        yield Words("updates ")
        yield from _names(one.updates)
    if one.replaces:
        yield Words(" and replaces " if one.updates else "replaces ")
        yield from _names(one.replaces)
    yield Words(".")


def _names(addresses: Sequence[Address]) -> Iterator[Span]:
    for n, address in enumerate(addresses):
        if n:
            yield Words(", ")
        yield Code(address)
