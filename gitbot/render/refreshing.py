"""Renders what a refresh takes over into state, as lines of the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.model.drift import Difference, Differs
from gitbot.model.names import StackId
from gitbot.model.plan import short_digest
from gitbot.render.escape import clean
from gitbot.render.terminal import Line
from gitbot.render.values import value_words

_LEFT = "  stays in state as it was:"


def refresh_lines(
    stack: StackId, taken: Iterable[Difference], kept: Iterable[Difference], digest: str = ""
) -> tuple[Line, ...]:
    """The lines about one stack; one line where state is as the cloud is. ``digest`` names what is
    taken."""
    took, left = tuple(map(_line, taken)), tuple(map(_line, kept))
    if not took and not left:
        return (Line(f"{stack.label}: state is as the cloud is", "green"),)
    named = f". Digest {short_digest(digest)} names exactly this." if took and digest else ""
    heading = Line(f"{stack.label}: {len(took)} to record{named}", "bold")
    return (heading, *took, *((Line(_LEFT, "yellow"), *left) if left else ()))


def _line(one: Difference) -> Line:
    place = f"{one.address}{one.path}"
    if one.how is Differs.GONE:
        words = f"{place} was deleted outside gitbot: it leaves state"
    else:
        words = f"{place}: {_side(one.recorded)} → {_side(one.observed)}"
    why = f". {one.detail}" if one.detail else ""
    return Line(f"  {clean(words)}{why}".replace("\n", " "))


def _side(value: object) -> str:
    return "not set" if value is None else value_words(value)  # type: ignore[arg-type]
