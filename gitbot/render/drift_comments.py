"""Renders the comments on the issues that tell of drift. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from gitbot.model.drift import Again, Difference, Differs, How, News, NewsKind
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Spans, Strong, Words
from gitbot.render.drift import resource_blocks, thing, time_words
from gitbot.render.markdown import LONGEST_COMMENT, markdown

_LINES = (200, 40, 10, 1, 0)
_MOST_ENDED = 100

_HOW: Mapping[How, str] = {
    How.APPLIED: "an apply put it back",
    How.PUT_BACK: "it was put back in the cloud, not by gitbot",
    How.ADOPTED: "the specs want it as the cloud has it",
    How.IGNORED: "the environment's `drift.ignore` names it now",
    How.HEALED: "gitbot put it back by itself, as the environment's `drift.heal` says",
    How.REMOVED: "the stack is gone",
    How.SWITCHED_OFF: "nobody looks for drift here any more, as the specs say",
}
_HOW_OTHERS: Mapping[Differs, Mapping[How, str]] = {
    Differs.UNMANAGED: {
        How.PUT_BACK: "it is deleted",
        How.APPLIED: "a stack has it now",
        How.ADOPTED: "a stack has it now",
    },
    Differs.ERROR: dict.fromkeys((How.PUT_BACK, How.APPLIED, How.ADOPTED), "looking works again"),
    Differs.ROLLED_UP: dict.fromkeys(
        (How.PUT_BACK, How.APPLIED, How.ADOPTED), "it has an issue of its own, or nothing differs"
    ),
}


def drift_comment(news: News) -> str:
    """The comment that says this news. It is shortened resource by resource."""
    for lines in _LINES:
        text = markdown(tuple(_blocks(news, lines)))
        if len(text) <= LONGEST_COMMENT - 1_000:
            return text
    return text[: LONGEST_COMMENT - 1_000]


def _blocks(news: News, lines: int) -> Iterator[Block]:
    match news.kind:
        case NewsKind.CHANGED:
            if news.appeared:
                yield Paragraph(spans=(Strong("New, or different from before:"),))
                yield from resource_blocks(news.appeared, {}, lines)
            yield from _ended(news, "Over:")
        case NewsKind.ENDED:
            yield from _ended(news, "This is over:")
            if not news.ended:
                yield Paragraph(spans=(Strong("This is over."),))
        case NewsKind.ACKNOWLEDGED:
            yield Paragraph(spans=tuple(_acknowledged(news)))
        case NewsKind.REOPENED:
            yield Paragraph(spans=tuple(_again(news)))
            if news.again is not Again.STILL_THERE:
                yield from resource_blocks(news.appeared, {}, lines)
        case _:
            assert_never(news.kind)


def _ended(news: News, title: str) -> Iterator[Block]:
    items: list[Spans] = [
        (*thing(one.difference), Words(f": {_how_words(one.difference, one.how)}"))
        for one in news.ended[:_MOST_ENDED]
    ]
    more = len(news.ended) - _MOST_ENDED
    if more > 0:
        items.append((Words(f"and {more} more"),))
    if items:
        yield Paragraph(spans=(Strong(title),))
        yield Bullets(items=tuple(items))


def _acknowledged(news: News) -> Iterator[Words | Code]:
    yield Code(news.by)
    until = "" if news.until is None else f" until {time_words(news.until)}"
    yield Words(
        f" closed this as not planned, so gitbot says nothing more about it{until}, unless something "
        "else differs. To hear of it before, open the issue again."
    )


def _again(news: News) -> Iterator[Words | Code]:
    match news.again:
        case Again.RECURRED:
            yield Words("It is back.")
        case Again.CHANGED:
            yield Words("Something else differs since this was closed:")
        case Again.TIME_IS_UP:
            yield Words("Seven days are over, and it is still so.")
        case _:
            yield Words("This was closed")
            if news.by:
                yield Words(" by ")
                yield Code(news.by)
            yield Words(
                ", but gitbot has looked again and nothing has changed in the cloud. To be left alone "
                "for seven days, close it as not planned."
            )


def _how_words(difference: Difference, how: How) -> str:
    """How a difference ended, as a clause."""
    return _HOW_OTHERS.get(difference.how, {}).get(how) or _HOW[how]
